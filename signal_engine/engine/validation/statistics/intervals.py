"""Intervals of rates: Jeffreys, and rates shrunk towards a whole."""

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import beta, norm

LEVEL: Final = 0.95
"""Of every interval."""
MIN_TRIALS: Final = 10
"""Fewer give no rate."""
_PRIOR_STRENGTH: Final = 20.0
"""So many trials at the rate of the whole are added before a part is judged."""

_HALF: Final = 0.5

Numbers = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


def jeffreys(hits: int, trials: int, design_effect: float = 1.0) -> Interval | None:
    """The rate hits / trials with its Jeffreys interval; None with fewer than 10 trials.

    The equal-tailed interval of Beta(hits + 1/2, trials - hits + 1/2), whose low end is 0 without hits and whose high
    end is 1 without misses (Brown, Cai and DasGupta 2001, "Interval Estimation for a Binomial Proportion"). Trials
    that come in clusters count for as many as they are worth, trials / `design_effect` (>= 1; `clusters.py`).
    """
    if trials < MIN_TRIALS:
        return None
    tail = (1 - LEVEL) / 2
    a, b = hits / design_effect + 0.5, (trials - hits) / design_effect + 0.5
    low = 0.0 if hits == 0 else float(beta.ppf(tail, a, b))
    high = 1.0 if hits == trials else float(beta.ppf(1 - tail, a, b))
    return Interval(hits / trials, low, high)


def shrunk(hits: int, trials: int, whole: float, design_effect: float = 1.0) -> Interval:
    """The rate of a part, shrunk to the rate of the `whole` (0..1) by a Beta prior of strength 20.

    `design_effect` as of `jeffreys`.
    """
    inside = min(max(whole, 1e-6), 1 - 1e-6)
    a = hits / design_effect + _PRIOR_STRENGTH * inside
    b = (trials - hits) / design_effect + _PRIOR_STRENGTH * (1 - inside)
    tail = (1 - LEVEL) / 2
    return Interval(a / (a + b), float(beta.ppf(tail, a, b)), float(beta.ppf(1 - tail, a, b)))


def few_of_both(value: float, rate: tuple[float, float], other: tuple[float, float]) -> Interval:
    """The ratio `value` of two rates with its adjusted log interval, for where one of them has few hits, or none.

    Of either rate: hits, and trials, as many as they are worth. Half of one is added to each (Fagerland, Lydersen and
    Laake 2015, "Recommended confidence intervals for two independent binomial proportions").
    """
    parts = (1 / (count + _HALF) for of in (rate, other) for count in of)
    hit, trials, other_hit, other_trials = parts
    wide = float(np.exp(norm.ppf((1 + LEVEL) / 2) * np.sqrt(hit - trials + other_hit - other_trials)))
    return Interval(value, value / wide, value * wide)


def percentiles(value: float, draws: Numbers) -> Interval | None:
    """`value` with the percentile interval of bootstrap `draws`; those that are not finite are left out.

    None where fewer than half of the draws are finite: then the data do not carry the figure.
    """
    finite = draws[np.isfinite(draws)]
    if len(finite) * 2 < len(draws) or not np.isfinite(value):
        return None
    low, high = np.quantile(finite, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Interval(value, float(low), float(high))
