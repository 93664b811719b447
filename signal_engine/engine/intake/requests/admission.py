"""Events as somebody sends them over HTTP -> records, or why not: what is admitted, the engine does not refuse.

Before all accounts are known there is one exception: a mail provider may be in no accounts file.
"""

from typing import Any, Final

import orjson

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import MINUTE
from signal_engine.core.rules.kinds import KINDS
from signal_engine.engine.intake.natural_keys import canonical, natural_id
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.wire.events.account_names import NotAnAccount, is_mail_provider, normalise
from signal_engine.wire.events.cloudevents import Headers, unwrap
from signal_engine.wire.events.decode import BACKFILL
from signal_engine.wire.events.models import field_validator
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES, NOT_IN_ACCOUNTS, TOO_LARGE, read_event, without_nulls
from signal_engine.wire.events.rejections import Refusal

MAX_AHEAD_MS: Final = 4 * MINUTE
"""ms. A minute less than the engine allows: the event has to get there, and clocks differ."""
MAX_DEPTH: Final = 32
"""Levels of lists and objects in an event."""
_NATURAL_KEY: Final = "natural_key"
_MAX_KEY_VALUES: Final = 16
_FUTURE: Final = Refusal("future", "occurred_at is more than 4 minutes ahead of the event's arrival")
_TOO_DEEP: Final = Refusal("schema", f"the event is nested more than {MAX_DEPTH} levels deep")
_NO_ID: Final = Refusal(
    "schema", f"event_id is missing: give an id, or in {_NATURAL_KEY} the values that make the event what it is"
)
_NO_KEY: Final = Refusal(
    "schema", f"{_NATURAL_KEY} must be a list of 1 to {_MAX_KEY_VALUES} texts, numbers or booleans"
)


def admit(
    given: dict[str, Any], now: int, known: KnownAccounts, raw: bytes | None = None, headers: Headers = ()
) -> EventLine | Refusal:
    """The event in an object that arrived at `now` (ms). `headers` are CloudEvents attributes as Kafka has them.

    `raw` is the JSON of `given`, where it is there; it goes on as it is unless the event had to be unwrapped.
    """
    if is_deeper(given, MAX_DEPTH):
        return _TOO_DEEP
    sent = event = without_nulls(given)
    if headers or "specversion" in event:
        event, fault, kind_by_type = unwrap(event, headers)
        if fault is not None:
            return Refusal("schema", fault)
        event = without_nulls(event if kind_by_type is None else {"kind": kind_by_type, **event})
    kind = event.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        wrong = "is missing" if kind is None else f"must be one of {', '.join(KINDS)}"
        return Refusal("schema", f"kind {wrong}")
    history = event.get(BACKFILL, False)
    if not isinstance(history, bool):
        return Refusal("schema", "backfill must be true or false")
    if "event_id" not in event:
        identity = _natural_identity(kind, event)
        if isinstance(identity, Refusal):
            return identity
        event = {**event, "event_id": identity}
    verdict = _verdict(kind, event, now, known)
    if isinstance(verdict, Refusal):
        return verdict
    try:
        value = raw if raw is not None and event is sent else orjson.dumps(event)
    except TypeError:
        return Refusal("schema", "holds a whole number beyond 64 bits")
    if len(value) > MAX_VALUE_BYTES:
        return TOO_LARGE
    return EventLine(verdict.account, kind, verdict.event_id, verdict.occurred_at, value, history)


def is_deeper(value: Any, levels: int) -> bool:
    """Whether JSON is nested deeper; itself is the first level."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for one in layer
            for inner in (one.values() if type(one) is dict else one)
            if type(inner) in (dict, list)
        ]
        if not layer:
            return False
    return True


def _verdict(kind: str, event: dict[str, Any], now: int, known: KnownAccounts) -> Event | Refusal:
    """As the engine reads it when it gets there."""
    verdict = read_event(kind, field_validator(kind), event)
    if isinstance(verdict, Refusal):
        return verdict
    if verdict.occurred_at > now + MAX_AHEAD_MS:
        return _FUTURE
    if known.is_whole and is_mail_provider(verdict.account) and verdict.account not in known.mail_providers:
        return NOT_IN_ACCOUNTS
    return verdict


def _natural_identity(kind: str, event: dict[str, Any]) -> str | Refusal:
    values = event.get(_NATURAL_KEY)
    if values is None:
        return _NO_ID
    if not isinstance(values, list) or not 1 <= len(values) <= _MAX_KEY_VALUES:
        return _NO_KEY
    if not all(isinstance(one, str | int | float) for one in values):
        return _NO_KEY
    account = normalise(event["account_id"]) if isinstance(event.get("account_id"), str) else ""
    if isinstance(account, NotAnAccount):
        account = ""  # the event is refused for it in a moment
    return natural_id(str(event.get("source", "")), kind, account, [canonical(one) for one in values])
