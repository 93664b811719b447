"""The result of `topics create` as a table."""

from collections.abc import Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.wire.output.operations.processes import TopicDocument

_STYLE: Final = {"created": "green", "differs": "yellow", "ok": "dim"}


def show_topics(screen: Console, topics: Sequence[TopicDocument]) -> None:
    """Print one row per topic, and one more per setting that differs."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Topic", overflow="fold")
    table.add_column("Partitions", justify="right")
    table.add_column("", no_wrap=True)
    table.add_column("Setting", no_wrap=True)
    table.add_column("Is", overflow="fold")
    table.add_column("Required", overflow="fold")
    for topic in topics:
        state = Text(topic["state"], _STYLE[topic["state"]])
        first: list[str | Text] = [Text(topic["topic"]), str(topic["partitions"]), state]
        if not topic["differences"]:
            table.add_row(*first, "", "", "")
        for one in topic["differences"]:
            table.add_row(*first, Text(one["setting"]), Text(one["found"]), Text(one["wanted"]))
            first = ["", "", ""]
    screen.print(table)
