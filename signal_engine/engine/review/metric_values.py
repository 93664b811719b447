"""Segments compared with one another on a metric: rates by shuffling accounts, medians by ranks."""

from collections.abc import Sequence
from math import isfinite
from typing import Final, NamedTuple

import numpy as np
from scipy.stats import mannwhitneyu, quantile_test

from signal_engine.engine.validation.statistics.claims import holm
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS, Interval, Numbers
from signal_engine.engine.validation.statistics.permuting import contrasted

_MIN_ACCOUNTS: Final = 10
"""Accounts that a segment and the others must each have to be compared."""
_SURE: Final = 0.95


class Measured(NamedTuple):
    """A metric of a segment: one value an account, and over how many deals."""

    values: Numbers
    deals: int


def comparable(trials: Numbers) -> bool:
    """Whether enough closed, in enough accounts; one element an account."""
    return bool(trials.sum() >= MIN_TRIALS and (trials > 0).sum() >= _MIN_ACCOUNTS)


def rates_differ(segments: Sequence[tuple[Numbers, Numbers]], error: float, seed: int) -> list[int]:
    """Of each segment: 1 where it wins more often than the others, -1 less often, 0 where it cannot be said.

    A segment has its won and its closed deals per account. Any false claim has a chance of `error` at most: the
    outcomes of whole accounts are shuffled (`contrasted`).
    """
    won = np.concatenate([one[0] for one in segments]) if segments else np.zeros(0)
    closed = np.concatenate([one[1] for one in segments]) if segments else np.zeros(0)
    of = np.concatenate([np.full(len(one[0]), place) for place, one in enumerate(segments)]) if segments else closed
    rows = closed > 0
    told = [
        place for place in range(len(segments)) if comparable(closed[of == place]) and comparable(closed[of != place])
    ]
    signs = [0] * len(segments)
    if not told:
        return signs
    inside = np.array([(of[rows] == place) for place in told], np.float64)
    found = contrasted(inside, np.ones_like(inside), won[rows], closed[rows], seed, error)
    for place, direction, p_value in zip(told, found.direction.tolist(), found.p_value.tolist(), strict=True):
        if p_value <= error:
            signs[place] = int(direction)
    return signs


def medians_differ(segments: Sequence[Measured], error: float) -> list[int]:
    """As `rates_differ`, of values: the rank sum test of Mann and Whitney, held together by Holm's procedure."""
    p_values: dict[str, float] = {}
    direction = [0] * len(segments)
    for place, one in enumerate(segments):
        rest = np.concatenate([np.zeros(0), *(other.values for n, other in enumerate(segments) if n != place)])
        if len(one.values) < _MIN_ACCOUNTS or len(rest) < _MIN_ACCOUNTS:
            continue
        tested = mannwhitneyu(one.values, rest, alternative="two-sided")
        direction[place] = 1 if tested.statistic * 2 > len(one.values) * len(rest) else -1
        p_values[str(place)] = float(tested.pvalue)
    claimed = holm(p_values, error)
    return [sign if str(place) in claimed else 0 for place, sign in enumerate(direction)]


def middle(measured: Measured) -> Interval | None:
    """The median over accounts with its exact interval, by order statistics; None from fewer than 10 accounts."""
    if len(measured.values) < _MIN_ACCOUNTS:
        return None
    low, high = quantile_test(measured.values, p=0.5).confidence_interval(_SURE)
    if not (isfinite(low) and isfinite(high)):
        return None
    return Interval(float(np.median(measured.values)), float(low), float(high))
