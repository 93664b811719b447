"""Collects what reports need of events during a replay: hand raises, titles without persona, activity of sources.

Memory: the hand raises of 30 days, a few numbers per source, and one per title without persona.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.alerting.hand_raises import HandRaiseSeen, hand_raise_seen
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import days
from signal_engine.core.rules.points import score_event, with_persona
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ingest.activity import ActivityCounts
from signal_engine.engine.reports.misses.reporting import AlertSeen

HAND_RAISES_OF: Final = days(30)
"""Age in ms up to which hand raises and alerts are reported."""


class Watcher:
    """Called after each processed event, in order."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._asking = {kind.kind for kind in policy.kinds.values() if any(rule.act_now for rule in kind.rules)}
        self._hand_raises: deque[HandRaiseSeen] = deque()
        self._alerts: deque[tuple[AlertSeen, bool]] = deque()
        """Each with whether its account could be held back: neither a hand raise nor pinned."""
        self.activity: Final = ActivityCounts(policy)

    def __call__(
        self, event: Event, now: int, outcome: EventOutcome, alerts: Sequence[Alert], reason: NoAlertReason | None
    ) -> None:
        """Note an event that was processed at `now` (ms)."""
        self.activity.note(event, outcome, now)
        self._note_alerts(event.account, now, alerts)
        if outcome is not EventOutcome.APPLIED:
            return
        if event.kind in self._asking:
            self._note_hand_raise(event, now, alerts, reason)

    def hand_raises(self, at: int) -> dict[str, list[HandRaiseSeen]]:
        """Account -> its hand raises of the 30 days before `at` (ms), in the order in which they arrived."""
        recent: dict[str, list[HandRaiseSeen]] = {}
        for one in self._hand_raises:
            if one.at >= at - HAND_RAISES_OF:
                recent.setdefault(one.account, []).append(one)
        return recent

    def alerts(self, at: int, group: ControlGroup = NO_CONTROL_GROUP) -> dict[str, list[AlertSeen]]:
        """Account -> the alerts of the 30 days before `at` (ms) that people were told of, oldest first.

        Nobody was told of those whose account the `group` held back.
        """
        recent: dict[str, list[AlertSeen]] = {}
        for one, could_be_held in self._alerts:
            told = not could_be_held or group.holds(one.account, one.at, pinned=False) is None
            if told and one.at >= at - HAND_RAISES_OF:
                recent.setdefault(one.account, []).append(one)
        return recent

    def _note_alerts(self, account: str, now: int, alerts: Sequence[Alert]) -> None:
        while self._alerts and self._alerts[0][0].at < now - HAND_RAISES_OF:
            self._alerts.popleft()
        for one in alerts:
            if one.decision.recorded is None and one.decision.type != COOLED:
                could_be_held = one.decision.type not in HAND_RAISES and not one.snapshot.pinned
                self._alerts.append((AlertSeen(account, one.decision.type, one.decision.at), could_be_held))

    def _note_hand_raise(self, event: Event, now: int, alerts: Sequence[Alert], reason: NoAlertReason | None) -> None:
        fields, persona = with_persona(event, self._policy)
        if not score_event(event, fields, self._policy.kinds[event.kind]).act_now:
            return
        while self._hand_raises and self._hand_raises[0].now < now - HAND_RAISES_OF:
            self._hand_raises.popleft()
        self._hand_raises.append(hand_raise_seen(event, persona, now, alerts, reason))
