"""One export on its way to an event file: every row becomes events, is passed over, or is refused and kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import IO, Any, Final

import orjson

from signal_engine.adapters.files.sorting import ExternalSorter
from signal_engine.adapters.files.written_whole import RefusedRows
from signal_engine.engine.intake.accounts import AccountMapper
from signal_engine.engine.intake.outcomes import AccountRecord, Mapped, Outcome, PassedOverRow, RefusedRow
from signal_engine.engine.intake.row_mapper import Circumstances, RowMapper
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.wiring.exports import Export
from signal_engine.wire.config.delimited import RejectedRow, Row
from signal_engine.wire.events.decode import BACKFILL

_MAX_REASONS: Final = 50
_OTHER: Final = "other"
_BACKFILL: Final = f'"{BACKFILL}":true'.encode()


@dataclass(slots=True)
class ImportCounts:
    """What became of the rows of one export. `rows` = `mapped` + `passed_over` + `refused`."""

    rows: int = 0
    mapped: int = 0
    events: int = 0
    """Or accounts."""
    history: int = 0
    """Events that are too old to ring a phone."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """By reason."""
    refused: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """By reason, without the value that it may quote."""
    examples: dict[str, str] = field(default_factory=dict)
    """Of each such reason the first row, in words."""

    def as_dict(self) -> dict[str, Any]:
        """For those who show it."""
        document = {one.name: getattr(self, one.name) for one in fields(self)}
        return {**document, "passed_over": dict(self.passed_over), "refusals": dict(self.refusals)}


def mapper_of(export: Export, values: Values, given: Circumstances) -> Callable[[object], Outcome]:
    """What becomes of one row of an export."""
    if export.mapping.accounts is not None:
        return AccountMapper(export.mapping, export.binding, values).map
    return RowMapper(export.mapping, export.binding, values, given).map


def import_rows(
    export: Export,
    values: Values,
    given: Circumstances,
    out: IO[bytes] | None,
    refused: RefusedRows | None,
    ids: ExternalSorter | None = None,
    *,
    presuming: bool = False,
) -> ImportCounts:
    """Writes the lines of one export to `out` and its refused rows to `refused`; None of each in a dry run.

    `ids` collects the ids of events. `presuming`: the columns have not been surveyed, and are while they are read; then
    it raises `Doubt` where that does not do. Raises `UnreadableInput`.
    """
    counts = ImportCounts()
    map_row = mapper_of(export, values, given)
    if presuming:
        values.presume()
    for row in export.rows():
        counts.rows += 1
        if presuming and type(row) is Row:
            values.survey(row.cells)
        outcome = RefusedRow("", row.reason) if isinstance(row, RejectedRow) else map_row(row.cells)
        if type(outcome) is Mapped:
            counts.mapped += 1
            counts.events += len(outcome.events)
            for event in outcome.events:
                counts.history += event.line.endswith(_BACKFILL + b"}")
                if out is not None:
                    out.write(event.line + b"\n")
                if ids is not None:
                    ids.add((event.account, event.kind, event.event_id), b"")
        elif isinstance(outcome, AccountRecord):
            counts.mapped += 1
            counts.events += 1
            if out is not None:
                out.write(orjson.dumps(outcome.fields) + b"\n")
        elif isinstance(outcome, PassedOverRow):
            known = outcome.reason in counts.passed_over or len(counts.passed_over) < _MAX_REASONS
            counts.passed_over[outcome.reason if known else _OTHER] += 1
        elif isinstance(outcome, RefusedRow):
            _refuse(export, row, outcome, counts, refused)
    return counts


def fallen_together(ids: ExternalSorter) -> int:
    """How many events have the id of another, of all that were imported."""
    last, count = None, 0
    for key, _ in ids:
        count += key == last
        last = key
    return count


def _refuse(
    export: Export, row: Row | RejectedRow, outcome: RefusedRow, counts: ImportCounts, refused: RefusedRows | None
) -> None:
    counts.refused += 1
    reason = outcome.reason.partition(": ")[0]
    if reason not in counts.refusals and len(counts.refusals) >= _MAX_REASONS:
        reason = _OTHER
    counts.refusals[reason] += 1
    counts.examples.setdefault(reason, f"{export.name}:{row.line}: {outcome.reason}")
    if refused is not None:
        kept = Row(row.line, list(row.cells)) if isinstance(row, RejectedRow) else row
        refused.add(kept, outcome.field, outcome.reason)
