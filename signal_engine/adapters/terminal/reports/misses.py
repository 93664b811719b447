"""What the rule misses, as tables."""

from collections.abc import Mapping
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words
from signal_engine.wire.output.reports.report_documents import Report, ReportName

_ACCOUNT: Final = (("Account", "account_id"), ("Level", "level"), ("Score", "score"), ("Why now", "why_now"))
_COLUMNS: Final[Mapping[ReportName, tuple[tuple[str, str], ...]]] = {
    "high-intent-outside-icp": (*_ACCOUNT, ("ICP", "icp"), ("Excluded by", "criterion")),
    "near-fits": (*_ACCOUNT, ("ICP", "icp"), ("Misses", "criterion"), ("By", "distance"), ("Would be", "would_be")),
    "unknown": (*_ACCOUNT, ("ICP", "icp"), ("Missing", "missing")),
    "not-in-accounts": (*_ACCOUNT, ("Last signal", "last_signal_at")),
    "inbound": (
        ("Raised", "raised_at"),
        ("Account", "account_id"),
        ("What", "text"),
        ("Fit", "decision"),
        ("For", "sdr"),
        ("Alert", "alert"),
        ("Why no rep", "why_not"),
        ("Answered", "answered_at"),
    ),
    "data-quality": (
        ("Check", "check"),
        ("Subject", "subject"),
        ("Count", "count"),
        ("Of", "of"),
        ("Last seen", "since"),
        ("Examples", "examples"),
    ),
}
"""Heading and field of what a terminal has room for."""
_INSTANTS: Final = frozenset({"last_signal_at", "raised_at", "answered_at", "since"})
_NUMBERS: Final = frozenset({"score", "distance", "count", "of"})
_AS_PEOPLE_SAY: Final = frozenset({"alert", "why_not", "check"})


def show_report(screen: Console, report: Report, most: int) -> None:
    """The summary, then the rows; a table of more than `most` rows is cut, and says so."""
    rows = report["rows"]
    head = f"  {words.count(len(rows), 'row')}, as of {wording.minute(report['at'])} UTC"
    screen.print(Text.assemble((report["report"], "bold"), head))
    for line in _summary(report, most):
        screen.print(Text(f"  {line}"))
    columns = _COLUMNS[report["report"]]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for heading, field in columns:
        table.add_column(heading, justify="right" if field in _NUMBERS else "left", overflow="fold")
    for row in rows[:most]:
        table.add_row(*(_cell(field, dict(row)[field]) for _, field in columns))
    if rows:
        screen.print(table)
    if len(rows) > most:
        screen.print(Text(f"  {len(rows) - most:,} more; --json and --csv tell all", "dim"))


def _summary(report: Mapping[str, Any], most: int) -> list[str]:
    """What a report counts over its rows."""
    lines = [
        f"{cost['criterion']} ({cost['icp']}): speaks against {cost['accounts']:,}, alone against {cost['alone']:,}"
        for cost in report.get("costs", [])[:most]
    ]
    lines += [
        f"{lacking['field']} ({lacking['icp']}): lacks {lacking['accounts']:,}, would alone decide {lacking['alone']:,}"
        for lacking in report.get("fields", [])[:most]
    ]
    if "unanswered" in report:
        lines.append(f"{words.count(report['unanswered'], 'hand raise')} unanswered; the goal is none")
    return [one_line(line) for line in lines]


def _cell(field: str, value: Any) -> Text:
    if value is None:
        return Text("")
    if field in _INSTANTS:
        return Text(wording.minute(value))
    if isinstance(value, list):
        return Text(one_line(", ".join(map(str, value))))
    if field == "distance":
        return Text(f"{value:+,g}")
    if field in _NUMBERS:
        return Text(f"{value:,}" if isinstance(value, int) else f"{value:,.2f}")
    text = one_line(str(value))
    return Text(text.replace("_", " ") if field in _AS_PEOPLE_SAY else text)
