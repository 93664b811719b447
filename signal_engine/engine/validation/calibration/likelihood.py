"""What matched sets say of the numbers of a scoring file: the likelihood, and where it is highest under a prior."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.linalg import inv
from scipy.special import softmax

from signal_engine.engine.validation.calibration.choices import by_set, log_likelihood, slope
from signal_engine.engine.validation.calibration.fittable import Fittable, scaled
from signal_engine.engine.validation.calibration.parameters import ParameterSet
from signal_engine.engine.validation.calibration.scorer import Scorer
from signal_engine.engine.validation.statistics.intervals import Numbers

_PRIOR: Final = 1.0
"""Deviation, in logarithms, within which a number is thought to lie around the file's before data."""
_WIDEST: Final = float(np.log(16))
_SLOPES: Final = (-12.0, 1.0)
"""Logarithms of the log odds a point: far from what any score can tell, at either end."""
_STEP: Final = 0.2
"""Logarithms by which numbers are moved for slopes: kinds begin to be live in steps, which shorter ones would miss."""
_FURTHEST: Final = 0.7
"""Logarithms that one step towards the peak goes at most."""
_STEPS: Final = 12
_CLOSE: Final = 0.02
"""A step that gains less is the last."""


class Posterior:
    """Of the logarithms of factors on the file's numbers, and last of the logarithm of the log odds a point.

    The prior of each factor is lognormal around 1; that of the log odds is flat. Points are free all together: their
    common scale is nearly that of the log odds, but caps and the floor of live kinds are in points, and hold it.
    """

    def __init__(self, scorer: Scorer, numbers: ParameterSet, told: Sequence[Fittable]) -> None:
        """`scorer` has the sets that are fitted, `told` are the numbers that they speak about."""
        self._scorer, self._numbers, self._told = scorer, numbers, told
        self._precision: Final = np.array([*np.full(len(told), _PRIOR**-2), 0.0])
        points = np.array([one.is_points for one in told], np.float64)
        total = points.sum()
        self.centred: Final[Numbers] = np.eye(len(told)) - (np.outer(points, points) / total if total else 0.0)
        """Takes the mean of the points' logarithms away: how points stand beside one another."""

    def log_density(self, at: Numbers) -> float:
        """Up to a constant; -inf beyond a factor of 16."""
        if np.abs(at[:-1]).max(initial=0.0) > _WIDEST or not _SLOPES[0] < at[-1] < _SLOPES[1]:
            return -np.inf
        return float(log_likelihood(self._sets(at), float(np.exp(at[-1]))).sum() - 0.5 * self._precision @ at**2)

    def peak(self) -> tuple[Numbers, Numbers]:
        """About where the density is highest, and the covariance by the information of the sets there.

        Fisher scoring (McFadden 1974, "Conditional Logit Analysis of Qualitative Choice Behavior").
        """
        start = slope(by_set(self._scorer.raw(self._numbers))).log_odds
        at = np.array([*np.zeros(len(self._told)), np.log(max(start, 1e-4))])
        height = self.log_density(at)
        for _ in range(_STEPS):
            uphill, information = self._expanded(at)
            step = np.linalg.solve(information, uphill)
            step *= min(1.0, _FURTHEST / np.abs(step).max())
            tried = [at + part * step for part in (1.0, 0.5, 0.25)]
            heights = [self.log_density(one) for one in tried]
            best = int(np.argmax(heights))
            if heights[best] - height < _CLOSE:
                break
            at, height = tried[best], heights[best]
        return at, inv(self._expanded(at)[1])

    def _sets(self, at: Numbers) -> Numbers:
        """Scores before the ceiling."""
        return by_set(self._scorer.raw(scaled(self._numbers, self._told, np.exp(at[:-1]))))

    def _expanded(self, at: Numbers) -> tuple[Numbers, Numbers]:
        """The slopes of the log density, and the information of the sets with that of the prior."""
        log_odds = float(np.exp(at[-1]))
        steps = np.eye(len(at))[:-1] * _STEP
        moved = [(self._sets(at + step) - self._sets(at - step)) / (2 * _STEP) for step in steps]
        here = self._sets(at)
        by_number = log_odds * np.stack([*moved, here], axis=-1)
        chance = softmax(log_odds * here, axis=1)
        beside = by_number - np.einsum("sl,sln->sn", chance, by_number)[:, None, :]
        information = np.einsum("sl,sln,slm->nm", chance, beside, beside) + np.diag(self._precision)
        return beside[:, 0].sum(axis=0) - self._precision * at, information
