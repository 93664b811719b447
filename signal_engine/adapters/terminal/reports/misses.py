"""What the rule misses, as tables."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.report_shown import COLUMNS, shown, summary


def show_report(screen: Console, report: Report, max_rows: int) -> None:
    """The summary, then the rows; a table of more than `max_rows` rows is cut, and says so."""
    rows = report["rows"]
    head = f"  {words.count(report['total'], 'row')}, as of {wording.minute(report['at'])} UTC"
    screen.print(Text.assemble((report["report"], "bold"), head))
    for line in summary(report, max_rows):
        screen.print(Text(f"  {one_line(line)}"))
    for lack in report["lacks"]:
        screen.print(Text(f"  Left out: {lack}", "dim"))
    columns = COLUMNS[report["report"]]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column.heading, justify="right" if column.is_number else "left", overflow="fold")
    for row in rows[:max_rows]:
        cells: dict[str, Any] = dict(row)
        table.add_row(*(Text(one_line(shown(column.field, cells))) for column in columns))
    if rows:
        screen.print(table)
    if report["total"] > max_rows:
        said = "all" if report["total"] == len(rows) else f"the first {len(rows):,}"
        screen.print(Text(f"  {report['total'] - max_rows:,} more; --json and --csv have {said}", "dim"))
