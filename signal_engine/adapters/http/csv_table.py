"""A list as CSV that a spreadsheet can be trusted with: text that would be read as a formula is quoted (OWASP)."""

import csv
from collections.abc import Iterable
from io import StringIO
from typing import Any, Final

from signal_engine.core.kinds import KINDS

_FIELDS: Final = (
    "rank", "previous_rank", "account_id", "name", "score", "priority", "level", "since", "fit", "tier", "icp",
    "icp_version", "owner", "segment", "crm_id",
)  # fmt: skip
_PARTS: Final = (*KINDS, "stack", "ceiling")
_LAST: Final = ("kinds_live", "why_now", "cools_at", "last_signal_at")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def csv_of(entries: Iterable[dict[str, Any]]) -> str:
    """RFC 4180, with a header; one column a part, so that they can be summed up."""
    out = StringIO()
    table = csv.writer(out)
    table.writerow((*_FIELDS, *_PARTS, *_LAST))
    for entry in entries:
        points = {part["part"]: part["points"] for part in entry["parts"]}
        row = [*(entry[field] for field in _FIELDS), *(points.get(part) for part in _PARTS)]
        row += [" ".join(entry["kinds_live"]), why_now(entry), entry["cools_at"], entry["last_signal_at"]]
        table.writerow([safe(cell) for cell in row])
    return out.getvalue()


def safe(cell: Any) -> Any:
    """Numbers as they are: a negative one is no formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def why_now(entry: dict[str, Any]) -> str:
    """The strongest evidence now, then the newest; empty where a list had no room for it."""
    shown = [evidence for part in entry["parts"] for evidence in part["evidence"]]
    best = max(shown, key=lambda one: (one["points"], one["occurred_at"]), default=None)
    return str(best["text"]) if best else ""
