"""A table of the settings in force."""

from collections.abc import Iterable, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text


def show_settings(screen: Console, settings: Iterable[Mapping[str, Any]]) -> None:
    """Print one row per setting: `name`, `value` and `origin`; values that are set stand out."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Setting", no_wrap=True)
    table.add_column("Value", overflow="fold")
    table.add_column("From", overflow="fold")
    for setting in settings:
        style = "dim" if setting["origin"] == "default" else "bold"
        value = str(setting["value"])
        table.add_row(
            Text(setting["name"]), Text(value, style) if value else Text("(empty)", "dim"), Text(setting["origin"])
        )
    screen.print(table)
