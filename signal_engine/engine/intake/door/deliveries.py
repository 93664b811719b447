"""The body of a webhook and a mapping -> events, or what has to be kept until the mapping is mended."""

from collections import Counter
from typing import Any, Final, NamedTuple

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.door.admission import MAX_AHEAD_MS, MAX_DEPTH, is_deeper
from signal_engine.engine.intake.outcomes import EventLine, Mapped, PassedOverRow, RefusedRow
from signal_engine.engine.intake.row_mapper import Circumstances, RowMapper
from signal_engine.engine.intake.values import Values
from signal_engine.wire.events import one_event
from signal_engine.wire.intake.mapping import Mapping

_REASONS: Final = 5
_EARLIER: Final = one_event.MAX_AHEAD_MS - MAX_AHEAD_MS
"""ms by which the door is stricter than the engine."""
_NO_OBJECT: Final = RefusedRow("", "a row is no JSON object")


class Delivery(NamedTuple):
    """What became of the rows of one body: each gave events, was passed over, or was refused."""

    events: tuple[EventLine, ...] = ()
    passed_over: int = 0
    refused: int = 0
    reason: str = ""
    """`not_json` or `unmappable`, where something was refused."""
    detail: str = ""
    """Why, without quoting a value; one reason after the other."""


class DeliveryMapper:
    """Maps the bodies of one hook."""

    def __init__(self, mapping: Mapping, zone: str | None, account: str | None) -> None:
        """`zone` is that of dates that name none; `account` that of rows that name none."""
        self._mapping = mapping
        self._zone, self._account = zone, account
        self._binding = Binding(mapping, None)
        self._each = jmespath.compile(mapping.each).search if mapping.each else None

    def map(self, body: bytes, now: int) -> Delivery:
        """What becomes of a body that arrived at `now` (ms)."""
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            return Delivery(refused=1, reason="not_json", detail=f"the body is not valid JSON at character {error.pos}")
        if type(document) in (dict, list) and is_deeper(document, MAX_DEPTH):
            return _unmappable(f"the body is nested more than {MAX_DEPTH} levels deep")
        try:
            found = self._each(document) if self._each else document
        except JMESPathError:  # its message quotes the value, which may be a person's
            return _unmappable("the path of `each` cannot be asked of the body")
        return self._rows(found if isinstance(found, list) else [found], now)

    def _rows(self, rows: list[Any], now: int) -> Delivery:
        values = Values(self._mapping, self._binding, self._zone)
        objects = [row for row in rows if isinstance(row, dict)]
        for row in objects:
            values.survey(row)
        try:
            values.decide()
        except ValueError as error:
            return _unmappable(str(error).partition(":")[0], len(rows))
        given = Circumstances(now - _EARLIER, self._zone, given_account=self._account)
        mapper = RowMapper(self._mapping, self._binding, values, given)
        events: list[EventLine] = []
        reasons: Counter[str] = Counter()
        passed_over = 0
        for row in rows:
            outcome = mapper.map(row) if isinstance(row, dict) else _NO_OBJECT
            if isinstance(outcome, Mapped):
                events += outcome.events
            elif isinstance(outcome, PassedOverRow):
                passed_over += 1
            elif isinstance(outcome, RefusedRow):
                reasons[outcome.reason.partition(": ")[0]] += 1
        detail = "; ".join(f"{count} rows: {why}" if count > 1 else why for why, count in reasons.most_common(_REASONS))
        refused = reasons.total()
        return Delivery(tuple(events), passed_over, refused, "unmappable" if refused else "", detail)


def _unmappable(detail: str, rows: int = 1) -> Delivery:
    return Delivery(refused=rows, reason="unmappable", detail=detail)
