"""The rows of a report as the cells of a table: what `--csv`, the page and the API write."""

from collections.abc import Iterator
from typing import Any

from signal_engine.wire.output.reports.report_documents import ROW_FIELDS, Report


def report_cells(report: Report) -> Iterator[list[Any]]:
    """The rows, in the order of `ROW_FIELDS`; several values in one cell are separated by `; `."""
    fields = ROW_FIELDS[report["report"]]
    for row in report["rows"]:
        cells: dict[str, Any] = dict(row)
        yield [_cell(cells[field]) for field in fields]


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
