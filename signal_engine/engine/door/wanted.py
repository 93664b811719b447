"""What somebody asks for at the door, and how it is refused."""

from hashlib import blake2b
from typing import Final, Literal, NamedTuple

import orjson

from signal_engine.core.actions.action import KILL, AccountAction, ActionName, Outcome, Via

Fault = Literal["invalid", "forbidden", "conflict", "unavailable"]
INVALID: Final = "invalid"
"""The request cannot be right, whoever makes it."""
FORBIDDEN: Final = "forbidden"
"""Somebody else may do this."""
CONFLICT: Final = "conflict"
"""It is at odds with what is in force."""
UNAVAILABLE: Final = "unavailable"
"""What is in force is not known at the moment: the same request may be right later."""


class WantedAction(NamedTuple):
    """An action that a named person asks for. Instants in ms since 1970."""

    account: str
    """A domain, URL or host, as it was given."""
    action: ActionName
    by: str
    """E-mail of the person who acts; the door lowers its case."""
    via: Via
    action_id: str
    """A UUID: sent again with the same content, it is the same action."""
    reason: str | None = None
    until: int | None = None
    icp: str | None = None
    everywhere: bool = False
    """Of kill and restore: not for one ICP alone."""
    outcome: Outcome | None = None
    assignee: str | None = None
    take_over: bool = False

    def matches(self, action: AccountAction) -> bool:
        """Whether `action`, of the same id, was written for the same request. Of one without a digest, terms that were
        not asked for, such as the end of a claim, do not matter."""
        if action.request is not None:
            return action.request == self.digest
        return (
            action.action == self.action
            and action.by == self.by.lower()
            and action.reason == self.reason
            and action.outcome == self.outcome
            and action.assignee == self.assignee
            and action.take_over == self.take_over
            and self.until in {None, action.until}
            and self.icp in {None, action.icp}
            and not (self.everywhere and action.icp is not None)
            and (self.everywhere or action.action != KILL or action.icp is not None)
        )

    @property
    def digest(self) -> str:
        """What is asked for, and by whom, in 16 hexadecimal digits; not by which way. It is stored: a new field must be
        left out of it as long as it has its default."""
        asked = self._replace(by=self.by.lower())._asdict().items()
        left_out = {"account", "via", "action_id"}
        said = {name: value for name, value in sorted(asked) if name not in left_out and value != _DEFAULTS.get(name)}
        return blake2b(orjson.dumps(said), digest_size=8).hexdigest()


_DEFAULTS: Final = WantedAction._field_defaults


class ActionRefusal(NamedTuple):
    """Why an action was not written."""

    fault: Fault
    detail: str
    """For people; names owners and fields, never the values of a request."""
