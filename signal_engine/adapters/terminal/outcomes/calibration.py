"""The report of `calibrate --capacity` for the terminal."""

from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.outcomes.deals import show_deals
from signal_engine.wire.output.reports.calibration_documents import Calibration, ThresholdTried
from signal_engine.wire.output.reports.validation_documents import RateFound
from signal_engine.wire.output.words import percent

_MOST_NAMED: Final = 10


def show_calibration(screen: Console, report: Calibration) -> None:
    """The whole report."""
    style = "bold green" if report["verdict"] == "found" else "bold yellow"
    screen.print(Text(report["summary"], style))
    screen.print(
        f"  {report['weeks']:g} weeks from {report['since'][:10]} to {report['until'][:10]}; weeks to come may differ"
    )
    _show_tried(screen, report)
    _show_people(screen, report["found"])
    for title, named in (
        ("Won without an alert", report["missed"]),
        ("Won, and alerted only under what was found", report["gained"]),
        ("Won, and alerted only under the file in force", report["given_up"]),
    ):
        show_deals(screen, f"{title} ({len(named):,})", named, with_why=False)
    found = report["found"]
    if report["verdict"] == "found" and found["enter"] != report["in_force"]["enter"]:
        screen.print("  In the scoring file, with all else of it kept:")
        screen.print(Text(f"    levels: hot: enter: {found['enter']:g}, exit: {found['exit']:g}"))


def _show_tried(screen: Console, report: Calibration) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Hot from")
    for name in ("Ends below", "Alerts", "Per week", "Busiest week", "Won caught", "", "Lost alerted", ""):
        table.add_column(name, justify="right" if name else "left", no_wrap=bool(name))
    for tried in report["tried"]:
        marks = [
            word
            for word, which in (("in force", report["in_force"]), ("found", report["found"]))
            if which["enter"] == tried["enter"]
        ]
        table.add_row(
            f"{tried['enter']:g}",
            f"{tried['exit']:g}",
            f"{tried['alerts']:,}",
            f"{tried['a_week']:.1f}",
            f"{tried['busiest_week']:,}",
            _rate(tried["caught"]),
            ", ".join(marks),
            _rate(tried["lost"]),
            "",
        )
    screen.print(table)


def _show_people(screen: Console, found: ThresholdTried) -> None:
    for one in found["people"][:_MOST_NAMED]:
        name = "nobody named" if one["person"] is None else one_line(one["person"])
        screen.print(Text(f"  {name}: {one['a_week']:.1f} a week, {one['busiest_week']:,} in the busiest"))
    if (more := len(found["people"]) - _MOST_NAMED) > 0:
        screen.print(Text(f"  and {more:,} more people; --json has all", "dim"))


def _rate(rate: RateFound) -> str:
    said = f"{rate['hits']:,} of {rate['trials']:,}"
    if rate["rate"] is None:
        return said if rate["trials"] else ""
    return f"{said} ({percent(rate['low'] or 0)} to {percent(rate['high'] or 0)})"
