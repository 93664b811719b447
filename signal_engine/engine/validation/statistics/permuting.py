"""Many contrasts at once, held honest by shuffling: which p-values chance alone would give, clusters kept whole."""

from math import ceil
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.intervals import Numbers

_SHUFFLES: Final = 1_999
_BELOW: Final = 5
"""A p-value of a fifth of the error that is asked for can be shown, however small that is."""
_FINE_SHUFFLES: Final = 9_999
"""For a p-value that goes into a family of others: the least one has to pass its first step."""
_BATCH: Final = 100
_LAST_BITS: Final = 1e-9


Places = npt.NDArray[np.intp]


class Contrasted(NamedTuple):
    """Of each contrast, in arrays."""

    direction: Numbers
    """1 where the inside hits more often than the rest, -1 where less often, 0 where neither."""
    p_value: Numbers
    """Two-sided and adjusted for all contrasts together: below e, the chance of any false claim is at most e."""


def contrasted(
    inside: Numbers, filled: Numbers, hits: Numbers, trials: Numbers, seed: int, error: float = FAMILY_ERROR
) -> Contrasted:
    """Whether the trials of clusters inside hit more, or less, often than the others among those that are filled.

    `inside` and `filled` are contrasts x clusters of 0 and 1; `hits` and `trials` have one element a cluster. The
    outcomes of whole clusters are shuffled 1,999 times, or more often where claims need a p-value below a small
    `error`; each difference is measured in its own deviations under shuffling, and goes against the greatest of all
    contrasts in each shuffle (the single-step max-T procedure of Westfall and Young 1993, "Resampling-Based Multiple
    Testing").
    """
    if not len(inside):
        return Contrasted(np.zeros(0), np.ones(0))
    shuffles = max(_SHUFFLES, ceil(_BELOW / error) - 1)
    rng = np.random.default_rng(seed)
    seen = _difference(inside, filled, hits[:, None], trials[:, None])[:, 0]
    shuffled = np.empty((len(inside), shuffles))
    for start in range(0, shuffles, _BATCH):
        count = min(_BATCH, shuffles - start)
        order = rng.permuted(np.tile(np.arange(len(hits)), (count, 1)), axis=1)
        shuffled[:, start : start + count] = _difference(inside, filled, hits[order].T, trials[order].T)
    deviation = shuffled.std(axis=1)
    moves = deviation > _LAST_BITS
    scale = np.where(moves, deviation, 1.0)
    greatest = np.abs(np.where(moves[:, None], shuffled / scale[:, None], 0.0)).max(axis=0)
    strength = np.where(moves, np.abs(seen) / scale, 0.0)
    beaten = (greatest[None, :] >= strength[:, None] - _LAST_BITS).sum(axis=1)
    return Contrasted(np.sign(seen), (1.0 + beaten) / (1.0 + shuffles))


def _difference(inside: Numbers, filled: Numbers, hits: Numbers, trials: Numbers) -> Numbers:
    """Hits inside beyond those that the rate of all filled clusters would give; contrasts x columns."""
    all_trials = filled @ trials
    whole = np.divide(filled @ hits, all_trials, out=np.zeros_like(all_trials), where=all_trials > 0)
    beyond: Numbers = inside @ hits - (inside @ trials) * whole
    return beyond


def better_than_shuffled(calls: tuple[Places, Places], at_risk: Numbers, followed: Numbers, seed: int) -> float:
    """The p-value of calls hitting no more often than any cluster at the same times: one-sided, clusters kept whole.

    `calls` are rows and columns of `at_risk` and `followed`, clusters x times of 0 and 1: who could be called, and of
    whom it would have hit. The calls are made at other clusters, 9,999 times, all of one cluster at the same other one;
    hits beyond chance are measured in their deviation without clusters. 1 without calls.
    """
    rows, columns = calls
    if not len(rows):
        return 1.0
    there = at_risk.sum(axis=0)
    chance = np.divide((at_risk * followed).sum(axis=0), there, out=np.zeros_like(there), where=there > 0)
    beyond, spread = at_risk * (followed - chance), at_risk * chance * (1 - chance)

    def strength(of: Places) -> Numbers:
        variance = spread[of, columns].sum(axis=1)
        found: Numbers = beyond[of, columns].sum(axis=1) / np.sqrt(np.where(variance > 0, variance, np.inf))
        return found

    seen = strength(rows[None, :])[0]
    rng = np.random.default_rng(seed)
    beaten = 0
    for start in range(0, _FINE_SHUFFLES, _BATCH):
        count = min(_BATCH, _FINE_SHUFFLES - start)
        order = rng.permuted(np.tile(np.arange(len(at_risk)), (count, 1)), axis=1)
        beaten += int((strength(order[:, rows]) >= seen - _LAST_BITS).sum())
    return (1.0 + beaten) / (1.0 + _FINE_SHUFFLES)
