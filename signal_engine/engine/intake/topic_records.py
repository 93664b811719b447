"""What rows give, as records: events of the signal topics, and outcomes, checked as the engine checks them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.engine.intake.outcomes import EventLine, RefusedRow
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.events.decode import BACKFILL
from signal_engine.wire.events.exchange_rates import in_dollars
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.outcomes.record import read_outcome

_HISTORY: Final = ((BACKFILL, b"1"),)
_AMOUNT: Final = "amount_usd"
_NO_CURRENCY: Final = RefusedRow(
    _AMOUNT,
    "has an amount in no named currency, so the amount is left out; map a currency, or give it under `constants`",
)
_NO_RATE: Final = RefusedRow(_AMOUNT, "has an amount of a currency without a known rate, so the amount is left out")


class OutcomeValue(NamedTuple):
    """One outcome."""

    value: bytes
    """Its record."""
    left_out: tuple[RefusedRow, ...] = ()
    """What it would say besides."""


def outcome_value(fields: dict[str, Any]) -> OutcomeValue | Refusal:
    """The outcome of the fields of a row, which are named as those of an event; amounts are brought into dollars."""
    told = {name: value for name, value in fields.items() if name != "kind"}
    told["outcome_id"], told["at"] = told.pop("event_id"), told.pop("occurred_at")
    number = told.get("meeting_no")
    if isinstance(number, float) and number.is_integer():
        told["meeting_no"] = int(number)
    left_out = _into_dollars(told)
    value = orjson.dumps(told)
    verdict = read_outcome(value)
    if isinstance(verdict, Refusal):
        return verdict
    return OutcomeValue(value, () if left_out is None else (left_out,))


def without_unknown_amount(fields: dict[str, Any]) -> tuple[RefusedRow, ...]:
    """Takes an amount in no named currency out of the fields of an event, and says so."""
    if "amount" not in fields or "currency" in fields:
        return ()
    del fields["amount"]
    return (_NO_CURRENCY,)


def _into_dollars(told: dict[str, Any]) -> RefusedRow | None:
    """Replaces an amount in its currency by one in dollars, unless there is one; why it is left out, where it is."""
    amount, currency = told.pop("amount", None), told.pop("currency", None)
    if amount is None or _AMOUNT in told:
        return None
    if not isinstance(currency, str):
        return _NO_CURRENCY
    dollars = in_dollars(amount, currency.strip(), parse_instant(told["at"]))
    if dollars is None:
        return _NO_RATE
    told[_AMOUNT] = dollars
    return None


def signal_record(event: EventLine, topics: Mapping[str, str]) -> ToSend:
    """The record of an event or outcome: keyed by its account, which decides its partition; `topics` has the topic of
    each kind, and that of `OUTCOMES`.

    History is said in a header: on topics, the field of that name means nothing.
    """
    headers = _HISTORY if event.history else ()
    return ToSend(topics[event.kind], None, event.account.encode(), event.value, headers)
