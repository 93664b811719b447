"""Bytes of `outcomes` to one outcome, or why it is refused; and back. Never raises for bad data."""

from typing import Any, Final, NamedTuple

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from signal_engine.core.actions.action import Outcome
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.events.decode import bug
from signal_engine.wire.events.one_event import json_object, read_instant, without_nulls
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.models import OutcomeRecord, OutcomeStage

LARGEST_OUTCOME: Final = 8 * 1024
"""Bytes of JSON."""
_TOO_LARGE: Final = Refusal("too_large", f"the value is larger than {LARGEST_OUTCOME} bytes")
_INSTANTS: Final = ("at", "opened_at")
_validate: Final = TypeAdapter[Any](with_config(ConfigDict(strict=True))(OutcomeRecord)).validator.validate_python


class AccountOutcome(NamedTuple):
    """One outcome. All instants in ms since 1970."""

    account: str
    """A registrable domain."""
    outcome_id: str
    stage: OutcomeStage
    at: int
    opportunity_id: str | None = None
    stage_name: str | None = None
    meeting_no: int | None = None
    opened_at: int | None = None
    amount_usd: float | None = None
    reason: Outcome | None = None
    icp: str | None = None
    source: str | None = None


def read_outcome(value: bytes | None) -> AccountOutcome | Refusal:
    """The outcome in a record's value, or in a line of a file."""
    try:
        return _read(value)
    except Exception as error:  # noqa: BLE001 (a failure of ours must not stop the reading)
        return bug(error)


def write_outcome(outcome: AccountOutcome) -> bytes:
    """The record of `outcome`: what `read_outcome` reads back as the same."""
    told: dict[str, Any] = outcome._asdict()
    told["account_id"] = told.pop("account")
    for name in _INSTANTS:
        told[name] = None if told[name] is None else format_instant(told[name])
    return orjson.dumps(without_nulls(told))


def _read(value: bytes | None) -> AccountOutcome | Refusal:
    if value is not None and len(value) > LARGEST_OUTCOME:
        return _TOO_LARGE
    read = json_object(value)
    if isinstance(read, Refusal):
        return read
    try:
        fields = _validate(read)
    except ValidationError as error:
        return Refusal("schema", describe(error))
    instants = {name: read_instant(fields[name]) for name in _INSTANTS if name in fields}
    faults = [f"{name} {fault}" for name, fault in instants.items() if isinstance(fault, str)]
    times = {name: at for name, at in instants.items() if isinstance(at, int)}
    if len(times) == len(_INSTANTS) and times["opened_at"] > times["at"]:
        faults.append("opened_at is after at")
    if fields["stage"] != "meeting" and "meeting_no" in fields:
        faults.append(f"meeting_no does not belong to {fields['stage']}")
    if faults:
        return Refusal("schema", "; ".join(faults))
    account = normalise(fields["account_id"])
    if isinstance(account, NotAnAccount):
        return Refusal("account", f"account_id {account.reason}")
    return AccountOutcome(
        account=account,
        outcome_id=fields["outcome_id"],
        stage=fields["stage"],
        at=times["at"],
        opportunity_id=fields.get("opportunity_id"),
        stage_name=fields.get("stage_name"),
        meeting_no=fields.get("meeting_no"),
        opened_at=times.get("opened_at"),
        amount_usd=fields.get("amount_usd"),
        reason=fields.get("reason"),
        icp=fields.get("icp"),
        source=fields.get("source"),
    )
