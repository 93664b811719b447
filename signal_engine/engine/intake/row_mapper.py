"""Maps a row to events, or passes it over, or refuses it with field and reason."""

from collections.abc import Callable, Container
from typing import Any, Final, NamedTuple

import orjson
from jmespath.exceptions import JMESPathError

from signal_engine.core.rules.instants import HOUR
from signal_engine.core.rules.predicates import Predicate
from signal_engine.core.rules.readings import fold
from signal_engine.engine.intake.accounts import AccountFinder
from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.company_names import CompanyNames
from signal_engine.engine.intake.natural_keys import canonical, given_id, natural_id
from signal_engine.engine.intake.outcomes import CONDITION, EventLine, Mapped, Outcome, PassedOverRow, RefusedRow
from signal_engine.engine.intake.values import Values
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
from signal_engine.wire.intake.mapping import Mapping, Production

_HISTORY_AFTER_MS: Final = 48 * HOUR
"""Age in ms from which events are loaded as history: their alerts are recorded, not sent."""


class Circumstances(NamedTuple):
    """What the mapping of a row depends on, besides the mapping file."""

    now: int
    """ms."""
    zone: str | None = None
    """IANA zone of dates that name none."""
    names: CompanyNames | None = None
    """The accounts by name; None without an accounts file."""
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

    def map(self, row: Any) -> Outcome:
        """The outcome of a row. If one of its events is refused, the whole row is, so that it can be imported again
        once fixed.
        """
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
        events: list[EventLine] = []
        for producer in producers:
            found = producer.event(row)
            if isinstance(found, EventLine):
                if any(found[:3] == other[:3] for other in events):
                    return RefusedRow("event_id", f"gives two {found.kind} events of one id: add to the key of one")
                events.append(found)
            elif found is not CONDITION:
                return found
        return Mapped(tuple(events)) if events else producers[0].passed_over(row)


class _EventMaker:
    """One production of a mapping, prepared for reading rows."""

    def __init__(
        self, mapping: Mapping, production: Production, binding: Binding, values: Values, given: Circumstances
    ) -> None:
        self.kind: Final = production.kind
        self._given = given
        self._validate = field_validator(production.kind)
        self._holds = _conditions(production.when, mapping, values)
        self._account = AccountFinder(production.accounts, binding, values, given.names, given.given_account)
        self._occurred_at = values.moment(production.occurred_at.reference, "occurred_at")
        self._fields = [
            (name, values.field(name, source, dict(production.values.get(name, {}))))
            for name, source in production.fields.items()
            if binding.getter(source.reference) is not None
        ]
        self._columns = {name: binding.column(source.reference) for name, source in production.fields.items()}
        self._constants = dict(production.constants)
        self._id = values.raw(production.identity.given) if production.identity.given else None
        self._key = [values.key_part(part) for part in production.identity.key]
        self._scope = production.identity.scope
        self._name = mapping.name

    def event(self, row: Any) -> EventLine | PassedOverRow | RefusedRow:
        """The event of a row; `CONDITION` if its conditions do not hold."""
        if self._holds is not None and (held := self._holds(row)) is not True:
            passed_over = self.passed_over(row)  # a footer is one before its numbers are looked at
            return held if isinstance(held, RefusedRow) and passed_over is CONDITION else CONDITION
        account = self._account.find(row)
        if not isinstance(account, str):
            return account
        moment = self._occurred_at(row)
        if type(moment) is not tuple:
            return moment or RefusedRow("occurred_at", "occurred_at is missing: its cell is empty")
        at, written = moment
        event: dict[str, Any] = {"kind": self.kind, "event_id": "", "account_id": account, "occurred_at": written}
        event.update(self._constants)
        for name, read in self._fields:
            if (value := read(row)) is not None:
                if isinstance(value, RefusedRow):
                    return value
                event[name] = value
        identity = self._identity(row, account, str(event.get("source", self._name)))
        if isinstance(identity, RefusedRow):
            return identity
        event["event_id"] = identity
        return self._checked(event, account, at)

    def passed_over(self, row: Any) -> PassedOverRow:
        """The outcome of a row that no production covers; it says so if it is a footer."""
        found = self._account.find(row)
        return found if isinstance(found, PassedOverRow) else CONDITION

    def _identity(self, row: Any, account: str, source: str) -> str | RefusedRow:
        if self._id is not None and (given := self._id(row)) is not None:
            return given_id(given if isinstance(given, str) else canonical(given))
        if not self._key:
            return RefusedRow("event_id", "event_id is missing: its cell is empty")
        parts = []
        for read in self._key:
            if isinstance(part := read(row), RefusedRow):
                return part
            parts.append(part)
        return natural_id(self._scope or source, self.kind, account, parts)

    def _checked(self, event: dict[str, Any], account: str, at: int) -> EventLine | RefusedRow:
        """Validates an event as the engine does."""
        given = self._given
        if at > given.now + MAX_AHEAD_MS:
            return self._refused(FUTURE)
        if is_mail_provider(account) and account not in given.accounts:
            return self._refused(NOT_IN_ACCOUNTS)
        verdict = read_event(self.kind, self._validate, event)
        if isinstance(verdict, Refusal):
            return self._refused(verdict)
        try:
            value = orjson.dumps(event)
        except TypeError:  # half a character, or a whole number beyond 64 bits
            return RefusedRow("", "holds text that is no Unicode, or a number that is too large")
        history = at < given.now - _HISTORY_AFTER_MS and not given.alerts
        found = EventLine(account, self.kind, verdict.event_id, at, value, history)
        return found if len(found.line) <= MAX_VALUE_BYTES else self._refused(TOO_LARGE)

    def _refused(self, refusal: Refusal) -> RefusedRow:
        field = refusal.detail.split(" ", 1)[0].split("[", 1)[0]
        column = self._columns.get(field)
        return RefusedRow(field, f"{refusal.detail} (column {column!r})" if column else refusal.detail)


def _conditions(
    when: tuple[Predicate, ...], mapping: Mapping, values: Values
) -> Callable[[Any], bool | RefusedRow] | None:
    """A function that tells whether `when` holds for a row, or why the row is refused; None without conditions."""
    if not when:
        return None
    asked = [values.condition(one, mapping.conditions[one.field]) for one in when]
    if len(asked) == 1:
        return asked[0]

    def together(row: Any) -> bool | RefusedRow:
        answers = [holds(row) for holds in asked]
        refused = next((one for one in answers if isinstance(one, RefusedRow)), None)
        return False if False in answers else refused or True

    return together
