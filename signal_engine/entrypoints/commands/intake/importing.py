"""One export on its way: every row becomes events, is passed over, or is refused and kept."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Final, NamedTuple

from signal_engine.adapters.files.written_whole import RefusedRows
from signal_engine.engine.intake.accounts import AccountMapper
from signal_engine.engine.intake.outcomes import AccountRecord, Mapped, Outcome, PassedOverRow, RefusedRow
from signal_engine.engine.intake.repeats import Repeats
from signal_engine.engine.intake.row_mapper import Circumstances, RowMapper
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.intake.outputs import Output
from signal_engine.entrypoints.wiring.exports import Export
from signal_engine.wire.config.delimited import RejectedRow, Row

_MAX_REASONS: Final = 50
_OTHER: Final = "other"


@dataclass(slots=True)
class ImportCounts:
    """What became of the rows of one export. `rows` = `mapped` + `passed_over` + `refused`."""

    rows: int = 0
    mapped: int = 0
    events: int = 0
    """Or outcomes, or accounts."""
    history: int = 0
    """Events that are too old to ring a phone."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """By reason."""
    refused: int = 0
    refusals: Counter[str] = field(default_factory=Counter)
    """By reason, without the value that it may quote."""
    left_out: Counter[str] = field(default_factory=Counter)
    """What outcomes would say besides, by reason; their first rows are among the examples, too."""
    examples: dict[str, str] = field(default_factory=dict)
    """Of each such reason the first row, in words."""
    doubts: Counter[str] = field(default_factory=Counter)
    """Rows that look as if the mapping did not understand them, by why; their first rows are among the examples."""
    unread: Counter[str] = field(default_factory=Counter)
    """Cells of accounts that are kept as they are, by reason; their first rows are among the examples, too."""

    def as_dict(self) -> dict[str, Any]:
        """For those who show it."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def note(self, reasons: Counter[str], where: str, reason: str) -> None:
        """Count a reason, which may quote a value behind its first colon, of the row at `where`."""
        kind = reason.partition(": ")[0]
        if kind not in reasons and len(reasons) >= _MAX_REASONS:
            kind = _OTHER
        reasons[kind] += 1
        self.examples.setdefault(kind, f"{where}: {reason}")


class AlreadySent(NamedTuple):
    """Rows that an earlier run has sent: they are mapped again, so that counts and refused rows are whole."""

    rows: int = 0
    now: int = 0
    """ms. When that run began: what was ahead of its time then was refused, and is not sent now either."""


_NOTHING_SENT: Final = AlreadySent()


def mapper_of(export: Export, values: Values, given: Circumstances) -> Callable[[object], Outcome]:
    """What becomes of one row of an export."""
    if export.mapping.accounts is not None:
        return AccountMapper(export.mapping, export.binding, values).map
    return RowMapper(export.mapping, export.binding, values, given).map


def import_rows(
    export: Export,
    values: Values,
    given: Circumstances,
    out: Output,
    refused: RefusedRows | None,
    repeats: Repeats,
    sent: AlreadySent = _NOTHING_SENT,
    *,
    presuming: bool = False,
) -> ImportCounts:
    """Gives what the rows of one export become to `out`, and its refused rows to `refused`; None in a dry run.

    `presuming`: the columns are surveyed while they are read; it raises `Undecided` where that is not enough.
    Raises `UnreadableInput`, and what `out` does.
    """
    counts = ImportCounts()
    later = mapper_of(export, values, given)
    map_row = mapper_of(export, values, given._replace(now=sent.now)) if sent.rows else later
    if presuming:
        values.presume()
    for row in export.rows():
        counts.rows += 1
        is_new = counts.rows > sent.rows
        if counts.rows == sent.rows + 1:
            map_row = later
        if presuming and type(row) is Row:
            values.survey(row.cells)
        outcome = RefusedRow("", row.reason) if isinstance(row, RejectedRow) else map_row(row.cells)
        if type(outcome) is Mapped:
            counts.mapped += 1
            counts.events += len(outcome.events)
            if outcome.doubt:
                counts.note(counts.doubts, f"{export.name}:{row.line}", outcome.doubt)
            for event in outcome.events:
                counts.history += event.history
                for cell in event.left_out:
                    counts.note(counts.left_out, f"{export.name}:{row.line}", cell.reason)
                repeats.add(event)
                if is_new:
                    out.event(event)
        else:
            _take(outcome, export, row, counts, out, refused)
        if is_new:
            out.end_of_row(counts.rows)
    return counts


def _take(
    outcome: Outcome,
    export: Export,
    row: Row | RejectedRow,
    counts: ImportCounts,
    out: Output,
    refused: RefusedRows | None,
) -> None:
    """What gives no events."""
    if isinstance(outcome, AccountRecord):
        counts.mapped += 1
        counts.events += 1
        for cell in outcome.unread:
            counts.note(counts.unread, f"{export.name}:{row.line}", cell.reason)
        out.account(outcome)
    elif isinstance(outcome, PassedOverRow):
        known = outcome.reason in counts.passed_over or len(counts.passed_over) < _MAX_REASONS
        counts.passed_over[outcome.reason if known else _OTHER] += 1
    elif isinstance(outcome, RefusedRow):
        counts.refused += 1
        counts.note(counts.refusals, f"{export.name}:{row.line}", outcome.reason)
        if refused is not None:
            kept = Row(row.line, list(row.cells)) if isinstance(row, RejectedRow) else row
            refused.add(kept, outcome.field, outcome.reason)


def made_of(export: Export) -> list[str]:
    """What an export gives, in the singular."""
    made = export.mapping
    if made.accounts is not None or made.state_feed:
        return ["account" if made.accounts is not None else "state"]
    return [*["event"] * made.makes_events, *["outcome"] * made.makes_outcomes]
