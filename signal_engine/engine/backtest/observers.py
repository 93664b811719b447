"""What may follow a replay: account by account as events change them, and all of them as days begin."""

from typing import Protocol

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.score.account import Account
from signal_engine.engine.backtest.states import States


class HasAccounts(Protocol):
    """Some accounts."""

    def __contains__(self, name: str, /) -> bool:
        """Whether it is one of them."""


class FollowsAccounts(Protocol):
    """Notified of each event. Read only: the accounts are the replay's own."""

    @property
    def ladder(self) -> HasAccounts:
        """The accounts of which `before` wants to know."""

    def before(self, name: str, account: Account, now: int, /) -> None:
        """Called before an account of `ladder` is decided at `now` (ms)."""

    def after(self, event: Event, account: Account, outcome: EventOutcome, /) -> None:
        """Called after an event was processed, with the state that it left."""


class FollowsDays(Protocol):
    """Notified before the first event of each day, and at the end."""

    def pass_to(self, now: int, states: States, /) -> None:
        """`states` hold every event before `now` (ms) and none of it or later."""
