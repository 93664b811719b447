"""The report of `calibrate --fit` for the terminal."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.fit_documents import Fitted, FittedNumber, FitVerdict
from signal_engine.wire.output.reports.validation_documents import EstimateFound
from signal_engine.wire.output.words import count, points

_STYLES: Final[dict[FitVerdict, str]] = {
    "draft": "bold green",
    "nothing_to_change": "bold",
    "not_confirmed": "bold yellow",
    "no_sign": "bold yellow",
}


def show_fitted(screen: Console, report: Fitted) -> None:
    """The whole report."""
    screen.print(Text(report["summary"], _STYLES[report["verdict"]]))
    later = report["out_of_sample"]
    screen.print(
        f"  fitted to {count(report['fitted_to'], 'won deal')}, each beside four accounts that fit on the same Monday;"
        f" tried on {later['sets']:,} later ones"
        + (f"; {report['unmatched']:,} could not be looked at" if report["unmatched"] else "")
    )
    for words, found, said in (
        ("the file in force", later["in_force"], _percent),
        ("the proposed numbers", later["draft"], _percent),
        ("the difference", later["difference"], _points),
    ):
        if found is not None:
            screen.print(f"  later deals: won accounts above the others, {words}: {said(found)}")
    if report["numbers"]:
        screen.print(_table(report["numbers"]))
    if report["silent"]:
        screen.print(f"  The deals say nothing of {count(len(report['silent']), 'number')}:")
        for one in report["silent"]:
            screen.print(Text(f"    {one_line(one['field'])}: {one['why']}"))
    screen.print(Text("  Intervals are 95 %; all claims together are false with a chance of 1 %.", "dim"))


def _table(numbers: list[FittedNumber]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Number")
    for name in ("In force", "The deals say", "", "Draft", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    for one in numbers:
        factor, old = one["factor"], one["in_force"][0]
        table.add_row(
            one_line(one["field"]),
            ", ".join(f"{value:g}" for value in one["in_force"]),
            f"{old * factor['value']:.3g}",
            f"{old * factor['low']:.3g} to {old * factor['high']:.3g}",
            ", ".join(f"{value:g}" for value in one["proposed"]) if one["proposed"] != one["in_force"] else "",
            "may be said to differ" if one["claimed"] else "",
        )
    return table


def _percent(found: EstimateFound) -> str:
    return f"{found['value']:.1%} ({found['low']:.1%} to {found['high']:.1%})"


def _points(found: EstimateFound) -> str:
    return points(**found)
