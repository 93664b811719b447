"""What people look at as curves: deals by score, and scores on the way to a deal."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from signal_engine.engine.validation.controls import Matched
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.documents import estimate
from signal_engine.engine.validation.panel import Panel
from signal_engine.engine.validation.statistics.intervals import Numbers, jeffreys, percentiles
from signal_engine.engine.validation.statistics.resampling import draws, ratio
from signal_engine.wire.output.reports.validation_documents import CalibrationStep, PathPoint, ScorePath

_EDGES: Final = (0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 80.0, 100.0)
"""Scores at which steps of the calibration begin; the last is closed."""
_MIN_ACCOUNTS: Final = 10
"""A step of fewer accounts has no rate."""
_WEEKS: Final = 12
"""Weeks before a deal that a path shows."""


def calibration(panel: Panel, seed: int) -> list[CalibrationStep]:
    """The share of account-weeks that a new deal followed, by score; intervals resample accounts.

    Where a deal followed at fewer than 10 accounts, resamples are blind (of none, each has none): the interval is that
    of the rate then, and the weeks of an account count as one trial.
    """
    step = np.clip(np.digitize(panel.score, _EDGES) - 1, 0, len(_EDGES) - 2)
    there, hit = (_by_step(step, mask) for mask in (panel.at_risk, panel.at_risk & panel.opened))
    resampled = [ratio(weights @ hit, weights @ there) for weights in draws(len(panel.accounts), seed)]
    rates = np.concatenate(resampled) if resampled else np.zeros((0, len(_EDGES) - 1))
    steps: list[CalibrationStep] = []
    for place, (low, high) in enumerate(pairwise(_EDGES)):
        accounts, weeks = int((there[:, place] > 0).sum()), int(there[:, place].sum())
        found = None
        if accounts >= _MIN_ACCOUNTS:
            hits = int(hit[:, place].sum())
            few = (hit[:, place] > 0).sum() < _MIN_ACCOUNTS
            found = jeffreys(hits, weeks, weeks / accounts) if few else percentiles(hits / weeks, rates[:, place])
        steps.append(
            {
                "score_from": low,
                "score_to": high,
                "account_weeks": weeks,
                "accounts": accounts,
                "opened": estimate(found),
            }
        )
    return steps


def score_paths(panel: Panel, won: Iterable[Deal], lost: Iterable[Deal], controls: Matched) -> list[ScorePath]:
    """Scores in the twelve weeks before deals, and of the controls of the won at the same dates.

    Of accounts that could be called on the last Monday before, on Mondays on which they could: while an account is in a
    deal, or a customer, its signals are cut, and its score says nothing.
    """
    return [
        _path("won", panel, *_places(panel, won)),
        _path("lost", panel, *_places(panel, lost)),
        _path("controls", panel, controls.control.ravel(), np.repeat(controls.monday, controls.control.shape[1])),
    ]


def _by_step(step: npt.NDArray[np.intp], mask: npt.NDArray[np.bool_]) -> Numbers:
    return np.stack([(mask & (step == place)).sum(axis=1) for place in range(len(_EDGES) - 1)], axis=1).astype(float)


def _places(panel: Panel, deals: Iterable[Deal]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    placed = [
        (row, column)
        for deal in deals
        if (row := panel.number.get(deal.account)) is not None
        and (column := panel.monday_before(deal.cut)) >= 0
        and panel.candidate[row, column]
    ]
    return np.array([row for row, _ in placed], np.intp), np.array([column for _, column in placed], np.intp)


def _path(
    group: Literal["won", "lost", "controls"],
    panel: Panel,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
) -> ScorePath:
    points: list[PathPoint] = []
    for weeks in range(_WEEKS, 0, -1):
        then = columns - (weeks - 1)
        there = (then >= 0) & panel.candidate[rows, np.maximum(then, 0)]
        scores = panel.score[rows[there], then[there]]
        if len(scores):
            low, median, high = np.quantile(scores, [0.25, 0.5, 0.75])
            points.append(
                {
                    "weeks_before": weeks,
                    "low": round(float(low), 2),
                    "median": round(float(median), 2),
                    "high": round(float(high), 2),
                    "mean": round(float(scores.mean()), 2),
                }
            )
    return {"group": group, "accounts": len(set(rows.tolist())), "points": points}
