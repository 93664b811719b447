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
    old, new = diff["versions"]
    counts = diff["counts"]
    screen.print(
        Text.assemble((diff["icp"], "bold"), f"  version {old} to {new}, {count(diff['accounts'], 'account')}")
    )
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


def _show_changes(screen: Console, diff: IcpDiff) -> None:
    if not diff["changes"]:
        return
    table = wide_table("Account", "", "Before", "After", "By")
    for change in diff["changes"][:MAX_ROWS]:
        what = Text(change["change"], _STYLE[change["change"]])
        decided = _decided(change["before"]), _decided(change["after"])
        table.add_row(change["account_id"], what, *decided, Text(one_line("; ".join(change["by"]))))
    screen.print(table)
    show_more(screen, len(diff["changes"]))


def _decided(decided: VersionDecision) -> str:
    return f"{decided['decision']} {decided['tier'] or ''}".strip()
