"""A rebuild on a terminal."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_SAID = {
    "served": "The new view is served, {seconds:,} seconds after the rebuild began.",
    "building": "The rebuild has begun; the workers go on with it. `signal-engine rebuild` follows it.",
    "given_up": "The rebuild was given up. What is served, if anything, stays.",
}


def show_rebuild(console: Console, told: dict[str, Any]) -> None:
    """What became of it, and what there was to read."""
    if told["records"]:
        table = Table(box=None, pad_edge=False)
        table.add_column("topic")
        table.add_column("records", justify="right")
        for topic, records in told["records"].items():
            table.add_row(Text(topic), f"{records:,}")
        console.print(table)
    console.print(_SAID[told["state"]].format(**told))
