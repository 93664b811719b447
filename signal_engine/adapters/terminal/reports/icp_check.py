"""The funnel of an ICP as a table."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.icp_documents import IcpCheck, InMarketNow
from signal_engine.wire.output.words import count

_STAGES = {
    "disqualify": "disqualified",
    "must_have": "must have",
    "unknown": "undecided",
    "tier": "tier",
    "suppressed": "kept off lists",
    "relation": "kept off lists",
}


def show_check(screen: Console, report: IcpCheck) -> None:
    """What an ICP makes of an accounts file."""
    read = report["read"]
    screen.print(
        Text.assemble(
            (f"{report['icp']} version {report['version']}", "bold"),
            f"  decided by {one_line(report['owner'])}, review by {report['review_by']}",
        )
    )
    screen.print(
        f"  {count(read['rows'], 'row')}: {read['passed_over']:,} name no account, {read['merged']:,} repeat one,"
        f" {count(read['accounts'], 'account')} remain"
    )
    _show_funnel(screen, report)
    _show_unknown(screen, report)
    for tier in report["tiers"]:
        screen.print(
            Text(
                f"  tier {tier['tier']} (fit {tier['lowest']:g} and more, {tier['decision']}):"
                f" {count(tier['accounts'], 'account')}"
            )
        )
    if (work := report["workload"]) is not None:
        screen.print(
            f"  at {count(work['a_week'], 'account')} per week, the {report['left']:,} left are {work['weeks']:,.1f}"
            " weeks of work"
        )
        if work["is_market"]:
            screen.print(Text("  More than a year: this is a market, not an ICP.", "yellow"))
    if (now := report["in_market"]) is not None:
        _show_in_market(screen, now)


def _show_in_market(screen: Console, now: InMarketNow) -> None:
    tiers = ", ".join(f"tier {one['tier']} {one['hot']:,} hot and {one['warm']:,} warm" for one in now["tiers"])
    screen.print(f"  in the market at {now['until'][:10]}: {count(now['listed'], 'account')} on the list ({tiers})")
    screen.print(
        f"  {count(now['alerts'], 'alert')} in the {now['weeks']:,.1f} weeks before, {now['alerts_a_week']:,.1f} a week"
    )


def _show_funnel(screen: Console, report: IcpCheck) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    table.add_column("Criterion", ratio=1)
    for name in ("Before", "Lost", "Left"):
        table.add_column(name, justify="right", no_wrap=True)
    for step in report["funnel"]:
        numbers = (f"{number:,}" for number in (step["before"], step["lost"], step["left"]))
        table.add_row(_STAGES[step["stage"]], Text(one_line(step["criterion"])), *numbers)
    screen.print(table)


def _show_unknown(screen: Console, report: IcpCheck) -> None:
    unknown = report["unknown"]
    if not unknown["accounts"]:
        return
    screen.print(f"  {count(unknown['accounts'], 'account')} undecided for missing data:")
    for field in unknown["fields"]:
        screen.print(
            Text(
                f"    {field['field']} is missing or unreadable for {field['accounts']:,}; alone for {field['alone']:,}"
            )
        )
