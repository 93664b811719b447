"""What somebody asks for at the door, and how it is refused."""

from typing import Final, Literal, NamedTuple

from signal_engine.core.actions.action import AccountAction, ActionName, Outcome, Via

Fault = Literal["invalid", "forbidden", "conflict"]
INVALID: Final = "invalid"
"""The request cannot be right, whoever makes it."""
FORBIDDEN: Final = "forbidden"
"""Somebody else may do this."""
CONFLICT: Final = "conflict"
"""It is at odds with what is in force."""


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
        """Whether `action`, of the same id, was written for the same request; terms that were not asked for, such as
        the end of a claim, do not matter."""
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
        )


class ActionRefusal(NamedTuple):
    """Why an action was not written."""

    fault: Fault
    detail: str
    """For people; names owners and fields, never the values of a request."""
