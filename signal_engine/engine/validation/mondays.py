"""What the engine would have shown on each Monday of a replay: who may be listed, scores, levels, live kinds, ranks.

A Monday is its first instant, 00:00 UTC, less a millisecond: what came at 00:00 was not seen yet.
"""

from array import array
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import COOLED, INBOUND, AlertType
from signal_engine.core.fit.acted import fit_at
from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, Candidate, candidate, listed_by, order
from signal_engine.core.flow import EventOutcome, ScoringContext, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.rules.kinds import BUYING_GROUP, KINDS
from signal_engine.core.rules.policy import COLD, HOT
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import level_ends
from signal_engine.core.score.stack import Score, evaluate
from signal_engine.engine.backtest.actions import FitsNow
from signal_engine.engine.backtest.states import States
from signal_engine.wire.storage.state import decode, encode

LIVE_NAMES: Final = (*KINDS, BUYING_GROUP)
"""What can be live, in the order of the bits of a Monday's `live`."""
_BIT: Final = {name: 1 << place for place, name in enumerate(LIVE_NAMES)}
_WEEK: Final = 7 * DAY
_FIRST: Final = 4 * DAY - 1
"""The last ms of Sunday, 4 January 1970, UTC."""


class _Monday(NamedTuple):
    """One look at the market. Accounts are numbered as `Mondays.accounts`; those without signals are left out."""

    at: int
    """ms."""
    account: "array[int]"
    score: "array[float]"
    """0..100."""
    live: "array[int]"
    """Bits by `LIVE_NAMES`."""
    hot: "array[int]"
    """0 or 1."""
    ranked: "array[int]"
    """Account numbers on the list of all, best first."""
    barred: frozenset[int]
    """Accounts that actions of people kept off the lists."""


class Mondays:
    """Follows a replay."""

    def __init__(self, scoring_context: ScoringContext, fits: Mapping[str, Fit], now: FitsNow, since: int) -> None:
        """`fits` say who may be listed by rule, `now` what actions leave of it. Noted from `since` (ms) on."""
        self._scoring_context = scoring_context
        policy = scoring_context.policy
        self._fits, self._now = fits, now
        self._since = since
        self._passed = BEGINNING
        self._began = False
        self.accounts: Final = sorted(
            name for name, fit in fits.items() if unlisted_reason(fit, fit.primary, policy) is None
        )
        """The accounts that fit and may be listed, whatever people decide."""
        self._number = {name: number for number, name in enumerate(self.accounts)}
        self.seen: list[_Monday] = []
        self._ended: dict[str, tuple[int, Account]] = {}
        """Accounts whose level has ended since their last signal: its instant (ms), and what they are by now."""

    def pass_to(self, now: int, states: States) -> None:
        """Look at each Monday before `now` (ms); see `FollowsDays`."""
        last = _FIRST + (now - 1 - _FIRST) // _WEEK * _WEEK
        passed, self._passed = self._passed, last
        self._began = self._began or len(states) > 0
        if passed == BEGINNING or not self._began:  # before the first event nobody was on a list, whatever was decided
            return
        for at in range(passed + _WEEK, last + 1, _WEEK):
            if at >= self._since:
                self.seen.append(self._look(at, states))

    def _look(self, at: int, states: States) -> _Monday:
        numbers, scores, lives, hots = array("i"), array("d"), array("H"), array("B")
        places: list[Candidate] = []
        policy = self._scoring_context.policy
        barred = self._barred(at)
        for name, fit, account in self._listable(states, at, barred):
            now, score = self._at(name, account, fit, at)
            numbers.append(self._number[name])
            scores.append(score.score)
            lives.append(sum(_BIT[one] for one in score.live))
            hots.append(now.level == HOT)
            if (place := candidate(name, now, score, listed_by(fit, ALL), fit, policy)) is not None:
                places.append(place)
        listed = order(places, policy.lists.size)[: policy.lists.size]
        ranked = array("i", (self._number[one.candidate.account] for one in listed))
        return _Monday(at, numbers, scores, lives, hots, ranked, barred)

    def _barred(self, at: int) -> frozenset[int]:
        if self._now is self._fits:  # nobody acted
            return frozenset()
        policy = self._scoring_context.policy
        now = ((number, fit_at(self._now.get(name), at)) for name, number in self._number.items())
        return frozenset(
            number for number, fit in now if fit is None or unlisted_reason(fit, fit.primary, policy) is not None
        )

    def _listable(self, states: States, at: int, barred: frozenset[int]) -> Iterator[tuple[str, Fit, Account]]:
        for name, account in states.items():
            number = self._number.get(name)
            if number is not None and number not in barred and (fit := fit_at(self._now.get(name), at)) is not None:
                yield name, fit, account

    def _at(self, name: str, account: Account, fit: Fit, at: int) -> tuple[Account, Score]:
        policy = self._scoring_context.policy
        since, then = self._ended.get(name, (BEGINNING, account))
        ended = since == account.now
        if account.level == COLD or (not ended and level_ends(account, at, policy) is None):
            return account, evaluate(account, at, policy)
        if not ended:  # signals came since the last look
            then = decode(encode(account))  # the replay goes on with its own
            self._ended[name] = account.now, then
        pass_time(then, name, at, fit, self._scoring_context)
        return then, evaluate(then, at, policy)


class HotSpells:
    """Follows a replay: when each account became hot."""

    ladder: Final = frozenset[str]()

    def __init__(self) -> None:
        self.began: dict[str, list[int]] = {}
        """Account -> the instants (ms) at which it became hot, in order."""

    def before(self, name: str, account: Account, now: int) -> None:
        """Nothing happens; see `FollowsAccounts`."""

    def after(self, event: Event, account: Account, outcome: EventOutcome) -> None:
        """Note a level that has just become hot; only a signal can raise it."""
        if account.level != HOT or account.since is None or outcome != EventOutcome.APPLIED:
            return
        began = self.began.setdefault(event.account, [])
        if not began or began[-1] != account.since:
            began.append(account.since)


class Called(NamedTuple):
    """An alert that would have called somebody."""

    account: str
    at: int
    """ms."""
    type: AlertType
    pinned: bool = False
    """Whether a hand raise that nobody had answered kept the account on top."""
    live: frozenset[str] = frozenset()
    """Kinds that were live then, and the buying group."""


def calls_of(alerts: list[Called], since: int) -> Callable[[Alert], None]:
    """A taker of alerts that notes in `alerts` those since `since` (ms) by which a rep would have been called."""

    def take(alert: Alert) -> None:
        decision = alert.decision
        if decision.recorded is None and decision.at >= since and decision.type not in {COOLED, INBOUND}:
            of = alert.snapshot
            alerts.append(Called(of.account, decision.at, decision.type, of.pinned, frozenset(of.score.live)))

    return take
