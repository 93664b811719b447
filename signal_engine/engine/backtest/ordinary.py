"""The ordinary events of a replay, judged by somebody else than Python where there is one.

What is left to Python is what alerts say, events of accounts about which people decided something, and the first of a
day on which the ranks of the midnight before are kept, of accounts that may be on a list.
"""

from collections.abc import Callable, Container

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.eligibility import goes_to_triage, unalerted_reason
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.backtest.actions import FitsNow
from signal_engine.engine.backtest.arrivals import Arrival
from signal_engine.engine.backtest.states import States
from signal_engine.engine.partition.account_cache import HeldState
from signal_engine.engine.partition.ordinary.alerts import Told, alert_of_judge
from signal_engine.engine.partition.ordinary.judge import OrdinaryJudge, failed
from signal_engine.engine.partition.ordinary.replayed import ReplayedAccounts, ReplayedMarket


class OrdinaryReplay:
    """One replay as a judge judges it. Raises `JudgeFailed` wherever the judge fails: what it held is lost then, so the
    replay has to begin anew, with Python alone.
    """

    def __init__(
        self,
        judge: OrdinaryJudge,
        states: States,
        fits: FitsNow,
        acted: Container[str],
        policy: Policy,
        tell: Callable[[Alert], None],
        market: ReplayedMarket | None,
    ) -> None:
        """`acted`: the accounts about which people decided something so far. `tell` takes alerts."""
        self._judge, self._states, self._market = judge, states, market
        self._get_fit, self._acted, self._policy = fits.get, acted, policy
        self._tell_alert = tell
        self._untold: Exception | None = None
        """What was raised by whoever takes alerts."""
        self._run = judge.run
        states.held_by(judge)
        judge.begin()
        judge.replay(ReplayedAccounts(states.held, self._wake, self._audience, self._tell), market)

    def run(self, arrivals: list[Arrival], at: int, last: int, midnight: int) -> int:
        """Judge arrivals from place `at`; see `OrdinaryJudge.run`. Raises what taking an alert raises."""
        try:
            return self._run(arrivals, at, last, midnight, 0.0 if self._market is None else self._market.asks)
        except Exception as error:
            if error is self._untold:
                raise
            raise failed(error) from error

    def count(self, counts: dict[EventOutcome, int]) -> None:
        """Hand over what was counted so far."""
        judged = self._judge.taken()
        for outcome, many in zip(EventOutcome, judged.outcomes, strict=True):
            counts[outcome] += many
        if self._market is not None:
            self._market.told(self._judge.followed()._replace(background=judged.background))

    def _wake(self, name: str) -> HeldState | None:
        return None if name in self._acted else self._states.hold(name)

    def _audience(self, name: str) -> tuple[bool, bool]:
        fit = self._get_fit(name)
        return unalerted_reason(fit, self._policy) is None, goes_to_triage(fit)

    def _tell(self, told: Told) -> None:
        if told.alerts:
            fit = self._get_fit(told.event.account)
            for alert in [alert_of_judge(judged, told.event, fit, self._policy) for judged in told.alerts]:
                try:
                    self._tell_alert(alert)
                except Exception as error:
                    self._untold = error
                    raise
