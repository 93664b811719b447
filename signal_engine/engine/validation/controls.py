"""Matched controls: what was live before wins, against accounts that fit, at the same dates, without a deal.

Case and control are seen on the same Monday, the last before the deal, so season and outages of feeds cancel.
"""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.panel import Flags, Panel
from signal_engine.engine.validation.statistics.claims import more_often_in_sets
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect
from signal_engine.engine.validation.statistics.intervals import Interval, Numbers, few_of_both, percentiles
from signal_engine.engine.validation.statistics.power import CONTROLS_A_CASE
from signal_engine.engine.validation.statistics.resampling import draws

_HALF: Final = 0.5
_FEW: Final = 10
"""Accounts of either side that had it, from which on resamples tell how far a lift may be off."""


class Matched(NamedTuple):
    """Cases with their controls, as rows and columns of the panel."""

    case: npt.NDArray[np.intp]
    """Rows."""
    control: npt.NDArray[np.intp]
    """Rows, `CONTROLS_A_CASE` per case."""
    monday: npt.NDArray[np.intp]
    """Columns."""
    unmatched: int
    """Deals left out: the account did not fit then, no Monday saw it, there were too few controls, or an earlier deal
    of it has a set.
    """


class Exposure(NamedTuple):
    """How often something was there before wins, and at controls."""

    cases: int
    cases_with: int
    controls: int
    controls_with: int
    lift: Interval | None
    """Share of the cases over the share of the controls, with half an account added to each count."""
    control_effect: float = 1.0
    """The design effect of accounts that are controls more than once (`clusters.py`), >= 1."""
    p_value: float = 1.0
    """Of cases having it no more often than the controls beside them."""


def matched(panel: Panel, deals: Iterable[Deal], seed: int) -> Matched:
    """For each deal four controls, drawn by `seed`: accounts that fit, in no deal, none opened in the cycle.

    An account is a case once at most, by its first deal: sets of one account would not be independent.
    """
    rng = np.random.default_rng(seed)
    cases: list[int] = []
    controls: list[npt.NDArray[np.intp]] = []
    columns: list[int] = []
    unmatched = 0
    drawn_on: dict[int, set[int]] = {}
    seen: set[int] = set()
    for deal in sorted(deals, key=lambda one: (one.cut, one.account)):
        row, column = panel.number.get(deal.account), panel.monday_before(deal.cut)
        taken = drawn_on.setdefault(column, set())  # one account on one Monday is one control, or it counts twice
        free = _free(panel, column, taken) if column >= 0 else np.array([], np.intp)
        if row is None or column < 0 or not panel.candidate[row, column] or len(free) < CONTROLS_A_CASE or row in seen:
            unmatched += 1
            continue
        seen.add(row)
        cases.append(row)
        columns.append(column)
        controls.append(rng.choice(free, CONTROLS_A_CASE, replace=False))
        taken.update(controls[-1].tolist())
    drawn = np.array(controls, np.intp).reshape(-1, CONTROLS_A_CASE)
    return Matched(np.array(cases, np.intp), drawn, np.array(columns, np.intp), unmatched)


def exposure(found: Matched, there: Flags, seed: int) -> Exposure:
    """How often `there` (account x Monday) held of cases and of their controls; the interval resamples accounts.

    An account stays whole there, however often it is a control, and also where it is a case and a control. Where it
    held of fewer than 10 accounts of either side, resamples are blind (of none each has none): the interval is that of
    two rates then.
    """
    case = there[found.case, found.monday].astype(float)
    control = there[found.control, found.monday[:, None]].astype(float)
    cases, controls = len(case), len(case) * CONTROLS_A_CASE
    if not cases:
        return Exposure(0, 0, 0, 0, None)
    accounts, of = np.unique(np.concatenate([found.case, found.control.ravel()]), return_inverse=True)
    of_case, of_control = of[:cases], of[cases:]
    a_case, a_control = _counts(of_case, case, len(accounts)), _counts(of_control, control.ravel(), len(accounts))
    value = float(_lift(*(one.sum() for one in (*a_case, *a_control))))
    effect = design_effect(a_control[1], correlation(*a_control))
    if min((a_case[0] > 0).sum(), (a_control[0] > 0).sum()) < _FEW:
        worth = float(control.sum()) / effect, controls / effect
        lift: Interval | None = few_of_both(value, (float(case.sum()), float(cases)), worth)
    else:
        lifts = [_lift(*(weights @ one for one in (*a_case, *a_control))) for weights in draws(len(accounts), seed)]
        lift = percentiles(value, np.concatenate(lifts))
    return Exposure(
        cases,
        int(case.sum()),
        controls,
        int(control.sum()),
        lift,
        effect,
        more_often_in_sets(case, control.sum(axis=1), CONTROLS_A_CASE),
    )


def _counts(of: npt.NDArray[np.intp], there: Numbers, accounts: int) -> tuple[Numbers, Numbers]:
    """Per account: how often it was there, and how often it was looked at."""
    had = np.bincount(of, there, accounts).astype(np.float64, copy=False)
    return had, np.bincount(of, minlength=accounts).astype(np.float64)


def _lift(with_case: Numbers, cases: Numbers, with_control: Numbers, controls: Numbers) -> Numbers:
    of_cases, of_controls = (with_case + _HALF) / (cases + 1), (with_control + _HALF) / (controls + 1)
    lift: Numbers = of_cases / of_controls
    return lift


def _free(panel: Panel, column: int, taken: Collection[int]) -> npt.NDArray[np.intp]:
    free = panel.at_risk[:, column] & ~panel.opened[:, column]
    free[list(taken)] = False
    return np.flatnonzero(free)
