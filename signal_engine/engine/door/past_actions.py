"""What people have decided about one account so far, folded from its records in `account.actions`."""

from collections.abc import Iterable

from signal_engine.core.actions.log import LoggedAction
from signal_engine.wire.storage.actions import NO_ACTIONS, StoredActions


def fold(records: Iterable[LoggedAction]) -> StoredActions:
    """What records of one account in the order of Kafka come to, as the engine keeps it.

    But for what its signals end: a hand raise or trigger that has ended a snooze since is not seen here.
    """
    past = NO_ACTIONS
    for taken in records:
        past = past.after(taken)
    return past


def find(past: StoredActions, action_id: str) -> LoggedAction | None:
    """The action with this id among the latest ones."""
    return next((taken for taken in past.log.latest if taken.action.action_id == action_id), None)
