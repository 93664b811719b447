"""A list as CSV that a spreadsheet reads as it is meant: text stays text, whatever it looks like.

Text that would be read as a formula, or as a number or date and so lose its spelling (00123, 1E5, 3-12), gets an
apostrophe before it, which is what spreadsheets take for "this is text" (OWASP). Digits that keep their spelling, such
as the id of a record (200000000003), stay as they are, so that tables can be joined by them. Every cell is quoted.
Where a spreadsheet expects semicolons it does not see our quotes: what stands behind a semicolon is a cell of its own,
and quotes before it are none of its text.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any, Final

from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.score.wording import one_line
from signal_engine.wire.output.models import Entry

BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By which Excel knows UTF-8; without it the umlauts of a name are lost."""
_FIELDS: Final = (
    "rank", "previous_rank", "badge", "account_id", "name", "score", "priority", "level", "since", "fit", "tier", "icp",
    "icp_version", "owner", "sdr", "relation", "segment", "crm_id",
)  # fmt: skip
_PARTS: Final = (*KINDS, "stack", "ceiling")
_LAST: Final = ("why_now", "why_now_at", "cools_at", "last_signal_at")
_FORMULA: Final = re.compile("(^\\s*|;[\\s\"]*)([=+\\-@\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
                             "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}])")  # fmt: skip
_MONTH: Final = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_VALUE: Final = re.compile(
    rf"[\d\s.,:/%-]*\d[\d\s.,:/%-]*(?:e[+-]?\d+)?|\d*[ -]?{_MONTH}[ -]?\d+|\d+[ -]?{_MONTH}|true|false", re.IGNORECASE
)
"""Text that a spreadsheet would take for a number, a date or a truth value."""
_KEEPS_ITS_SPELLING: Final = re.compile("0|[1-9][0-9]{0,14}")
"""Digits of which a spreadsheet loses none: neither leading zeros, nor those beyond its 15."""


def csv_of(entries: Iterable[Entry]) -> str:
    """RFC 4180 behind a BOM, with a header; one column a part, so that they can be summed up."""
    return csv_text((*_FIELDS, *_PARTS, "kinds_live", *_LAST), map(_row, entries))


def csv_text(header: Sequence[str], rows: Iterable[Iterable[Any]]) -> str:
    """RFC 4180 behind a BOM, every cell safe."""
    out = StringIO()
    out.write(BOM)
    table = csv.writer(out, quoting=csv.QUOTE_ALL)
    table.writerow(header)
    for row in rows:
        table.writerow([safe(cell) for cell in row])
    return out.getvalue()


def _row(entry: Entry) -> list[Any]:
    cells: Mapping[str, Any] = entry
    points: Mapping[str, float] = {part["part"]: part["points"] for part in entry["parts"]}
    row = [*(cells[field] for field in _FIELDS), *(points.get(part) for part in _PARTS)]
    return [*row, " ".join(entry["kinds_live"]), *(cells[field] for field in _LAST)]


def calculates(text: str) -> bool:
    """Whether a spreadsheet would read a formula in `text`, which is on one line."""
    return _FORMULA.search(text) is not None


def safe(cell: Any) -> Any:
    """Text in one line, marked as text where it looks like something else. Numbers as they are."""
    if not isinstance(cell, str):
        return cell
    text = one_line(cell)
    if _KEEPS_ITS_SPELLING.fullmatch(text):
        return text
    return f"'{text}" if _VALUE.fullmatch(text) else _FORMULA.sub(r"\1'\2", text)
