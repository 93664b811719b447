"""Maps a row to events, or passes it over, or refuses it with field and reason."""

from collections.abc import Container
from functools import partial
from typing import Any, Final, NamedTuple

import orjson
from jmespath.exceptions import JMESPathError

from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.core.rules.readings import fold
from signal_engine.engine.intake.accounts import AccountFinder, cut_short, damaged
from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.company_names import FindsAccounts
from signal_engine.engine.intake.natural_keys import canonical, given_id, natural_id
from signal_engine.engine.intake.outcomes import (
    CONDITION,
    NOT_YET,
    STILL_OPEN,
    UNDATED,
    EventLine,
    Mapped,
    Outcome,
    PassedOverRow,
    RefusedRow,
    unmet,
)
from signal_engine.engine.intake.topic_records import outcome_value, without_unknown_amount
from signal_engine.engine.intake.values import Values, conditions
from signal_engine.wire.config.delimited import ShortCells
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.models import field_validator
from signal_engine.wire.events.one_event import (
    FUTURE,
    MAX_AHEAD_MS,
    MAX_VALUE_BYTES,
    NOT_IN_ACCOUNTS,
    TOO_LARGE,
    read_event,
)
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant
from signal_engine.wire.intake.mapping import OUTCOMES, Mapping, Production

_CLOSING_STAGES: Final = ("won", "lost")
_NO_DATE: Final = RefusedRow("occurred_at", "occurred_at is missing: its cell is empty")
_HISTORY_AFTER_MS: Final = 48 * HOUR
"""Age in ms from which events are loaded as history: their alerts are recorded, not sent."""
_ROOM_BYTES: Final = 256
"""Of an event, kept free in state feeds for the number of its appearance and for how it ends."""


_new_line: Final = partial(tuple.__new__, EventLine)
"""What EventLine(...) does, without the call in between."""


class Circumstances(NamedTuple):
    """What the mapping of a row depends on, besides the mapping file."""

    now: int
    """ms."""
    zone: str | None = None
    """IANA zone of dates that name none."""
    names: FindsAccounts | None = None
    """The accounts by name; None without an accounts file."""
    ids: FindsAccounts | None = None
    """The accounts by CRM id; None without an accounts file."""
    accounts: Container[str] = ()
    """The accounts of the accounts file; mail providers among them count as companies."""
    given_account: str | None = None
    """The account of every row, if the mapping says that it is given."""
    alerts: bool = False
    """Whether history raises alerts, too."""


class RowMapper:
    """Maps the rows of one input to events. `values` must have surveyed all rows and decided before `map` is called."""

    def __init__(self, mapping: Mapping, binding: Binding, values: Values, given: Circumstances) -> None:
        self._productions = [_EventMaker(mapping, one, binding, values, given) for one in mapping.productions]
        self._by_kind = {producer.kind: producer for producer in self._productions}
        self._kind = values.raw(mapping.kind_from) if mapping.kind_from else None
        self._only_first = mapping.only_first
        self._mapped = binding.mapped_places(mapping)
        self._closing = [producer for producer in self._productions if producer.closes]
        self._now = given.now

    def map(self, row: Any) -> Outcome:
        """The outcome of a row. If one of its events is refused, the whole row is, so that it can be imported again
        once fixed.
        """
        if isinstance(row, ShortCells) and (cut := cut_short(row, self._mapped) or damaged(row, self._mapped)):
            return cut
        try:
            return self._map(row)
        except JMESPathError:  # its message quotes the value, which may be a person's
            return RefusedRow("", "holds a value of a type that a path of the mapping cannot be asked of")

    def _map(self, row: Any) -> Outcome:
        producers = self._productions
        if self._kind is not None:
            producer = self._by_kind.get(fold(str(self._kind(row) or "")))
            if producer is None:
                return RefusedRow("kind", f"kind must be one of {', '.join(self._by_kind)}")
            producers = [producer]
        if len(producers) == 1:
            only = producers[0].event(row)
            if isinstance(only, EventLine):
                return Mapped((only,))
            return producers[0].told(row) if only is CONDITION else only
        events: list[EventLine] = []
        not_yet = closed = False
        for producer in producers:
            found = producer.event(row)
            if isinstance(found, EventLine):
                if any(found[:3] == other[:3] for other in events):
                    return RefusedRow("event_id", f"gives two {found.kind} events of one id: add to the key of one")
                events.append(found)
                closed = closed or producer.closes
            elif found is NOT_YET:
                not_yet = True
            elif found is not CONDITION:
                return found
            if self._only_first and found is not CONDITION:
                break
        if events:
            doubtful = not closed and self._should_be_closed(row)
            return Mapped(tuple(events), STILL_OPEN.reason if doubtful else "")
        return NOT_YET if not_yet else self._without_events(row, producers[0])

    def _without_events(self, row: Any, first: "_EventMaker") -> PassedOverRow:
        over = first.passed_over(row)
        return STILL_OPEN if over is CONDITION and self._should_be_closed(row) else over

    def _should_be_closed(self, row: Any) -> bool:
        """Whether the day is over on which the deal of a row ends. Where no production found that it did, its stages
        may be called otherwise than the mapping has them.
        """
        return any((at := producer.closes_at(row)) is not None and at + DAY <= self._now for producer in self._closing)


class _EventMaker:
    """One production of a mapping, prepared for reading rows."""

    def __init__(
        self, mapping: Mapping, production: Production, binding: Binding, values: Values, given: Circumstances
    ) -> None:
        self.kind: Final = production.kind
        self._given = given
        self._validate = None if production.kind == OUTCOMES else field_validator(production.kind)
        self._holds = conditions(production.when, mapping, values)
        self._unmet = unmet(production.when)
        self._account = AccountFinder(production.accounts, binding, values, given.names, given.given_account, given.ids)
        dated = production.occurred_at
        self._occurred_at = values.moment(dated.reference, "occurred_at") if dated is not None else _undated
        may_lack_it = dated is not None and dated.reference.optional
        self._without_date: RefusedRow | PassedOverRow = CONDITION if may_lack_it else _NO_DATE
        self._before = dated.days_before * DAY if dated is not None else 0
        self._states = mapping.state_feed
        self._now = given.now, format_instant(given.now)
        self._fields = [
            (name, values.field(name, source, dict(production.values.get(name, {}))))
            for name, source in production.fields.items()
            if binding.getter(source.reference) is not None
        ]
        self._columns = {name: binding.column(source.reference) for name, source in production.fields.items()}
        self._constants = dict(production.constants)
        self._id = values.given_id(production.identity.given) if production.identity.given else None
        self._key = [values.key_part(part) for part in production.identity.key]
        self._scope = production.identity.scope
        self._name = mapping.name
        self.closes: Final = production.kind == OUTCOMES and production.constants.get("stage") in _CLOSING_STAGES
        """Whether what it gives ends a deal."""

    def closes_at(self, row: Any) -> int | None:
        """When the deal of a row ends, or should (ms)."""
        moment = self._occurred_at(row)
        return moment[0] if type(moment) is tuple else None

    def event(self, row: Any) -> EventLine | PassedOverRow | RefusedRow:
        """The event of a row; `CONDITION` if its conditions do not hold."""
        if self._holds is not None and (held := self._holds(row)) is not True:
            passed_over = self.passed_over(row)  # a footer is one before its numbers are looked at
            return held if isinstance(held, RefusedRow) and passed_over is CONDITION else CONDITION
        account = self._account.find(row)
        if not isinstance(account, str):
            return account
        moment = self._occurred_at(row)
        is_dated = type(moment) is tuple
        if not is_dated and (moment is not None or not self._states):
            return moment or self._without_date
        at, written = moment or self._now
        if is_dated and self._before:
            at -= self._before
            if at > self._now[0]:
                return NOT_YET
            written = format_instant(at)
        event: dict[str, Any] = {"kind": self.kind, "event_id": "", "account_id": account, "occurred_at": written}
        event.update(self._constants)
        for name, read in self._fields:
            if (value := read(row)) is not None:
                if isinstance(value, RefusedRow):
                    return value
                event[name] = value
        of_what = self.kind if self._validate is not None else f"{self.kind}/{event.get('stage', '')}"
        identity = self._identity(row, account, str(event.get("source", self._name)), of_what)
        if isinstance(identity, RefusedRow):
            return identity
        event["event_id"] = identity
        return self._checked(event, account, at, is_dated=is_dated)

    def passed_over(self, row: Any) -> PassedOverRow:
        """The outcome of a row that no production covers; it says so if it is a footer."""
        found = self._account.find(row)
        return found if isinstance(found, PassedOverRow) else CONDITION

    def told(self, row: Any) -> PassedOverRow:
        """The same where this is the only production: with the conditions that do not hold, or that it has no date."""
        if (over := self.passed_over(row)) is not CONDITION:
            return over
        return UNDATED if self._holds is None or self._holds(row) is True else self._unmet

    def _identity(self, row: Any, account: str, source: str, of_what: str) -> str | RefusedRow:
        if self._id is not None and (given := self._id(row)) is not None:
            if isinstance(given, RefusedRow):
                return given
            return given_id(given if isinstance(given, str) else canonical(given))
        if not self._key:
            return RefusedRow("event_id", "event_id is missing: its cell is empty")
        parts = []
        for read in self._key:
            if isinstance(part := read(row), RefusedRow):
                return part
            parts.append(part)
        return natural_id(self._scope or source, of_what, account, parts)

    def _checked(self, event: dict[str, Any], account: str, at: int, *, is_dated: bool) -> EventLine | RefusedRow:
        """Validates an event as the engine does."""
        given = self._given
        if at > given.now + MAX_AHEAD_MS:
            return self._refused(FUTURE)
        if is_mail_provider(account) and account not in given.accounts:
            return self._refused(NOT_IN_ACCOUNTS)
        try:
            if self._validate is None:
                return self._outcome(event, account, at)
            left_out = without_unknown_amount(event)
            verdict = read_event(self.kind, self._validate, event)
            if isinstance(verdict, Refusal):
                return self._refused(verdict)
            value = orjson.dumps(event)
        except TypeError:  # half a character, or a whole number beyond 64 bits
            return RefusedRow("", "holds text that is no Unicode, or a number that is too large")
        history = is_history(at, given.now, alerts=given.alerts)
        found = _new_line((account, self.kind, verdict.event_id, at, value, history, is_dated, left_out))
        largest = MAX_VALUE_BYTES - (_ROOM_BYTES if self._states else 0)
        return found if found.size <= largest else self._refused(TOO_LARGE)

    def _outcome(self, fields: dict[str, Any], account: str, at: int) -> EventLine | RefusedRow:
        found = outcome_value(fields)
        if isinstance(found, Refusal):
            return self._refused(found)
        return EventLine(
            account, self.kind, fields["event_id"], at, found.value, history=False, left_out=found.left_out
        )

    def _refused(self, refusal: Refusal) -> RefusedRow:
        field = refusal.detail.split(" ", 1)[0].split("[", 1)[0]
        column = self._columns.get(field)
        return RefusedRow(field, f"{refusal.detail} (column {column!r})" if column else refusal.detail)


def is_history(at: int, now: int, *, alerts: bool = False) -> bool:
    """Whether an event of instant `at` (ms) is too old to ring a phone at `now`, unless `alerts` insists."""
    return at < now - _HISTORY_AFTER_MS and not alerts


def _undated(_: Any) -> None:
    """What a state feed without dates knows of since when a row is so."""
