"""The calls that a list or the alerts would have made, and what followed: precision, chance and lift.

A call is an account that enters the first K places of a week's list, or is alerted, and was not called within its cycle
before. So each call is one attempt, and an account that stays on top for a quarter counts once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_engine.engine.validation.mondays import Called
from signal_engine.engine.validation.panel import Flags, Panel
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect
from signal_engine.engine.validation.statistics.intervals import Interval, Numbers, jeffreys, percentiles
from signal_engine.engine.validation.statistics.permuting import better_than_shuffled
from signal_engine.engine.validation.statistics.resampling import draws, ratio

Rows = npt.NDArray[np.intp]
_FEW_HIT: Final = 10
"""Accounts with calls that hit, from which on resamples of accounts tell how far a lift may be off."""


class Calls(NamedTuple):
    """Calls, in order of time."""

    account: Rows
    """Row of the panel."""
    monday: Rows
    """Column of the panel: the Monday itself, or the last before an alert."""

    @property
    def total(self) -> int:
        """How many."""
        return len(self.account)


class Lift(NamedTuple):
    """How much more often calls hit than others would have at the same dates."""

    chance: float
    """The rate of the others."""
    lift: Interval | None
    """None where nobody hit at all, there are fewer than 10 calls, or resamples do not carry it."""


def weekly_calls(panel: Panel, size: int) -> Calls:
    """The calls of who works down the first `size` places of each week's list."""
    return _once_a_cycle(
        panel,
        (
            (row, column, int(panel.at[column]))
            for column, ranked in enumerate(panel.ranked)
            for row in [one for one in ranked if panel.candidate[one, column]][:size]
        ),
    )


def alert_calls(panel: Panel, alerts: Iterable[Called]) -> Calls:
    """The calls of who answers alerts."""

    def placed() -> Iterable[tuple[int, int, int]]:
        for alert in sorted(alerts, key=lambda one: (one.at, one.account)):
            row, column = panel.number.get(alert.account), panel.monday_before(alert.at)
            if row is not None and column >= 0:
                yield row, column, alert.at

    return _once_a_cycle(panel, placed())


def _once_a_cycle(panel: Panel, wanted: Iterable[tuple[int, int, int]]) -> Calls:
    last: dict[int, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, column, at in wanted:
        if at - last.get(row, -(10**15)) >= panel.cycle[row]:
            last[row] = at
            if panel.at_risk[row, column]:
                rows.append(row)
                columns.append(column)
    return Calls(np.array(rows, np.intp), np.array(columns, np.intp))


def still_at_risk(panel: Panel, calls: Calls) -> Calls:
    """Those of the calls whose account is at risk in `panel`."""
    kept = panel.at_risk[calls.account, calls.monday]
    return Calls(calls.account[kept], calls.monday[kept])


def hits(calls: Calls, followed: Flags) -> int:
    """How many calls `followed` (account x Monday) holds for."""
    return int(followed[calls.account, calls.monday].sum())


def effect_of_accounts(calls: Calls, followed: Flags) -> float:
    """The design effect of accounts that were called more than once (`clusters.py`), >= 1."""
    hit, trials = a_account(calls, followed)
    return design_effect(trials, correlation(hit, trials))


def a_account(calls: Calls, followed: Flags) -> tuple[Numbers, Numbers]:
    """Hits, and calls, of each row of the panel; `followed` (account x Monday) says which calls hit."""
    rows = len(followed)
    hit = np.bincount(calls.account, followed[calls.account, calls.monday], minlength=rows).astype(float)
    return hit, np.bincount(calls.account, minlength=rows).astype(float)


def better_than_chance(panel: Panel, calls: Calls, seed: int) -> float:
    """The p-value of calls hitting no more often than any account that fits; the calls of an account stay together."""
    places = calls.account, calls.monday
    return better_than_shuffled(places, panel.at_risk.astype(float), panel.opened.astype(float), seed)


def lift_over_any(panel: Panel, calls: Calls, followed: Flags, seed: int) -> Lift | None:
    """The lift over any account that fits, at the same dates; None without calls."""
    others = panel.at_risk.astype(float), (panel.at_risk & followed).astype(float)
    return _lift(panel, calls, followed, lambda weights: ratio(weights @ others[1], weights @ others[0]), seed)


def lift_over_tier(
    panel: Panel, calls: Calls, followed: Flags, size: int, tiers: Sequence[int], seed: int
) -> Lift | None:
    """The lift over who fills `size` places by tier alone, at random within the last tier that is taken.

    `tiers` has the rank of each account's tier, 0 the best.
    """
    ranks = sorted(set(tiers))
    of = [np.array([rank == tier for rank in tiers], float)[:, None] for tier in ranks]
    risk, hit = panel.at_risk.astype(float), (panel.at_risk & followed).astype(float)

    def chosen(weights: Numbers) -> Numbers:
        left = np.full((len(weights), panel.at_risk.shape[1]), float(size))
        taken, found = np.zeros_like(left), np.zeros_like(left)
        for mask in of:
            there = weights @ (risk * mask)
            take = np.minimum(left, there)
            found += take * np.nan_to_num(ratio(weights @ (hit * mask), there))
            taken += take
            left -= take
        return ratio(found, taken)

    return _lift(panel, calls, followed, chosen, seed)


def _lift(panel: Panel, calls: Calls, followed: Flags, chance: Callable[[Numbers], Numbers], seed: int) -> Lift | None:
    """`chance` gives, for rows of weights of accounts, the rate of the others on each Monday."""
    if not calls.total:
        return None
    accounts, mondays = panel.at_risk.shape
    made, (hit, _) = np.zeros((accounts, mondays)), a_account(calls, followed)
    np.add.at(made, (calls.account, calls.monday), 1.0)

    def rates(weights: Numbers) -> tuple[Numbers, Numbers]:
        a_monday = weights @ made
        total = a_monday.sum(axis=1)
        return ratio(weights @ hit, total), ratio((a_monday * np.nan_to_num(chance(weights))).sum(axis=1), total)

    precision, at_random = rates(np.ones((1, accounts)))
    if (hit > 0).sum() < _FEW_HIT:
        return Lift(float(at_random[0]), _of_few(calls, followed, float(at_random[0])))
    lifts = [ratio(*rates(weights)) for weights in draws(accounts, seed)]
    value = float(ratio(precision, at_random)[0])
    return Lift(float(at_random[0]), percentiles(value, np.concatenate(lifts)))


def _of_few(calls: Calls, followed: Flags, chance: float) -> Interval | None:
    """The interval of the rate over chance: resamples of no hits are all 0, of a few they leave out what may be."""
    rate = jeffreys(hits(calls, followed), calls.total, effect_of_accounts(calls, followed))
    return None if rate is None or not chance else Interval(*(one / chance for one in rate))
