"""`match report` for people: how many rows find their account by name, and the names that do not."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words
from signal_engine.wire.output.operations.matching import MatchDocument, MissedNameDocument


def show_matches(screen: Console, document: MatchDocument, top: int) -> None:
    """Counts, then the `top` names of most rows that are unmatched, and that are ambiguous."""
    rows, names = document["rows"], document["names"]
    screen.print(Text.assemble((one_line(document["export"]), "bold"), f": {words.count(rows['rows'], 'row')}"))
    for what in ("matched", "unmatched", "ambiguous"):
        screen.print(f"  {what:<10} {rows[what]:>9,} rows, {names[what]:,} names")
    if rows["otherwise"]:
        screen.print(f"  {'by domain':<10} {rows['otherwise']:>9,} rows")
    if rows["nameless"]:
        screen.print(f"  {'no name':<10} {rows['nameless']:>9,} rows")
    _show(screen, "Unmatched names", document["unmatched"], names["unmatched"], top)
    _show(screen, "Ambiguous names", document["ambiguous"], names["ambiguous"], top)


def _show(screen: Console, title: str, missed: Sequence[MissedNameDocument], count: int, top: int) -> None:
    if not missed or not top:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title=title, title_justify="left")
    table.add_column("Name")
    table.add_column("rows", justify="right")
    if any(one["candidates"] for one in missed):
        table.add_column("may be")
    for one in missed[:top]:
        candidates = [", ".join(one["candidates"])] if one["candidates"] else []
        table.add_row(one_line(one["name"]), f"{one['rows']:,}", *candidates)
    screen.print(table)
    if count > top:
        screen.print(f"  and {words.count(count - top, 'other name')}")
