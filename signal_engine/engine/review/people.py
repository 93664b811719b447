"""What alerts asked of people: how soon they answered, and how much it was."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from signal_engine.core.actions.action import ANSWERS
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.reports.alert_load import to_act_on, weekly_calls, weeks_above
from signal_engine.engine.review.segments import ReviewedTime
from signal_engine.engine.validation.documents import rate
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.reports.icp_documents import AlertDifference
from signal_engine.wire.output.reports.review.documents import PersonCapacity, ResponseTime

_ANSWER_DAYS: Final = 14
"""A later action is no answer to an alert."""
_WEEK: Final = 7 * DAY


def response_times(
    alerts: Iterable[AlertDifference], actions: Iterable[TimedAction], time: ReviewedTime
) -> list[ResponseTime]:
    """By type of alert, most alerts first: whether and how soon somebody did what answers a call for it."""
    answered: dict[str, list[int]] = {}
    for timed in sorted(actions):
        if timed.action.action in ANSWERS:
            answered.setdefault(timed.action.account, []).append(timed.now)
    waits: dict[str, list[int | None]] = {}
    for alert in alerts:
        at = parse_instant(alert["at"])
        if to_act_on(alert) and time.since <= at <= time.until - _ANSWER_DAYS * DAY:
            waits.setdefault(alert["type"], []).append(_wait(at, answered.get(alert["account_id"], ())))
    found = [_response(kind, of) for kind, of in waits.items()]
    return sorted(found, key=lambda one: (-one["alerts"], one["alert"]))


def capacity_of(
    alerts: Iterable[AlertDifference], fits: Mapping[str, Fit], time: ReviewedTime, capacity: int | None
) -> list[PersonCapacity]:
    """By person, most alerts first."""
    calls = weekly_calls([one for one in alerts if parse_instant(one["at"]) <= time.until], fits, time.since)
    above = None if capacity is None else weeks_above(calls, capacity)
    weeks = max((time.until - time.since) / _WEEK, 1.0)
    totals: Counter[str | None] = Counter()
    busiest: dict[str | None, int] = {}
    for (person, _), number in calls.items():
        totals[person] += number
        busiest[person] = max(busiest.get(person, 0), number)
    return [
        {
            "person": person,
            "alerts": total,
            "a_week": round(total / weeks, 1),
            "busiest_week": busiest[person],
            "weeks_above": None if above is None or person is None else above[person],
        }
        for person, total in sorted(totals.items(), key=lambda one: (-one[1], one[0] is None, one[0] or ""))
    ]


def _wait(at: int, answers: Sequence[int]) -> int | None:
    place = bisect_left(answers, at)
    if place == len(answers) or answers[place] - at > _ANSWER_DAYS * DAY:
        return None
    return answers[place] - at


def _response(kind: str, waits: Sequence[int | None]) -> ResponseTime:
    hours = [wait / HOUR for wait in waits if wait is not None]
    quartiles = np.quantile(hours, [0.25, 0.5, 0.75]).tolist() if len(hours) >= MIN_TRIALS else []
    return {
        "alert": kind,
        "alerts": len(waits),
        "answered": rate(len(hours), len(waits)),
        "hours": [round(one, 1) for one in quartiles],
    }
