"""What people have decided about one account so far, folded from its records in `account.actions`."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.in_force import NOTHING, InForce

_REMEMBERED: Final = 200
"""Actions of an account within which an action_id is recognised."""


class PastAction(NamedTuple):
    """One action as Kafka has it."""

    at: int
    """The record's timestamp (ms), by which it counts."""
    action: AccountAction


class PastActions(NamedTuple):
    """The actions of one account, oldest first, each action_id once."""

    in_force: InForce = NOTHING
    """After the last of them; `InForce.at` tells what is left of it at an instant. A hand raise or trigger that has
    ended a snooze since is not in here."""
    actions: tuple[PastAction, ...] = ()

    def find(self, action_id: str) -> PastAction | None:
        """The action with this id; None if it is not among the last ones."""
        return next((one for one in reversed(self.actions) if one.action.action_id == action_id), None)

    def newest(self, limit: int) -> tuple[PastAction, ...]:
        """At most `limit` of them, newest first."""
        return self.actions[: -limit - 1 : -1]


def fold(records: Iterable[PastAction]) -> PastActions:
    """The past of one account, of its records in the order of Kafka."""
    in_force, actions = NOTHING, list[PastAction]()
    for one in records:
        if any(before.action.action_id == one.action.action_id for before in actions[-_REMEMBERED:]):
            continue
        actions.append(one)
        in_force = in_force.after(one.action, one.at, frozenset())
    return PastActions(in_force, tuple(actions))
