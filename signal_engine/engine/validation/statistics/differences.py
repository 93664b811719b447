"""The difference of two rates: its interval, and how many trials it takes to find one."""

from bisect import bisect_left
from functools import lru_cache
from math import hypot
from typing import Final

import numpy as np
from scipy.stats import binomtest

from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.intervals import LEVEL, MIN_TRIALS, Interval
from signal_engine.engine.validation.statistics.power import ENOUGH, power_of_two

_SIZES: Final[list[int]] = np.unique(np.geomspace(50, 100_000, 80).round(-1).astype(int)).tolist()
"""Accounts in all that are tried."""


def newcombe(hits: int, trials: int, other_hits: int, other_trials: int) -> Interval | None:
    """hits / trials - other_hits / other_trials (-1..1) with Newcombe's interval; None below 10 trials of either.

    The distances from either rate to the ends of its Wilson interval, squared and added (Newcombe 1998, "Interval
    estimation for the difference between independent proportions", method 10). Unlike Wald's it holds for few hits.
    """
    if min(trials, other_trials) < MIN_TRIALS:
        return None
    rate, other = hits / trials, other_hits / other_trials
    mine, theirs = _wilson(hits, trials), _wilson(other_hits, other_trials)
    value = rate - other
    return Interval(
        value, value - hypot(rate - mine[0], theirs[1] - other), value + hypot(mine[1] - rate, other - theirs[0])
    )


def _wilson(hits: int, trials: int) -> tuple[float, float]:
    found = binomtest(hits, trials).proportion_ci(LEVEL, method="wilson")
    return float(found.low), float(found.high)


def accounts_needed(rate: float, lift: float, share: float, claims: int = 1) -> int | None:
    """How many accounts in all, `share` (0..1) of them held back, find a difference in 4 of 5 cases.

    Those held back hit by `rate` (0..1), the others `lift` times as often; the test is Fisher's, two-sided, at the
    family-wise error shared by so many `claims`. None where 100,000 would not do, or there is nothing to find.
    """
    if not 0 < rate < 1 or lift <= 1:
        return None
    return _accounts_needed(round(rate, 3), round(lift, 2), share, FAMILY_ERROR / claims)


@lru_cache(maxsize=64)
def _accounts_needed(rate: float, lift: float, share: float, error: float) -> int | None:
    def found(accounts: int) -> float:
        held = round(accounts * share)
        return power_of_two(accounts - held, held, rate, lift, error / 2)

    place = bisect_left(_SIZES, ENOUGH, key=found)
    return _SIZES[place] if place < len(_SIZES) else None
