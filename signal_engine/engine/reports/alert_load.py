"""Whose work alerts are, week by week."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias

from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.reports.icp_documents import AlertDifference

WeeklyCalls: TypeAlias = Counter[tuple[str | None, date]]
"""(person, Monday) -> alerts to act on."""


def weekly_calls(alerts: Iterable[AlertDifference], fits: Mapping[str, Fit], since: int) -> WeeklyCalls:
    """Alerts after `since` (ms) that were sent for somebody to act on."""
    calls: WeeklyCalls = Counter()
    for alert in alerts:
        at = parse_instant(alert["at"])
        if at > since and to_act_on(alert):
            day = datetime.fromtimestamp(at / SECOND, UTC).date()
            calls[_person_of(alert, fits), day - timedelta(days=day.weekday())] += 1
    return calls


def to_act_on(alert: AlertDifference) -> bool:
    """Whether it was sent, and asks somebody to call."""
    return alert["recorded"] is None and alert["type"] != "cooled"


def _person_of(alert: AlertDifference, fits: Mapping[str, Fit]) -> str | None:
    """Who gets it; an sdr's alert goes to the owner where the accounts file names no sdr. None: triage, or nobody."""
    fit = fits.get(alert["account_id"])
    if fit is None or alert["audience"] == "triage":
        return None
    return fit.owner if alert["audience"] == "owner" else fit.sdr or fit.owner


def weeks_above(calls: WeeklyCalls, capacity: int) -> Counter[str]:
    """Of each person: weeks with more alerts than `capacity`; triage is nobody's."""
    return Counter(person for (person, _), number in calls.items() if person is not None and number > capacity)
