"""The body of a webhook and a mapping -> events, or what has to be kept until the mapping is mended."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.outcomes import EventLine, Mapped, PassedOverRow, RefusedRow
from signal_engine.engine.intake.requests.admission import MAX_AHEAD_MS, MAX_DEPTH, is_deeper
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.intake.row_mapper import Circumstances, RowMapper
from signal_engine.engine.intake.values import Values
from signal_engine.wire.events import one_event
from signal_engine.wire.intake.mapping import Mapping

_REASONS: Final = 5
_EARLIER: Final = one_event.MAX_AHEAD_MS - MAX_AHEAD_MS
"""ms by which `ingest` is stricter than the engine."""
_EXAMPLE: Final = re.compile(r": | \('")
"""Where a reason goes on with a value, and with what to do on a command line."""
_NO_OBJECT: Final = RefusedRow("", "a row is no JSON object")


class Delivery(NamedTuple):
    """What became of the rows of one body: each gave events, was passed over, or was refused."""

    events: tuple[EventLine, ...] = ()
    passed_over: int = 0
    refused: int = 0
    reason: str = ""
    """`not_json`, `unmappable` or `broken_feed`, where something was refused."""
    detail: str = ""
    """Why, without quoting a value; one reason after the other."""


class DeliveryMapper:
    """Maps the bodies of one hook. The events of a state feed are its rows, not yet what has changed."""

    def __init__(self, mapping: Mapping, zone: str | None, account: str | None) -> None:
        """`zone` is that of dates that name none; `account` that of rows that name none."""
        self._mapping = mapping
        self._zone, self._account = zone, account
        self._binding = Binding(mapping, None)
        self.name: Final = mapping.name
        self.is_state_feed: Final = mapping.state_feed
        self._each = jmespath.compile(mapping.each).search if mapping.each else None

        self.looks_up_names: Final = mapping.looks_up_names
        self.looks_up_ids: Final = mapping.looks_up_ids

    @property
    def looks_up(self) -> bool:
        """Whether accounts have to be known as a whole before a body is mapped."""
        return self.looks_up_names or self.looks_up_ids

    @property
    def makes_outcomes(self) -> bool:
        """Whether a delivery may give outcomes."""
        return self._mapping.makes_outcomes

    def whole_of(self, delivery: Delivery) -> frozenset[str]:
        """The accounts of a state feed of which a delivery has all rows: those that it names."""
        named = {event.account for event in delivery.events}
        return frozenset(named | {self._account} if self._account is not None else named)

    def map(self, body: bytes, now: int, known: KnownAccounts) -> Delivery:
        """What becomes of a body that arrived at `now` (ms), with the accounts that are `known`."""
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
        return self._rows(found if isinstance(found, list) else [found], now, known)

    def _rows(self, rows: list[Any], now: int, known: KnownAccounts) -> Delivery:
        values = Values(self._mapping, self._binding, self._zone)
        objects = [row for row in rows if isinstance(row, dict)]
        for row in objects:
            values.survey(row)
        try:
            values.decide()
        except ValueError as error:
            return _unmappable(_EXAMPLE.split(str(error), maxsplit=1)[0], len(rows))
        given = Circumstances(now - _EARLIER, self._zone, known.names, known.ids, known.mail_providers, self._account)
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


def accounts_for(mappers: Iterable[DeliveryMapper]) -> KnownAccounts:
    """None yet: as they have to be known for these mappers."""
    of = [*mappers]
    return KnownAccounts(by_name=any(one.looks_up_names for one in of), by_id=any(one.looks_up_ids for one in of))
