"""Deliveries for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.operations.deliveries import (
    DeliveryDocument,
    DestinationStats,
    LastByType,
    LedgerDocument,
    StatsDocument,
    UnreachedStats,
)
from signal_engine.wire.output.words import count

_HEADINGS: Final = ("Changed (UTC)", "Account", "Type", "To", "For", "State", "Said", "Id")
_STATE: Final = _HEADINGS.index("State")
_MOST_FOLDED: Final = 500
"""Rows of a table that is folded to the width of the terminal."""
_STYLES = {
    "sent": "green",
    "failed": "bold red",
    "given_up": "bold red",
    "uncertain": "yellow",
    "suppressed": "dim",
    "overdue": "yellow",
}


def show_deliveries(screen: Console, document: LedgerDocument) -> None:
    """A row per delivery, the newest first."""
    if not document["deliveries"]:
        screen.print("No such deliveries.")
        return
    rows = [_cells(one) for one in document["deliveries"]]
    if len(rows) > _MOST_FOLDED:
        _show_plainly(screen, rows)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for one, cells in zip(document["deliveries"], rows, strict=True):
        state = Text(cells[_STATE], _STYLES.get(one["status"], ""))
        table.add_row(*cells[:_STATE], state, *cells[_STATE + 1 :])
    screen.print(table)


def _cells(one: DeliveryDocument) -> tuple[str, ...]:
    """The texts of a row, on one line each."""
    state = one["status"].replace("_", " ")
    if one["due"] and one["status"] != "sent":
        state += f", due {wording.minute(one['due'])}"
    said = [one["said"] or ""]
    if one["into"]:
        said.append(f"in {one['into']}")
    if one["tells_of"]:
        said.append(f"tells of {one['tells_of']:,} more")
    return (
        wording.minute(one["changed_at"]),
        one_line(one["account_id"]),
        f"{one['type']}, late" if one["timing"] == "late" else one["type"],
        one_line(one["destination"]),
        one_line(one["person"] or ""),
        state,
        one_line("; ".join(filter(None, said))),
        one["delivery_id"],
    )


def _show_plainly(screen: Console, rows: Sequence[tuple[str, ...]]) -> None:
    """A line per row, as long as it is: rich takes half a millisecond to fold one, this a hundredth of that."""
    columns = [*zip(_HEADINGS, *rows, strict=True)]
    padded = []
    for column in columns[:-1]:
        sizes = [cell_len(text) for text in column]
        width = max(sizes)
        padded.append([text + " " * (width - size) for text, size in zip(column, sizes, strict=True)])
    lines = zip(*padded, columns[-1], strict=True)
    screen.out("\n".join("  ".join(line) for line in lines), highlight=False)


def show_stats(screen: Console, document: StatsDocument) -> None:
    """A row per destination and one per type of alert below it, then what was meant for a person and reached nobody."""
    if not document["destinations"]:
        screen.print("Nothing has been delivered yet.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("To", "Deliveries", "Maybe twice", "Last success (UTC)", "Last error (UTC)", ""):
        table.add_column(heading, overflow="fold")
    for one in document["destinations"]:
        said = Text(f"disabled: {one_line(one['disabled'])}", "bold red") if one["disabled"] else Text("")
        maybe_twice = f"{one['maybe_twice']:,}"
        table.add_row(one_line(one["destination"]), _counts(one["by_status"]), maybe_twice, *_last(one), said)
        for alert_type, by_status in one["by_type"].items():
            last = _last(one["last_by_type"].get(alert_type))
            table.add_row(f"  {one_line(alert_type)}", _counts(by_status), "", *last, "", style="dim")
    screen.print(table)
    for unreached in document["unreached"]:
        screen.print(Text(_nobody(unreached), "yellow"))


def _counts(by_status: Mapping[str, int]) -> str:
    """`12 sent, 1 failed`."""
    return ", ".join(f"{many:,} {status.replace('_', ' ')}" for status, many in by_status.items())


def _last(one: LastByType | DestinationStats | None) -> tuple[str, str]:
    """When something was taken last, and what went wrong last."""
    success, error = (one["last_success_at"], one["last_error_at"]) if one else (None, None)
    return (
        wording.minute(success) if success else "never",
        f"{wording.minute(error)} {one_line(one['last_error'] or '')}" if one and error else "never",
    )


def _nobody(one: UnreachedStats) -> str:
    """How many reached nobody, why, and what mends it."""
    many = f"{count(one['alerts'], 'alert')} of {count(one['accounts'], 'account')}"
    return f"{many} of the last 30 days went to triage: {one_line(one['in_words'])}. {one_line(one['mended_by'])}"
