"""Draws from a density that is only known up to its scale, such as a posterior: adaptive importance sampling."""

from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from scipy.special import logsumexp
from scipy.stats import multivariate_t

from signal_engine.engine.validation.statistics.intervals import LEVEL, Interval, Numbers

_A_ROUND: Final = 300
_MIN_ROUNDS: Final = 3
_MAX_ROUNDS: Final = 30
_ENOUGH: Final = 400.0
"""Effective draws at which no more are made."""
_TAILS: Final = 5
"""Degrees of freedom: wide tails find what a normal proposal would miss."""


class Drawn(NamedTuple):
    """Weighted draws."""

    draws: Numbers
    """Draws x dimensions."""
    weights: Numbers
    """One a draw; they sum to 1."""

    @property
    def effective(self) -> float:
        """How many independent draws they are worth."""
        return float(1.0 / (self.weights**2).sum())


def sampled(log_density: Callable[[Numbers], float], centre: Numbers, spread: Numbers, seed: int) -> Drawn:
    """Draws from `log_density`, which may be -inf, beginning with a guess of its `centre` and covariance `spread`.

    Each round draws from a multivariate t that has the mean and covariance of all draws so far, and weighs every draw
    against the mixture of all rounds (Cornuet, Marin, Mira and Robert 2012, "Adaptive Multiple Importance Sampling").
    It ends with 400 effective draws, after 9,000 at the latest: `Drawn.effective` says how good they are.
    """
    rng = np.random.default_rng(seed)
    proposals = [multivariate_t(centre, spread, df=_TAILS, seed=rng)]
    draws, density, mixture = np.empty((0, len(centre))), np.empty(0), np.empty(0)
    for drawn_in in range(1, _MAX_ROUNDS + 1):
        newest = proposals[-1]
        new = newest.rvs(_A_ROUND).reshape(_A_ROUND, -1)
        of_new = logsumexp([one.logpdf(new) for one in proposals], axis=0)
        of_old = np.logaddexp(mixture, newest.logpdf(draws)) if len(draws) else mixture
        draws, mixture = np.concatenate([draws, new]), np.concatenate([of_old, of_new])
        density = np.concatenate([density, [log_density(one) for one in new]])
        weights: Numbers = np.exp(density - mixture - logsumexp(density - mixture))
        found = Drawn(draws, weights)
        if drawn_in >= _MIN_ROUNDS and found.effective >= _ENOUGH:
            break
        mean = weights @ draws
        beside = draws - mean
        wide = (weights[:, None] * beside).T @ beside
        # few heavy draws have too small a covariance, which would keep further rounds where they are
        proposals.append(multivariate_t(mean, wide + spread / found.effective, df=_TAILS, seed=rng))
    return found


def credible(values: Numbers, drawn: Drawn) -> Interval:
    """The median with the equal-tailed 95 % interval of `values`, one a draw.

    Each end stands as far out as the draws may be off, by one standard error of the share beyond it.
    """
    tail = (1 - LEVEL) / 2
    beyond = max(tail - float(np.sqrt(tail * (1 - tail) / drawn.effective)), 0.0)
    ends = np.quantile(values, [0.5, beyond, 1 - beyond], weights=drawn.weights, method="inverted_cdf")
    return Interval(*(float(one) for one in ends))
