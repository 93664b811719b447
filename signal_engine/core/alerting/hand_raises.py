"""A hand raise as people look at it later: who asked to be called, when, and the alert that it gave."""

from collections.abc import Sequence
from typing import NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import HAND_RAISE, INBOUND, AlertType
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.events import Event
from signal_engine.core.score.wording import line


class HandRaiseSeen(NamedTuple):
    """Somebody asked to be called."""

    account: str
    at: int
    """The instant from which it counts, in ms."""
    now: int
    """When it arrived, in ms."""
    event_id: str
    text: str
    persona: str
    alert: AlertType | None
    """The alert that it gave."""
    why_not: NoAlertReason | None
    """Why no rep was alerted."""
    backfill: bool


def hand_raise_seen(
    event: Event, persona: str, now: int, alerts: Sequence[Alert], reason: NoAlertReason | None
) -> HandRaiseSeen:
    """The hand raise of an applied event that arrived at `now` (ms), with what deciding it returned."""
    given, at = _given(event, alerts, reason), min(event.occurred_at, now)
    return HandRaiseSeen(event.account, at, now, event.event_id, line(event), persona, given, reason, event.backfill)


def _given(event: Event, alerts: Sequence[Alert], reason: NoAlertReason | None) -> AlertType | None:
    """The alert that the event gave: its own or, if a limit held that back, the next one."""
    for alert in alerts:
        if alert.decision.type in (HAND_RAISE, INBOUND) and alert.why_now.event_id == event.event_id:
            return alert.decision.type
    return alerts[-1].decision.type if alerts and reason is None else None
