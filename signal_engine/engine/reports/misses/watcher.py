"""Collects what reports need of events during a replay: hand raises, titles without persona, activity of sources.

Memory: the hand raises of 30 days, a few numbers per source, and one per title without persona.
"""

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import HAND_RAISE, INBOUND, AlertType
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY, days
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.personas import OTHER
from signal_engine.core.rules.points import score_event, with_persona
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.wording import line, one_line

_HAND_RAISES_OF: Final = days(30)
"""Age in ms up to which hand raises are reported."""
_SILENT_AFTER: Final = days(7)
"""A source counts as silent after at least so many ms without an event ..."""
_USUAL_GAPS: Final = 3
"""... and after so many of its usual gaps."""
_ENOUGH_DAYS: Final = 3
"""Days with events needed to know the usual gap."""


class HandRaiseSeen(NamedTuple):
    """Somebody asked to be called."""

    account: str
    at: int
    """The instant from which it counts, in ms."""
    now: int
    """When it arrived, in ms."""
    text: str
    persona: str
    alert: AlertType | None
    why_not: NoAlertReason | None
    backfill: bool


class SourceActivity:
    """How often a source sends."""

    __slots__ = ("days", "events", "first_day", "last")

    def __init__(self, now: int) -> None:
        self.events = 0
        self.days = 0
        """Number of days with events."""
        self.first_day = now // DAY
        self.last = now - DAY
        """Its last event, in ms."""

    def add(self, now: int) -> None:
        """Add an event at `now` (ms), in order of time."""
        self.events += 1
        self.days += self.days == 0 or now // DAY != self.last // DAY
        self.last = now

    def is_silent(self, at: int) -> bool:
        """Whether, at `at` (ms), it has been silent for much longer than usual."""
        if self.days < _ENOUGH_DAYS:
            return False
        usual = (self.last // DAY - self.first_day) * DAY / (self.days - 1)
        return at - self.last > max(_SILENT_AFTER, _USUAL_GAPS * usual)


class Watcher:
    """Called after each processed event, in order."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._asking = {kind.kind for kind in policy.kinds.values() if any(rule.act_now for rule in kind.rules)}
        self._hand_raises: deque[HandRaiseSeen] = deque()
        self.sources: dict[str, SourceActivity] = {}
        self.other_titles: Counter[str] = Counter()
        """Titles without persona, case-folded -> number of applied engagement signals."""
        self.engagement = 0
        """Number of applied engagement signals."""

    def __call__(
        self, event: Event, now: int, outcome: EventOutcome, alerts: Sequence[Alert], reason: NoAlertReason | None
    ) -> None:
        """Note an event that was processed at `now` (ms)."""
        if (source := event.fields.get("source")) is not None:
            name = one_line(str(source))
            if (known := self.sources.get(name)) is None:
                known = self.sources[name] = SourceActivity(now)
            known.add(now)
        if outcome is not EventOutcome.APPLIED:
            return
        if event.kind == ENGAGEMENT:
            self.engagement += 1
            title = event.fields.get("persona")
            if self._policy.personas.name_of(title) == OTHER:
                self.other_titles[one_line(str(title)).casefold()] += 1
        if event.kind in self._asking:
            self._note_hand_raise(event, now, alerts, reason)

    def hand_raises(self, at: int) -> Iterator[HandRaiseSeen]:
        """Hand raises of the 30 days before `at` (ms), newest first."""
        recent = (one for one in self._hand_raises if one.at >= at - _HAND_RAISES_OF)
        return iter(sorted(recent, key=lambda one: (-one.at, one.account, one.text)))

    def _note_hand_raise(self, event: Event, now: int, alerts: Sequence[Alert], reason: NoAlertReason | None) -> None:
        fields, persona = with_persona(event, self._policy)
        if not score_event(event, fields, self._policy.kinds[event.kind]).act_now:
            return
        while self._hand_raises and self._hand_raises[0].now < now - _HAND_RAISES_OF:
            self._hand_raises.popleft()
        given = _given(event, alerts, reason)
        seen = (min(event.occurred_at, now), now, line(event), persona, given, reason, event.backfill)
        self._hand_raises.append(HandRaiseSeen(event.account, *seen))


def _given(event: Event, alerts: Sequence[Alert], reason: NoAlertReason | None) -> AlertType | None:
    """The alert that the event gave: its own or, if a limit held that back, the next one."""
    for alert in alerts:
        if alert.decision.type in (HAND_RAISE, INBOUND) and alert.why_now.event_id == event.event_id:
            return alert.decision.type
    return alerts[-1].decision.type if alerts and reason is None else None
