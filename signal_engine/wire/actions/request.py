"""The body of a request that asks for an action, or why it is refused. Never raises for bad data."""

from typing import Any, Final, NamedTuple

from pydantic import TypeAdapter, ValidationError

from signal_engine.core.actions.action import ActionName, Outcome
from signal_engine.wire.actions.models import ActionRequest
from signal_engine.wire.events.one_event import json_object, read_instant
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe

_ELSEWHERE: Final = {
    "by": "by is told by the token, not by the body",
    "account_id": "account_id is in the path, not in the body",
    "action_id": "action_id is the header Idempotency-Key, not in the body",
}
_FIELDS: Final = tuple(ActionRequest.__annotations__)
_validate: Final = TypeAdapter[Any](ActionRequest).validator.validate_python


class RequestedAction(NamedTuple):
    """A valid body."""

    action: ActionName
    reason: str | None = None
    until: int | None = None
    """ms since 1970."""
    icp: str | None = None
    everywhere: bool = False
    outcome: Outcome | None = None
    assignee: str | None = None
    take_over: bool = False


def read_request(body: bytes) -> RequestedAction | Refusal:
    """The action that `body` asks for. An unknown field is refused: a misspelt `until` would not be missed else."""
    read = json_object(body)
    if isinstance(read, Refusal):
        return read
    for field in read:
        if field not in _FIELDS:
            known = f"an unknown field; there are {', '.join(_FIELDS)}"
            return Refusal("schema", _ELSEWHERE.get(field, known))
    try:
        fields = _validate(read)
    except ValidationError as error:
        return Refusal("schema", describe(error))
    if "until" in fields:
        until = read_instant(fields["until"])
        if isinstance(until, str):
            return Refusal("schema", f"until {until}")
        fields["until"] = until
    return RequestedAction(**fields)
