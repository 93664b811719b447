"""Bytes of `account.actions` to one action, or why it is refused; and back. Never raises for bad data."""

from typing import Any, Final, NamedTuple
from uuid import UUID

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from signal_engine.core.actions.action import (
    ASSIGN,
    CLAIM,
    DISPOSITION,
    KEEPING,
    KILL,
    MUTE,
    RESTORE,
    SNOOZE,
    AccountAction,
    ActionName,
    Authority,
)
from signal_engine.wire.actions.models import ActionRecord, Email
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.events.decode import bug
from signal_engine.wire.events.one_event import MAX_AHEAD_MS, json_object, read_instant, without_nulls
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe
from signal_engine.wire.instants import format_instant

LARGEST_ACTION: Final = 8 * 1024
"""Bytes of JSON."""
_TOO_LARGE: Final = Refusal("too_large", f"the value is larger than {LARGEST_ACTION} bytes")
_FUTURE: Final = Refusal("future", "at is more than 5 minutes ahead of the record's timestamp")
_INSTANTS: Final = ("at", "until", "review_at")
_ONLY_OF: Final[dict[str, frozenset[ActionName]]] = {
    "outcome": frozenset({DISPOSITION}),
    "assignee": frozenset({ASSIGN}),
    "take_over": frozenset({CLAIM}),
    "review_at": frozenset({KILL}),
    "icp": frozenset({KILL, RESTORE}),
    "until": frozenset({SNOOZE, CLAIM, MUTE, DISPOSITION}),
}
"""Field -> the actions that it belongs to: beside any other it would be passed over, which nobody meant."""
_validate: Final = TypeAdapter[Any](with_config(ConfigDict(strict=True))(ActionRecord)).validator.validate_python
_is_address: Final = TypeAdapter[str](Email).validator.isinstance_python


def is_email(text: str) -> bool:
    """Whether `text` may stand for a person who acts."""
    return _is_address(text)


def read_action(value: bytes | None, timestamp: int | None) -> AccountAction | Refusal:
    """The action in a record's value, or in a line of a file.

    `timestamp` is the record's, in ms, and limits how far ahead `at` may lie; None: nothing does.
    """
    try:
        return _read(value, timestamp)
    except Exception as error:  # noqa: BLE001 (a failure of ours must not stop the stream)
        return bug(error)


class ActionLine(NamedTuple):
    """One line of a file of actions."""

    now: int | None
    """When it was recorded: `received_at`, else `at`, in ms; None when unreadable."""
    verdict: AccountAction | Refusal


def read_line(value: bytes) -> ActionLine:
    """An action in a file, where `received_at` has the place of the record's timestamp."""
    document = json_object(value) if len(value) <= LARGEST_ACTION else {}
    received = None if isinstance(document, Refusal) else document.get("received_at")
    if received is None:
        verdict = read_action(value, None)
        at = read_instant(None if isinstance(document, Refusal) else document.get("at"))
        return ActionLine(at if isinstance(at, int) else None, verdict)
    now = read_instant(received)
    if isinstance(now, str):
        return ActionLine(None, Refusal("schema", f"received_at {now}"))
    return ActionLine(now, read_action(value, now))


def write_action(action: AccountAction) -> bytes:
    """The record of `action`: what `read_action` reads back as the same."""
    document: dict[str, Any] = {
        "action_id": action.action_id,
        "account_id": action.account,
        "action": action.action,
        "at": format_instant(action.at),
        "by": action.by,
        "authority": None if action.authority is None else action.authority._asdict(),
        "reason": action.reason,
        "until": None if action.until is None else format_instant(action.until),
        "icp": action.icp,
        "outcome": action.outcome,
        "assignee": action.assignee,
        "take_over": action.take_over or None,
        "review_at": None if action.review_at is None else format_instant(action.review_at),
        "via": action.via,
        "request": action.request,
    }
    return orjson.dumps(without_nulls(document))


def _read(value: bytes | None, timestamp: int | None) -> AccountAction | Refusal:
    if value is not None and len(value) > LARGEST_ACTION:
        return _TOO_LARGE
    read = json_object(value)
    if isinstance(read, Refusal):
        return read
    if isinstance(authority := read.get("authority"), dict):
        read["authority"] = without_nulls(authority)
    try:
        fields = _validate(read)
    except ValidationError as error:
        return Refusal("schema", describe(error))
    instants = {name: read_instant(fields[name]) for name in _INSTANTS if name in fields}
    faults = [f"{name} {fault}" for name, fault in instants.items() if isinstance(fault, str)]
    if faults := [*faults, *_faults(fields)]:
        return Refusal("schema", "; ".join(faults))
    account = normalise(fields["account_id"])
    if isinstance(account, NotAnAccount):
        return Refusal("account", f"account_id {account.reason}")
    times = {name: at for name, at in instants.items() if isinstance(at, int)}
    if timestamp is not None and times["at"] > timestamp + MAX_AHEAD_MS:
        return _FUTURE
    return _action(account, fields, times)


def _action(account: str, fields: dict[str, Any], times: dict[str, int]) -> AccountAction:
    authority = fields.get("authority")
    return AccountAction(
        account=account,
        action_id=str(UUID(fields["action_id"])),
        action=fields["action"],
        at=times["at"],
        by=fields["by"],
        via=fields["via"],
        authority=None if authority is None else Authority(**authority),
        reason=fields.get("reason"),
        until=times.get("until"),
        icp=fields.get("icp"),
        outcome=fields.get("outcome"),
        assignee=fields.get("assignee"),
        take_over=fields.get("take_over", False),
        review_at=times.get("review_at"),
        request=fields.get("request"),
    )


def _faults(fields: dict[str, Any]) -> list[str]:
    """What is wrong with the fields together: one that an action needs, and one that does not belong to it."""
    action = fields["action"]
    needed = {DISPOSITION: "outcome", ASSIGN: "assignee", SNOOZE: "until", CLAIM: "until", MUTE: "until"}.get(action)
    faults = [f"{needed} is missing (required for {action})"] if needed is not None and needed not in fields else []
    if action == DISPOSITION and "outcome" in fields and fields["outcome"] not in KEEPING and "until" not in fields:
        faults.append(f"until is missing (required for the outcome {fields['outcome']})")
    faults += [
        f"{name} does not belong to {action}"
        for name, actions in _ONLY_OF.items()
        if fields.get(name) not in {None, False} and action not in actions
    ]
    return faults
