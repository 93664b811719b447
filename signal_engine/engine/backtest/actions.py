"""Account actions as a replay takes them: in order of time among the events, those of an instant after its events."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol

from signal_engine.core.acting import ActionOutcome, act
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import EMPTY
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext
from signal_engine.core.score.account import Account

_NEVER: Final = 10**15
"""After every instant that RFC 3339 can write (ms)."""


class TimedAction(NamedTuple):
    """An action, and when it was recorded. Sorts by that, then by its place."""

    now: int
    """ms."""
    line: int
    action: AccountAction


class FitsNow(Protocol):
    """The fit of each account as it is now."""

    def get(self, name: str, /) -> Fit | None:
        """None for an account of no accounts file about which nobody decided anything."""


class _ActedAccount:
    """An account about which people decided something."""

    __slots__ = ("fit", "log")

    def __init__(self, fit: Fit | None) -> None:
        self.fit = fit
        self.log = EMPTY


class ReplayedActions:
    """The actions still to come, and what those before made of accounts."""

    def __init__(self, fits: Mapping[str, Fit], actions: Iterable[TimedAction] = ()) -> None:
        self._fits = fits
        self._ahead = deque(sorted(actions))
        self.acted: dict[str, _ActedAccount] = {}
        """By account."""
        self.counts: dict[ActionOutcome, int] = dict.fromkeys(ActionOutcome, 0)

    @property
    def next(self) -> int:
        """When the next action was recorded (ms); `_NEVER` when none is left."""
        return self._ahead[0].now if self._ahead else _NEVER

    @property
    def last(self) -> int | None:
        """When the last action was recorded (ms); None when none is left."""
        return self._ahead[-1].now if self._ahead else None

    def get(self, name: str) -> Fit | None:
        """The fit of an account as the actions so far leave it; see `FitsNow`."""
        acted = self.acted.get(name)
        return self._fits.get(name) if acted is None else acted.fit

    def take(self) -> TimedAction:
        """The next action, which is then no longer ahead."""
        return self._ahead.popleft()

    def apply(self, timed: TimedAction, account: Account, scoring_context: ScoringContext) -> list[Alert]:
        """Apply an action to the state of its account: the alerts due."""
        name = timed.action.account
        acted = self.acted.setdefault(name, _ActedAccount(self._fits.get(name)))
        outcome, acted.log, alerts = act(account, timed.action, timed.now, acted, acted.log, scoring_context)
        self.counts[outcome] += 1
        return alerts
