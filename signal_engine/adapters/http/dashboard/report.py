"""What the page of a report shows: its columns, the first rows, and what it counts."""

from collections.abc import Mapping
from typing import Any, Final

from signal_engine.adapters.http.dashboard.words import minute
from signal_engine.core.score.wording import one_line
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.report_shown import COLUMNS, NOT_PUBLISHED, Column, shown, summary
from signal_engine.wire.output.reports.report_words import REPORT_WORDS
from signal_engine.wire.output.reports.reported_account import ReportName

_MAX_ROWS: Final = 200
"""Rows on the page; the CSV has the others."""
_MAX_LINES: Final = 6
"""Lines of a kind that a report counts."""
_MAX_CHARACTERS: Final = 2_000
"""Of such a line, which may name every value of a list."""
_NOTHING: Final[Mapping[ReportName, str]] = {
    "high-intent-outside-icp": "No prospect outside the profiles is warm or hot now. The rule misses nobody.",
    "near-fits": "No account misses a profile by a single criterion.",
    "unknown": "Every account can be judged: no required field is missing.",
    "not-in-accounts": "Every company with strong signals is in the accounts file.",
    "inbound": "Nobody asked to be called in the last 30 days.",
    "decisions": "No proposal is open, and no kill is due for review.",
    "pipeline-misfits": "No open opportunity is on an account that does not fit or was disqualified.",
    "data-quality": "Every account has somebody to call it, once, and rules read every column and signal.",
    "capacity": "Nobody has a capacity in the routes file, and no account is hot.",
    "response": "Nobody was alerted in the last 30 days of an account that nobody had claimed.",
    "wiring": NOT_PUBLISHED,
}
"""What an empty report means."""


def report_page(report: Report) -> dict[str, Any]:
    """The values of its template."""
    name = report["report"]
    rows = report["rows"][:_MAX_ROWS]
    counted = summary(report, _MAX_LINES)
    columns = [column for column in COLUMNS[name] if any(shown(column.field, dict(row)) for row in rows)]
    return {
        "report": {
            "name": name,
            **REPORT_WORDS[name],
            "at": minute(report["at"]),
            "total": f"{report['total']:,}",
            "shown": len(rows),
            "more": report["total"] > len(rows),
            "counted": [said for line in counted if (said := one_line(line, _MAX_CHARACTERS)) != _NOTHING[name]],
            "lacks": report["lacks"],
            "columns": columns,
            "rows": [[_cell(column, dict(row)) for column in columns] for row in rows],
            "nothing": _NOTHING[name],
            "is_set_up": NOT_PUBLISHED not in counted,
        }
    }


def _cell(column: Column, row: Mapping[str, Any]) -> dict[str, Any]:
    """One cell; the account leads to its page, under its name where it has one."""
    is_account = column.field == "account_id"
    text = one_line(shown(column.field, row))
    return {
        "heading": column.heading,
        "is_number": column.is_number,
        "account": text if is_account else None,
        "text": one_line(row["name"] or text) if is_account else text,
    }
