"""How many wins it takes to tell a signal from chance, by simulation."""

from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import hypergeom

from signal_engine.engine.validation.statistics.intervals import Numbers

CONTROLS_A_CASE: Final = 4
ENOUGH: Final = 0.8
"""Power at which a number of wins is enough."""
_SIMULATIONS: Final = 1_000
_STEPS: Final = (10, 15, 20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 250, 300, 400, 500, 700, 1_000, 1_500, 2_000)
_SEED: Final = 20_261_129


def power(wins: int, prevalence: float, lift: float, error: float = 0.05, seed: int = _SEED) -> float:
    """The chance that a one-sided Fisher test at `error` finds a signal, with 4 controls a win; simulated.

    The signal is there in `prevalence` (0..1) of the controls and in `lift` times as many wins, at most all. Where it
    is as frequent at all dates, the test by matched sets finds as much.
    """
    rng = np.random.default_rng(seed)
    controls = CONTROLS_A_CASE * wins
    case = rng.binomial(wins, min(prevalence * lift, 1.0), _SIMULATIONS)
    control = rng.binomial(controls, prevalence, _SIMULATIONS)
    return float(np.mean(_fisher(case, control, wins, controls) <= error))


def wins_needed(prevalence: float, lift: float, error: float) -> int | None:
    """The least number of wins, of a rising series, with which such a signal is found in 4 of 5 cases.

    None where 2,000 would not do, or there is nothing to find (no prevalence, no lift).
    """
    if not 0 < prevalence < 1 or lift <= 1:
        return None
    return _wins_needed(round(prevalence, 3), round(lift, 2), error)


@lru_cache(maxsize=256)
def _wins_needed(prevalence: float, lift: float, error: float) -> int | None:
    return next((wins for wins in _STEPS if power(wins, prevalence, lift, error) >= ENOUGH), None)


def trials_needed(rate: float, lift: float, error: float) -> int | None:
    """The least number of trials, of a rising series, in which two halves are told apart in 4 of 5 cases.

    One half hits by `rate` (0..1), the other `lift` times as often, at most always; a one-sided Fisher test at
    `error`. None where 4,000 would not do, or there is nothing to find.
    """
    if not 0 < rate < 1 or lift <= 1:
        return None
    return _trials_needed(round(rate, 3), round(lift, 2), error)


@lru_cache(maxsize=256)
def _trials_needed(rate: float, lift: float, error: float) -> int | None:
    return next((2 * half for half in _STEPS if power_of_two(half, half, rate, lift, error) >= ENOUGH), None)


def power_of_two(better: int, other: int, rate: float, lift: float, error: float) -> float:
    """The chance that a one-sided Fisher test at `error` tells `better` trials from `other` ones; simulated.

    The other ones hit by `rate` (0..1), the better ones `lift` times as often, at most always.
    """
    rng = np.random.default_rng(_SEED)
    best = rng.binomial(better, min(rate * lift, 1.0), _SIMULATIONS)
    rest = rng.binomial(other, rate, _SIMULATIONS)
    return float(np.mean(_fisher(best, rest, better, other) <= error))


def _fisher(case: npt.NDArray[np.int64], control: npt.NDArray[np.int64], cases: int, controls: int) -> Numbers:
    """One-sided p-values of many tables at once: the tail of the hypergeometric distribution."""
    found: Numbers = hypergeom.sf(case - 1, cases + controls, case + control, cases)
    return found
