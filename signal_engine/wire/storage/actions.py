"""What is in force for an account, and the log of its actions, as the bytes of one value, and back. Lossless."""

from typing import Any, Final, NamedTuple

import orjson

from signal_engine.core.actions.action import AccountAction, Authority
from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.actions.log import EMPTY, ActionLog, LoggedAction
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.storage.kept_json import kept

_SINGLE_ACTIONS: Final = ("do_not_contact", "snooze", "claim", "disposition", "assigned")


class StoredActions(NamedTuple):
    """The actions of one account."""

    in_force: InForce = NOTHING
    log: ActionLog = EMPTY

    def after(self, taken: LoggedAction) -> "StoredActions":
        """With one more action; one that is in the log counts once. Not with what signals end."""
        if taken.action.action_id in self.log.ids:
            return self
        return StoredActions(self.in_force.after(taken.action, taken.now, frozenset()), self.log.with_(taken))


NO_ACTIONS: Final = StoredActions()
"""Of an account of which nobody decided anything."""


def encode(actions: StoredActions) -> bytes:
    """As JSON; equal actions have equal bytes."""
    in_force, log = actions
    ones = [_standing(getattr(in_force, name)) for name in _SINGLE_ACTIONS]
    kills = {icp: _standing(kill) for icp, kill in sorted(in_force.kills.items())}
    return kept([kills, *ones, log.ids, [*map(_taken, log.latest)]])


def decode(value: bytes | None) -> StoredActions:
    """From JSON; `NO_ACTIONS` where there is none. Raises `UnreadableDocument`."""
    if value is None:
        return NO_ACTIONS
    with reading("the actions of an account"):
        kills, *ones, ids, latest = orjson.loads(value)
        in_force = InForce(
            {icp: _read_standing(kill) for icp, kill in kills.items()},
            **{
                name: None if one is None else _read_standing(one)
                for name, one in zip(_SINGLE_ACTIONS, ones, strict=True)
            },
        )
        return StoredActions(in_force, ActionLog(tuple(ids), tuple(_read_taken(*one) for one in latest)))


def _standing(one: StandingAction | None) -> list[Any] | None:
    if one is None:
        return None
    inherited = [] if one.inherited_from is None else [one.inherited_from]  # of an overlay only: never stored
    return [*one[:6], sorted(one.live), one.assignee, *inherited]


def _read_standing(one: list[Any]) -> StandingAction:
    by, at, reason, until, review_at, outcome, live, assignee, *inherited = one
    return StandingAction(by, at, reason, until, review_at, outcome, frozenset(live), assignee, *inherited)


def _taken(taken: LoggedAction) -> tuple[int, list[Any]]:
    """With plain lists throughout, which is all that JSON knows."""
    return taken.now, [[*one] if isinstance(one, Authority) else one for one in taken.action]


def _read_taken(now: int, action: list[Any]) -> LoggedAction:
    read = AccountAction(*action)
    return LoggedAction(now, read if read.authority is None else read._replace(authority=Authority(*read.authority)))
