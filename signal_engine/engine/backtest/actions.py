"""What changes accounts in a replay besides events: people's actions, and rows of later accounts loads.

Both are taken in order of time among the events, those of an instant after its events.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Protocol, TypeAlias

from signal_engine.core.acting import ActionOutcome, act
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.in_force import InForce
from signal_engine.core.actions.log import EMPTY
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.acted import acted_on, actions_of
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.inherited import inherited_do_not_contact
from signal_engine.core.flow import ScoringContext
from signal_engine.core.score.account import Account
from signal_engine.engine.actions.overlay import overlaid

_NEVER: Final = 10**15
"""After every instant that RFC 3339 can write (ms)."""


class TimedAction(NamedTuple):
    """An action, and when it was recorded. Sorts by that, then by its place."""

    now: int
    """ms."""
    line: int
    action: AccountAction

    @property
    def account(self) -> str:
        """Whom it is about."""
        return self.action.account


class TimedFit(NamedTuple):
    """What the ICPs decide of an account from an instant on."""

    now: int
    """When its row was loaded (ms)."""
    account: str
    fit: Fit | None
    """None: the account left."""


_Timed: TypeAlias = TimedAction | TimedFit


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
    """The actions and loaded rows still to come, and what those before made of accounts."""

    def __init__(
        self, fits: Mapping[str, Fit], actions: Iterable[TimedAction] = (), loaded: Iterable[TimedFit] = ()
    ) -> None:
        """`fits` are those at the beginning; rows `loaded` at an instant count before its actions."""
        rows = [*loaded]
        ahead: list[_Timed] = [*rows, *sorted(actions)]
        self._ahead = deque(sorted(ahead, key=lambda timed: timed.now))
        self._fits: dict[str, Fit] = {**fits} if rows or not isinstance(fits, dict) else fits
        self.acted: dict[str, _ActedAccount] = {}
        """By account."""
        self.counts: dict[ActionOutcome, int] = dict.fromkeys(ActionOutcome, 0)

    @property
    def next(self) -> int:
        """When the next of them was recorded (ms); `_NEVER` when none is left."""
        return self._ahead[0].now if self._ahead else _NEVER

    @property
    def rows(self) -> Mapping[str, Fit]:
        """What the ICPs decide of accounts now, whatever people decided."""
        return self._fits

    @property
    def last(self) -> int | None:
        """When the last of them was recorded (ms); None when none is left."""
        return self._ahead[-1].now if self._ahead else None

    def get(self, name: str) -> Fit | None:
        """The fit of an account as the actions so far leave it; see `FitsNow`."""
        acted = self.acted.get(name)
        return self._fits.get(name) if acted is None else acted.fit

    def inherits(self, name: str) -> bool:
        """Whether an account is hidden by a parent now."""
        return bool(self.acted) and inherited_do_not_contact(name, self.get) is not None

    def shown(self, name: str, fit: Fit | None) -> Fit | None:
        """The fit of an account as lists and people see it: hidden, too, by what its parents have now."""
        if not self.acted or fit is None or fit.parent is None or fit.actions.do_not_contact is not None:
            return fit
        held = inherited_do_not_contact(name, self.get)
        return fit if held is None else overlaid(name, fit, InForce(do_not_contact=held))

    def take(self) -> _Timed:
        """The next of them, which is then no longer ahead."""
        return self._ahead.popleft()

    def apply(self, timed: _Timed, account: Account, scoring_context: ScoringContext) -> list[Alert]:
        """Apply an action to the state of its account, or a loaded row to its fit: the alerts due.

        A row alone gives no alert: whom it makes fit is judged by the next signal.
        """
        name = timed.account
        if isinstance(timed, TimedFit):
            self._load(timed)
            return []
        acted = self.acted.setdefault(name, _ActedAccount(self._fits.get(name)))
        outcome, acted.log, alerts = act(account, timed.action, timed.now, acted, acted.log, scoring_context)
        self.counts[outcome] += 1
        return alerts

    def _load(self, timed: TimedFit) -> None:
        name, fit = timed.account, timed.fit
        if (acted := self.acted.get(name)) is not None:
            acted.fit = acted_on(name, fit, actions_of(acted.fit))
        if fit is None:
            self._fits.pop(name, None)
        else:
            self._fits[name] = fit
