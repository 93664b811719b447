"""Two versions of an ICP compared, as tables."""

from typing import Final

from rich.console import Console
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.reports.market import MAX_ROWS, show_market, show_more, wide_table
from signal_engine.wire.output.reports.icp_documents import IcpDiff, VersionDecision
from signal_engine.wire.output.words import count

_STYLE: Final = {"enters": "green", "leaves": "red", "decision": "yellow", "tier": "yellow"}


def show_diff(screen: Console, diff: IcpDiff) -> None:
    """Counts first, then criteria, accounts, lists and alerts; long tables are cut, and say so."""
    counts = diff["counts"]
    screen.print(Text.assemble((diff["icp"], "bold"), f"  {_versions(diff)}, {count(diff['accounts'], 'account')}"))
    screen.print(
        f"  {counts['enters']:,} enter those to chase, {counts['leaves']:,} leave, {counts['decision']:,} are decided"
        f" otherwise, {counts['tier']:,} change tier; {diff['unchanged']:,} stay as they are"
    )
    for one in diff["by_criterion"][:MAX_ROWS]:
        words = f"    {one['accounts']:,} ({one['change']}) by: {one_line(one['criterion'])}"
        screen.print(Text(words, _STYLE[one["change"]]))
    _show_changes(screen, diff)
    if diff["market"] is not None:
        show_market(screen, diff["market"])


def _versions(diff: IcpDiff) -> str:
    old, new = diff["versions"]
    if old is None:
        return f"version {new}, which is new"
    return f"version {old} to {new}" if new is not None else f"version {old}, which is taken out of force"


def _show_changes(screen: Console, diff: IcpDiff) -> None:
    if not diff["changes"]:
        return
    table = wide_table("Account", "", "Before", "After", "By")
    for change in diff["changes"][:MAX_ROWS]:
        what = Text(change["change"], _STYLE[change["change"]])
        decided = _decided(change["before"]), _decided(change["after"])
        table.add_row(change["account_id"], what, *decided, Text(one_line("; ".join(change["by"]))))
    screen.print(table)
    show_more(screen, sum(diff["counts"].values()), len(diff["changes"]))


def _decided(decided: VersionDecision | None) -> str:
    if decided is None:
        return ""
    return f"{decided['decision']} {decided['tier'] or ''}".strip()
