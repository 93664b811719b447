"""The lists at the end of each of the last weeks of a replay, equal to those of a replay that ends there."""

from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.core.fit.acted import fit_at
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.rules.policy import COLD
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.backtest.actions import FitsNow
from signal_engine.engine.backtest.states import States
from signal_engine.engine.publishing.ranked_lists import ListBuilder
from signal_engine.wire.storage.state import decode, encode

_WEEKS_KEPT: Final = 13
"""Weeks: a quarter of a year."""
_WEEK_MS: Final = 7 * DAY
_FIRST_END_MS: Final = 4 * DAY - 1
"""The last ms of Sunday, 4 January 1970, UTC."""


class WeekEnd(NamedTuple):
    """The lists at one instant."""

    at: int
    """The last ms of a Sunday, UTC."""
    lists: dict[str, tuple[str, ...]]
    """List -> its accounts, best first."""


class WeeklyLists:
    """Follows the states of a replay; keeps only the last quarter."""

    def __init__(
        self, scoring_context: ScoringContext, fits: FitsNow, icps: Sequence[str], until: int | None = None
    ) -> None:
        """`until` (ms) is the end of the replay, if known; weeks that would be dropped are then not ranked."""
        self._scoring_context = scoring_context
        self._fits = fits
        self._icps = icps
        self._until = until
        self._passed = BEGINNING
        self.ends: deque[WeekEnd] = deque(maxlen=_WEEKS_KEPT)

    def pass_to(self, now: int, states: States) -> None:
        """Rank at each unranked week's end before `now` (ms); `states` must hold every event before it."""
        last = _last_end_before(now)
        if self._passed == BEGINNING:  # before the first event nobody was on a list
            self._passed = last
            return
        end = now if self._until is None else max(now, self._until)
        first = max(self._passed, _last_end_before(end - _WEEKS_KEPT * _WEEK_MS + 1)) + _WEEK_MS
        for at in range(first, last + 1, _WEEK_MS):
            self.ends.append(WeekEnd(at, self._ranked(at, states)))
        self._passed = last

    def _ranked(self, at: int, states: States) -> dict[str, tuple[str, ...]]:
        policy = self._scoring_context.policy
        places = ListBuilder(self._icps, policy)
        can_be_cold = policy.lists.min_level == COLD
        for name, account in states.items():
            fit = self._fits.get(name)
            if fit is None or (account.level == COLD and not (account.hand_raise or can_be_cold)):
                continue  # it is on no list, whatever its signals
            then = decode(encode(account))  # the replay goes on with its own
            pass_time(then, name, at, fit, self._scoring_context)
            places.add(name, then, evaluate(then, at, policy), fit_at(fit, at))
        return {name: tuple(ranked.ranks()) for name, ranked in places.ranked().items()}


def _last_end_before(now: int) -> int:
    return _FIRST_END_MS + (now - 1 - _FIRST_END_MS) // _WEEK_MS * _WEEK_MS
