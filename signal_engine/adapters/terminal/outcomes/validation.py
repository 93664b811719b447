"""The report of `validate` for the terminal: the verdict first, then what it rests on."""

from collections.abc import Iterable, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.outcomes.deals import show_deals
from signal_engine.wire.output.reports.validation_documents import (
    CallsFound,
    EstimateFound,
    GroupFound,
    RateFound,
    TellingFinding,
    Validation,
    Verdict,
)
from signal_engine.wire.output.words import count, percent, points, signal_type

_STYLES: Final[dict[Verdict, str]] = {"predicts": "bold green", "cannot_tell_yet": "bold yellow", "no_sign": "bold red"}
_FINDINGS: Final[dict[TellingFinding, str]] = {
    "more_deals": "bold green",
    "cannot_tell_yet": "bold yellow",
    "fewer_deals": "bold red",
}
_MOST_NAMED: Final = 10
"""Deals named; --json and --html have all."""
_GROUPS: Final = {
    "icp": "by ICP",
    "tier": "by tier",
    "segment": "by segment",
    "owner": "by owner",
    "claimed": "claimed within a week or not",
    "alert": "by alert type",
}
_BLANK: Final = "too few"


def show_validation(screen: Console, report: Validation) -> None:
    """The whole report."""
    study = report["study"]
    screen.print(Text(report["summary"], _STYLES[report["verdict"]]))
    screen.print(
        f"  {count(study['mondays'], 'Monday')} from {study['since'][:10]}, outcomes up to {study['until'][:10]};"
        f" {study['accounts_that_fit']:,} of {count(study['accounts'], 'account')} fit;"
        f" {count(study['deals'], 'deal')}: {study['won']:,} won, {study['lost']:,} lost, {study['open']:,} open"
    )
    _show_cut(screen, report)
    for caveat in report["caveats"]:
        screen.print(Text.assemble(("  warning: ", "yellow"), one_line(caveat["text"])))
    _show_control_groups(screen, report)
    _show_precision(screen, report)
    _show_recall(screen, report)
    _show_kinds(screen, report)
    for name, title in _GROUPS.items():
        _show_groups(screen, title, report["groups"].get(name, []))  # type: ignore[call-overload]
    _show_calibration(screen, report)
    _show_stalled(screen, report)
    screen.print(Text("  Intervals are 95 %. A new deal counts within the ICP's cycle after the call.", "dim"))


def _show_cut(screen: Console, report: Validation) -> None:
    cut = report["cut"]
    taken = {
        "in a deal or from a customer": cut["in_deal"],
        "opens and clicks of mail": cut["mail"],
        "from sales sources": cut["sales_source"],
        "after a contact": cut["after_contact"],
    }
    said = ", ".join(f"{many:,} {words}" for words, many in taken.items() if many) or "none"
    screen.print(f"  {count(cut['kept'], 'event')} count; left out: {said}")


def _show_control_groups(screen: Console, report: Validation) -> None:
    groups = report["control_groups"]
    if groups is None:
        return
    if not groups:
        screen.print("  The routes file draws no control group (holdback), so nothing shows what telling does.")
    for group in groups:
        screen.print(Text(f"  {group['summary']}", _FINDINGS[group["finding"]]))
        table = _table(
            f"{group['share']:.0%} held back since {group['since']}", "Told of", "", "Held back", "", "Difference"
        )
        for title, found in (("New deal", group["opened"]), ("Won", group["won"])):
            between = found["difference"]
            difference = "" if between is None else points(**between)
            table.add_row(title, *_rate(found["told"]), *_rate(found["held_back"]), difference)
        screen.print(table)


def _show_precision(screen: Console, report: Validation) -> None:
    table = _table("Calls", "Made", "New deal", "", "Won", "Any that fits", "Lift", "", "By tier", "Lift", "")
    rows = [report["calls"]] if report["at"] == "alerts" else []
    for found in (*rows, *report["precision"]):
        table.add_row(*_calls(found))
    screen.print(table)


def _calls(found: CallsFound) -> Iterable[str]:
    return (
        "alerts" if found["k"] is None else f"first {found['k']} a week",
        f"{found['calls']:,}",
        *_rate(found["opened"]),
        _rate(found["won"])[0],
        _share(found["chance"]),
        *_estimate(found["lift"]),
        _share(found["tier_chance"]),
        *_estimate(found["tier_lift"]),
    )


def _show_recall(screen: Console, report: Validation) -> None:
    recall, lead = report["recall"], report["lead_time"]
    for name, rate in (
        ("could be listed", recall["won_fit"]),
        ("were hot in the cycle before", recall["won_hot"]),
        ("were in the first K of a week", recall["won_in_top"]),
    ):
        share = "" if rate["rate"] is None else f" ({', '.join(_rate(rate))})"
        screen.print(f"  Won deals whose accounts {name}: {rate['hits']:,} of {rate['trials']:,}{share}")
    if lead["quartiles"]:
        low, median, high = lead["quartiles"]
        interval = "" if lead["median"] is None else f"; median {_range(lead['median'], '{:.0f}')}"
        screen.print(
            f"  From hot to a new deal: {median:.0f} days (quartiles {low:.0f} and {high:.0f}{interval}),"
            f" over {count(lead['deals'], 'deal')}"
        )
    elif lead["days"]:
        days = ", ".join(f"{one:.0f}" for one in lead["days"])
        screen.print(f"  From hot to a new deal, in days: {days}; too few deals for a median")
    show_deals(screen, "Won but never hot", recall["never_hot"], with_why=True)
    show_deals(screen, "Hot but lost", recall["hot_lost"], with_why=True)


def _show_kinds(screen: Console, report: Validation) -> None:
    if not report["kinds"]:
        return
    table = _table("Live before wins", "Wins", "", "Controls", "", "Lift", "", "")
    for one in report["kinds"]:
        said = "more frequent before wins" if one["claimed"] else ""
        if one["trace"]:
            said = "may be a trace of deals"
        if not said and one["wins_needed"] is not None and one["wins_needed"] > report["study"]["cases"]:
            said = f"about {one['wins_needed'] - report['study']['cases']:,} more wins would tell"
        table.add_row(
            signal_type(one["kind"]),
            *_rate(one["before_wins"]),
            *_rate(one["at_controls"]),
            *_estimate(one["lift"]),
            said,
        )
    screen.print(table)
    if not report["ranked"]:
        screen.print(Text("  Too few wins to rank kinds: they stand by name.", "yellow"))


def _show_groups(screen: Console, title: str, groups: Sequence[GroupFound]) -> None:
    if not groups:
        return
    table = _table(f"Calls {title}", "Made", "New deal", "", "Cautious rate", "", "")
    for one in groups[:_MOST_NAMED]:
        said = "" if one["claimed"] is None else f"{one['claimed']} the others"
        rate, interval = _rate(one["opened"])
        shrunk = one["shrunk"]
        whole = (_BLANK, "") if shrunk is None else (f"{shrunk['value']:.1%}", _range(shrunk, "{:.1%}"))
        table.add_row(one_line(one["group"]), f"{one['opened']['trials']:,}", rate, interval, *whole, said)
    screen.print(table)
    if (more := len(groups) - _MOST_NAMED) > 0:
        screen.print(Text(f"  and {more:,} more; --json has all", "dim"))


def _show_calibration(screen: Console, report: Validation) -> None:
    table = _table("Score on a Monday", "Account-weeks", "Accounts", "New deal", "")
    for step in report["calibration"]:
        if not step["account_weeks"]:
            continue
        found = step["opened"]
        share = (_BLANK, "")
        if found is not None:
            share = percent(found["value"]), f"{percent(found['low'])} to {percent(found['high'])}"
        scores = f"{step['score_from']:g} to {step['score_to']:g}"
        table.add_row(scores, f"{step['account_weeks']:,}", f"{step['accounts']:,}", *share)
    screen.print(table)


def _show_stalled(screen: Console, report: Validation) -> None:
    if report["stalled"]:
        table = _table("Deals not won, by last stage", "Lost", "Open")
        for one in report["stalled"][:_MOST_NAMED]:
            table.add_row(one_line(one["stage_name"]), f"{one['lost']:,}", f"{one['open']:,}")
        screen.print(table)


def _table(first: str, *others: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(first)
    for name in others:
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    return table


def _rate(rate: RateFound) -> tuple[str, str]:
    if rate["rate"] is None:
        return f"{rate['hits']:,} of {rate['trials']:,}", ""
    return percent(rate["rate"]), f"{percent(rate['low'] or 0)} to {percent(rate['high'] or 0)}"


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _estimate(found: EstimateFound | None) -> tuple[str, str]:
    return (_BLANK, "") if found is None else (f"{found['value']:.1f}x", _range(found, "{:.1f}"))


def _range(found: EstimateFound, form: str) -> str:
    return f"{form.format(found['low'])} to {form.format(found['high'])}"
