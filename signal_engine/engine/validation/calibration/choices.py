"""Matched sets: which of five accounts won, explained by their scores under a parameter set."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import chi2

from signal_engine.engine.validation.statistics.intervals import Interval, Numbers, percentiles
from signal_engine.engine.validation.statistics.power import CONTROLS_A_CASE
from signal_engine.engine.validation.statistics.resampling import draws

SET_SIZE: Final = CONTROLS_A_CASE + 1
_MOST_SLOPE: Final = 2.0
"""Log odds a point, beyond which scores would tell everything."""


class Slope(NamedTuple):
    """How much more likely a point makes a win, among accounts seen on the same day."""

    log_odds: float
    """A point, >= 0."""
    p_value: float
    """Of scores telling nothing: likelihood ratio test, one-sided."""


def by_set(scores: Numbers) -> Numbers:
    """Scores of looks as sets x 5, the case first."""
    return scores.reshape(-1, SET_SIZE)


def log_likelihood(sets: Numbers, log_odds: float) -> Numbers:
    """Per set: of the case being the one that won (McFadden's conditional logit); <= 0."""
    told: Numbers = log_odds * sets[:, 0] - np.logaddexp.reduce(log_odds * sets, axis=1)
    return told


def slope(sets: Numbers) -> Slope:
    """The log odds a point that explain the sets best."""

    def misfit(log_odds: float) -> float:
        return -float(log_likelihood(sets, log_odds).sum())

    best = float(minimize_scalar(misfit, bounds=(0.0, _MOST_SLOPE), method="bounded").x)
    gain = 2 * (misfit(0.0) - misfit(best))
    return Slope(best, float(chi2.sf(max(gain, 0.0), 1)) / 2)


def concordance(sets: Numbers) -> Numbers:
    """Per set: the share of controls that score below the case, ties as half; 0.5 is chance."""
    case, controls = sets[:, :1], sets[:, 1:]
    told: Numbers = ((case > controls) + 0.5 * (case == controls)).mean(axis=1)
    return told


def mean_with_interval(values: Numbers, won_by: Sequence[str], seed: int) -> Interval | None:
    """The mean over sets with its interval by the bootstrap over the accounts that won: `won_by`, one a set."""
    if not len(values):
        return None
    names, account = np.unique(np.array(won_by), return_inverse=True)
    sums, sets = np.bincount(account, values), np.bincount(account)
    means = [(weights @ sums) / (weights @ sets) for weights in draws(len(names), seed)]
    return percentiles(float(values.mean()), np.concatenate(means))
