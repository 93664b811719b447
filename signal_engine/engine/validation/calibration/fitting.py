"""Points, half-lives and caps fitted to matched sets: what the data say of each, and what they are silent about."""

from typing import Final, NamedTuple

import numpy as np
from scipy.stats import norm

from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.calibration.choices import by_set
from signal_engine.engine.validation.calibration.fittable import Fittable, fittable, scaled
from signal_engine.engine.validation.calibration.likelihood import Posterior
from signal_engine.engine.validation.calibration.parameters import ParameterSet, parameters_of
from signal_engine.engine.validation.calibration.scorer import Scorer
from signal_engine.engine.validation.statistics.claims import holm
from signal_engine.engine.validation.statistics.intervals import Interval, Numbers
from signal_engine.engine.validation.statistics.sampling import Drawn, credible, sampled

_MIN_SETS: Final = 10
"""Sets in which a number must move somebody's score against the others' to be spoken about ..."""
_MOVES: Final = 0.1
"""... by so many points, when it is a quarter higher."""
_QUARTER: Final = float(np.log(1.25))
_TELLING: Final = 100.0
"""Effective draws below which nothing is claimed."""


class Spoken(NamedTuple):
    """What the data say of a number, as the factor on the file's."""

    number: Fittable
    factor: Interval
    p_value: float
    claimed: bool
    """Whether it may be said to differ from the file's; family-wise at 1 %."""
    proposed: float
    """Factor of the draft: 1 unless claimed; shrunk to the file's, and at most a quarter away."""


class NumbersFit(NamedTuple):
    """The fit to the earlier deals."""

    spoken: list[Spoken]
    silent: list[Fittable]


def fit(policy: Policy, scorer: Scorer, seed: int) -> NumbersFit:
    """Fits what the sets of `scorer` speak about.

    Conditional logit with the file's numbers as the middle of a wide prior; values and intervals are those of the
    posterior, drawn by `seed`. Only the proportions of points among themselves are told: all of them times two is
    nearly the same ranking.
    """
    numbers = parameters_of(policy)
    every = fittable(policy)
    told = [one for one in every if _speaks(scorer, numbers, one)]
    if sum(one.is_points for one in told) == 1:  # alone it has nothing to be compared with
        told = [one for one in told if not one.is_points]
    silent = [one for one in every if one not in told]
    if not told:
        return NumbersFit([], silent)
    posterior = Posterior(scorer, numbers, told)
    drawn = sampled(posterior.log_density, *posterior.peak(), seed)
    factors = drawn.draws[:, :-1] @ posterior.centred.T
    found = [_Marginal.of(column, drawn) for column in factors.T]
    p_values = {one.name: marginal.p_value for one, marginal in zip(told, found, strict=True)}
    claimed = holm(p_values) if drawn.effective >= _TELLING else frozenset[str]()
    spoken = [
        Spoken(
            one,
            Interval(*(float(np.exp(end)) for end in marginal.interval)),
            marginal.p_value,
            one.name in claimed,
            marginal.proposed if one.name in claimed else 1.0,
        )
        for one, marginal in zip(told, found, strict=True)
    ]
    return NumbersFit(spoken, silent)


class _Marginal(NamedTuple):
    """What the draws say of one number, in logarithms of the factor on the file's."""

    interval: Interval
    deviation: float
    p_value: float
    """Of the factor being 1: two-sided, the larger of what the draws and a normal curve through them say."""

    @classmethod
    def of(cls, values: Numbers, drawn: Drawn) -> "_Marginal":
        weights = drawn.weights
        mean = float(weights @ values)
        deviation = float(np.sqrt(weights @ (values - mean) ** 2))
        above = float(weights[values > 0].sum())
        beyond = 2 * min(above, 1 - above)
        normal = float(2 * norm.sf(abs(mean) / deviation))  # a tail without draws is no proof
        return cls(credible(values, drawn), deviation, min(max(beyond, normal), 1.0))

    @property
    def proposed(self) -> float:
        """The factor, drawn to the file's as far as it is uncertain, and at most a quarter away."""
        drawn = self.interval.value * _QUARTER**2 / (_QUARTER**2 + self.deviation**2)
        return float(np.exp(min(max(drawn, -_QUARTER), _QUARTER)))


def _speaks(scorer: Scorer, numbers: ParameterSet, one: Fittable) -> bool:
    was = by_set(scorer.raw(numbers))
    moved = by_set(scorer.raw(scaled(numbers, [one], [1.25]))) - was
    return bool((np.ptp(moved, axis=1) > _MOVES).sum() >= _MIN_SETS)
