"""The report of `icp patterns` for the terminal: the verdict first, then a table per field."""

from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.pattern_documents import PatternField, Patterns, PatternValue, QuartilesFound
from signal_engine.wire.output.reports.validation_documents import RateFound
from signal_engine.wire.output.words import count, percent

_MOST_VALUES: Final = 12
"""Values shown of a field; --json has all."""
_MOST_UNTESTED: Final = 20
_TOO_FEW: Final = "cannot tell yet"
_CLAIMED: Final = {"above": Text("wins more often", "bold green"), "below": Text("wins less often", "bold red")}


def show_patterns(screen: Console, report: Patterns) -> None:
    """The whole report."""
    study = report["study"]
    claimed = any(one["claimed"] for field in report["fields"] for one in field["values"])
    screen.print(Text(report["summary"], "bold" if claimed else "bold yellow"))
    rate, interval = _rate(report["win_rate"])
    screen.print(
        f"  {count(study['deals'], 'deal')} of {count(study['accounts'], 'account')}: {study['won']:,} won,"
        f" {study['lost']:,} lost, {study['open']:,} open; win rate {rate}{interval and f' ({interval})'}"
    )
    for name, found, form in (
        ("From creation to signature", report["cycle_days"], "{:,.0f} days"),
        ("Value of won deals", report["deal_usd"], "${:,.0f}"),
    ):
        if found is not None:
            low, high = form.format(found["low"]), form.format(found["high"])
            screen.print(f"  {name}: {form.format(found['median'])} (quartiles {low} and {high})")
    for caveat in report["caveats"]:
        screen.print(Text.assemble(("  warning: ", "yellow"), one_line(caveat["text"])))
    for field in report["fields"]:
        _show_field(screen, field)
    _show_untested(screen, report)
    screen.print(Text("  Intervals are 95 %; all claims together are false with a chance of 1 %.", "dim"))


def _show_field(screen: Console, field: PatternField) -> None:
    if not field["values"]:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(one_line(field["field"]))
    for name in ("Won", "Lost", "Churned", "Win rate", "", "Shrunk", "Others", "Cycle", "Deal size", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    shown = [
        one
        for place, one in enumerate(field["values"])
        if one["claimed"] or (place < _MOST_VALUES and not one["overlaps"])
    ]
    for value in shown:
        table.add_row(*_cells(value))
    screen.print(table)
    if (more := len(field["values"]) - len(shown)) > 0:
        screen.print(Text(f"  and {more:,} more; --json has all", "dim"))


def _cells(value: PatternValue) -> Iterator[str | Text]:
    rate, interval = _rate(value["win_rate"])
    yield one_line(value["value"])
    yield f"{value['won']:,}"
    yield f"{value['lost']:,}"
    yield f"{value['churned']:,}" if value["churned"] else ""
    yield rate
    yield interval
    yield "" if value["shrunk"] is None else f"{value['shrunk']['value']:.1%}"
    yield _rate(value["others"])[0]
    yield _middle(value["cycle_days"], "{:,.0f} d")
    yield _middle(value["deal_usd"], "${:,.0f}")
    yield "" if value["claimed"] is None else _CLAIMED[value["claimed"]]


def _show_untested(screen: Console, report: Patterns) -> None:
    said = [*report["untested"], *(f"{one['field']}: {one['why']}" for one in report["not_compared"])]
    if not said:
        return
    screen.print("  Not tested by these deals:")
    for text in said[:_MOST_UNTESTED]:
        screen.print(Text(f"    {one_line(text)}"))
    if (more := len(said) - _MOST_UNTESTED) > 0:
        screen.print(Text(f"    and {more:,} more; --json has all", "dim"))


def _rate(rate: RateFound) -> tuple[str, str]:
    if rate["rate"] is None:
        return _TOO_FEW, ""
    return percent(rate["rate"]), f"{percent(rate['low'] or 0)} to {percent(rate['high'] or 0)}"


def _middle(found: QuartilesFound | None, form: str) -> str:
    return "" if found is None else form.format(found["median"])
