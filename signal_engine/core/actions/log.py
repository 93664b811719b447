"""What is remembered of an account's actions beside what is in force: which were counted, and the latest ones."""

from typing import Final, NamedTuple

from signal_engine.core.actions.action import AccountAction

IDS_KEPT: Final = 200
"""The latest actions of an account whose ids count once."""
LATEST_KEPT: Final = 20
"""The latest actions of an account that people are shown."""


class LoggedAction(NamedTuple):
    """An action, and when it was applied."""

    now: int
    """ms: the record's timestamp."""
    action: AccountAction


class ActionLog(NamedTuple):
    """The actions of one account. Values only."""

    ids: tuple[str, ...] = ()
    """Oldest first."""
    latest: tuple[LoggedAction, ...] = ()
    """Oldest first."""

    def with_(self, taken: LoggedAction) -> "ActionLog":
        """The log once an action has been taken."""
        ids = (*self.ids, taken.action.action_id)[-IDS_KEPT:]
        return ActionLog(ids, (*self.latest, taken)[-LATEST_KEPT:])


EMPTY: Final = ActionLog()
