"""Two versions of an ICP compared, as tables."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.icp_documents import AlertDifference, IcpDiff, MarketDifference, VersionDecision
from signal_engine.wire.output.words import count

_MAX_ROWS: Final = 20
_MAX_NAMES: Final = 5
_STYLE: Final = {"enters": "green", "leaves": "red", "decision": "yellow", "tier": "yellow"}


def show_diff(screen: Console, diff: IcpDiff) -> None:
    """Counts first, then criteria, accounts, lists and alerts; long tables are cut, and say so."""
    old, new = diff["versions"]
    counts = diff["counts"]
    screen.print(
        Text.assemble((diff["icp"], "bold"), f"  version {old} to {new}, {count(diff['accounts'], 'account')}")
    )
    screen.print(
        f"  {counts['enters']:,} enter those to chase, {counts['leaves']:,} leave, {counts['decision']:,} are decided"
        f" otherwise, {counts['tier']:,} change tier; {diff['unchanged']:,} stay as they are"
    )
    for one in diff["by_criterion"][:_MAX_ROWS]:
        words = f"    {one['accounts']:,} ({one['change']}) by: {one_line(one['criterion'])}"
        screen.print(Text(words, _STYLE[one["change"]]))
    _show_changes(screen, diff)
    if diff["market"] is not None:
        _show_lists(screen, diff["market"])
        _show_alerts(screen, diff["market"])


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns[:-1]:
        table.add_column(column, overflow="fold")
    table.add_column(columns[-1], ratio=1)
    return table


def _show_changes(screen: Console, diff: IcpDiff) -> None:
    if not diff["changes"]:
        return
    table = _table("Account", "", "Before", "After", "By")
    for change in diff["changes"][:_MAX_ROWS]:
        what = Text(change["change"], _STYLE[change["change"]])
        decided = _decided(change["before"]), _decided(change["after"])
        table.add_row(change["account_id"], what, *decided, Text(one_line("; ".join(change["by"]))))
    screen.print(table)
    _show_more(screen, len(diff["changes"]))


def _show_lists(screen: Console, market: MarketDifference) -> None:
    days = f"{wording.day(market['since'])} to {wording.minute(market['until'])} UTC"
    screen.print(Text.assemble(("Lists", "bold"), f"  {days}, as they would have been at the end of each week"))
    table = _table("When", "List", "Before", "After", "Enter", "Leave")
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
    for alert in alerts[:_MAX_ROWS]:
        kept = f" (kept, not sent: {alert['recorded'].replace('_', ' ')})" if alert["recorded"] else ""
        what = f"{ALERT_IN_WORDS[alert['type']]}{kept}, to {alert['audience']}"
        screen.print(Text(f"    {wording.minute(alert['at'])}  {alert['account_id']}: {what}"))
    _show_more(screen, len(alerts))


def _show_more(screen: Console, number: int) -> None:
    if number > _MAX_ROWS:
        screen.print(Text(f"  {number - _MAX_ROWS:,} more; --json tells all", "dim"))


def _names(accounts: list[str]) -> str:
    more = f" and {len(accounts) - _MAX_NAMES:,} more" if len(accounts) > _MAX_NAMES else ""
    return ", ".join(accounts[:_MAX_NAMES]) + more


def _decided(decided: VersionDecision) -> str:
    return f"{decided['decision']} {decided['tier'] or ''}".strip()
