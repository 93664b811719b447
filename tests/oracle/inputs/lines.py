"""From a line of an event file to an event or a refusal (contract.md sections 1 and 5)."""

import json
import math
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

from tests.oracle.inputs.domains import is_mail_provider, normalise_account
from tests.oracle.inputs.fields import first_wrong_field
from tests.oracle.inputs.instants import SECOND, parse_instant

MOST_BYTES = 64 * 1024
MOST_AHEAD = 5 * 60 * SECOND


@dataclass(frozen=True, slots=True)
class Event:
    """A line that was accepted."""

    line: int
    now: int
    event_id: str
    account_id: str
    kind: str
    occurred_at: int
    confidence: float
    backfill: bool
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not. `now` is None where it cannot be read."""

    line: int
    now: int | None
    event_id: str
    reason: str
    detail: str


def read_line(number: int, line: bytes, known: Container[str]) -> Event | Refusal:
    """Decide one line, numbered from 1. `now` is its `received_at` where it has one, else its `occurred_at`.

    `known` are the accounts of the accounts file: a mail provider that is one of them is a company.

    Ambiguous: a blank line is a line whose `now` cannot be read, so it is refused and counted like any other.
    Ambiguous: when several reasons hold the first of this order is given: too_large, not_json, schema, account, future.
    An unknown or missing `kind` is `schema`, as there is no topic that it could mismatch; so is JSON that is no object.
    Ambiguous: `backfill` is JSON true; any other value is no backfill and no reason to refuse.
    Ambiguous: CloudEvents are taken to be a matter of the topics; a line is an event in the contract's own fields.
    """
    line = line.rstrip(b"\r\n")
    value = _parse(line)
    event: dict[str, Any] = value if isinstance(value, dict) else {}
    arrived = event.get("received_at")
    now = parse_instant(event.get("occurred_at") if arrived is None else arrived)
    event_id = event["event_id"] if isinstance(event.get("event_id"), str) else ""

    def refuse(reason: str, detail: str) -> Refusal:
        return Refusal(number, now, event_id, reason, detail)

    if len(line) > MOST_BYTES:
        return refuse("too_large", f"{len(line)} bytes")
    if value is _NOT_JSON:
        return refuse("not_json", "not JSON in UTF-8")
    if not isinstance(value, dict):
        return refuse("schema", "not an object")
    wrong = first_wrong_field(event)
    occurred_at = parse_instant(event.get("occurred_at"))
    if wrong is not None or now is None or occurred_at is None:
        return refuse("schema", wrong or "occurred_at")
    account_id = normalise_account(event["account_id"])
    if account_id is None or (is_mail_provider(account_id) and account_id not in known):
        return refuse("account", "account_id")
    if occurred_at - now > MOST_AHEAD:
        return refuse("future", "occurred_at")
    confidence = event.get("confidence")
    sure = 1.0 if confidence is None else float(confidence)
    backfill = event.get("backfill") is True
    return Event(number, now, event_id, account_id, event["kind"], occurred_at, sure, backfill, event)


_NOT_JSON = object()


def _parse(line: bytes) -> Any:
    """The JSON value of a line; duplicate keys: the last wins. NaN, 1e400 and lone surrogates are not JSON."""
    try:
        text = line.decode("utf-8")
        value = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return _NOT_JSON
    return value


def _refuse_constant(word: str) -> float:
    raise ValueError(word)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number
