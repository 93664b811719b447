"""A rebuild on a terminal."""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.wire.output.operations.processes import RebuildDocument

_SAID = {
    "served": "The new view is served, {seconds:,} seconds after the rebuild began.",
    "building": "The rebuild has started, and the workers continue it. Follow it with `signal-engine rebuild`.",
    "given_up": "The rebuild was cancelled. The served view, if any, stays.",
}


def show_rebuild(console: Console, report: RebuildDocument) -> None:
    """Print the outcome of a rebuild, and how much there was to read."""
    if report["records"]:
        table = Table(box=None, pad_edge=False)
        table.add_column("topic")
        table.add_column("records", justify="right")
        for topic, records in report["records"].items():
            table.add_row(Text(topic), f"{records:,}")
        console.print(table)
    console.print(_SAID[report["state"]].format(**report))
