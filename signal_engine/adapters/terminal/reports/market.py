"""What a change would have done to lists and alerts, as tables."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.reports.icp_documents import AlertDifference, MarketDifference

MAX_ROWS: Final = 20
_MAX_NAMES: Final = 5


def show_market(screen: Console, market: MarketDifference) -> None:
    """Lists week by week, then alerts; long tables are cut, and say so."""
    _show_lists(screen, market)
    _show_alerts(screen, market)


def wide_table(*columns: str) -> Table:
    """A table whose last column takes what is left of the width."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns[:-1]:
        table.add_column(column, overflow="fold")
    table.add_column(columns[-1], ratio=1)
    return table


def _show_lists(screen: Console, market: MarketDifference) -> None:
    days = f"{wording.day(market['since'])} to {wording.minute(market['until'])} UTC"
    screen.print(Text.assemble(("Lists", "bold"), f"  {days}, as they would have been at the end of each week"))
    table = wide_table("When", "List", "Before", "After", "Enter", "Leave")
    for one in market["lists"]:
        if one["enter"] or one["leave"]:
            numbers = f"{one['before']:,}", f"{one['after']:,}"
            table.add_row(wording.minute(one["at"]), one["list"], *numbers, _names(one["enter"]), _names(one["leave"]))
    if table.row_count:
        screen.print(table)
    else:
        screen.print("  No list would have been another one.")


def _show_alerts(screen: Console, market: MarketDifference) -> None:
    alerts = market["alerts"]
    head = f"  {alerts['before']:,} before, {alerts['after']:,} after"
    screen.print(Text.assemble(("Alerts", "bold"), head))
    _show_some(screen, "would have come as well", alerts["only_after"])
    _show_some(screen, "would not have come", alerts["only_before"])


def _show_some(screen: Console, words: str, alerts: list[AlertDifference]) -> None:
    if not alerts:
        return
    screen.print(f"  {len(alerts):,} {words}:")
    for alert in alerts[:MAX_ROWS]:
        kept = f" (kept, not sent: {alert['recorded'].replace('_', ' ')})" if alert["recorded"] else ""
        what = f"{ALERT_IN_WORDS[alert['type']]}{kept}, to {alert['audience']}"
        screen.print(Text(f"    {wording.minute(alert['at'])}  {alert['account_id']}: {what}"))
    show_more(screen, len(alerts))


def show_more(screen: Console, number: int, told: int | None = None) -> None:
    """Says how many rows of a table that was cut are not shown; `told`: how many the document has, if not all."""
    if number > MAX_ROWS:
        which = "all" if told is None or told == number else f"the first {told:,}"
        screen.print(Text(f"  {number - MAX_ROWS:,} more; --json tells {which}", "dim"))


def _names(accounts: list[str]) -> str:
    more = f" and {len(accounts) - _MAX_NAMES:,} more" if len(accounts) > _MAX_NAMES else ""
    return ", ".join(accounts[:_MAX_NAMES]) + more
