"""Alerts that another judge decided, made by `core.alerting` out of the state as it was at their instant."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.core.alerting.alert import Alert, alert_of
from signal_engine.core.alerting.alerts import (
    HAND_RAISE,
    INBOUND,
    TRIGGER,
    AlertDecision,
    AlertType,
    alert_id,
    news_words,
)
from signal_engine.core.alerting.hand_raises import HandRaiseSeen, hand_raise_seen
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import HOT, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import snapshot_of
from signal_engine.core.score.stack import Score
from signal_engine.wire.storage import state

_OF_ONE_SIGNAL: Final[frozenset[AlertType]] = frozenset({HAND_RAISE, TRIGGER, INBOUND})


class JudgedAlert(NamedTuple):
    """An alert as a judge decided it."""

    type: AlertType
    by_signal: bool
    """Whether the event gave it, and not the time before it."""
    personas: frozenset[str]
    """The named personas that were live."""
    new_kinds: frozenset[str]
    """Of new evidence: what was news, as the next."""
    new_personas: frozenset[str]
    raised_by: str | None
    """The persona of a hand raise."""
    state: bytes
    """The account's state then, the alert recorded."""
    score: Score
    """At the instant of the alert."""
    cools_at: int | None
    """When the level ends without new signals (ms)."""


class JudgedRaise(NamedTuple):
    """A hand raise as a judge applied it."""

    now: int
    """When it arrived (ms)."""
    persona: str
    reason: NoAlertReason | None
    """Which limit holds its alert back; what keeps reps from being alerted of the account at all is not known here."""


class Told(NamedTuple):
    """An event of which more came than points."""

    event: Event
    alerts: Sequence[JudgedAlert]
    raised: JudgedRaise | None


def alert_of_judge(judged: JudgedAlert, event: Event, fit: Fit | None, policy: Policy) -> Alert:
    """The alert, as `core.flow.advance` returns it for `event`."""
    account = state.decode(judged.state)
    stands = snapshot_of(event.account, account, judged.score, judged.cools_at, policy)
    decision = _decision(judged, account, event)
    made = alert_of(account, decision, stands, fit, policy, event if judged.by_signal else None)
    return made._replace(not_for_reps=unalerted_reason(fit, policy)) if judged.type == INBOUND else made


def hand_raise_of_judge(
    raised: JudgedRaise, event: Event, alerts: Sequence[Alert], fit: Fit | None, policy: Policy
) -> HandRaiseSeen:
    """The hand raise of an event with its `alerts`."""
    return hand_raise_seen(event, raised.persona, raised.now, alerts, unalerted_reason(fit, policy) or raised.reason)


def _decision(judged: JudgedAlert, account: Account, event: Event) -> AlertDecision:
    if judged.type in _OF_ONE_SIGNAL:
        detail: Sequence[str] = (event.kind, event.event_id)
        episode = account.episode if account.level == HOT and judged.type != INBOUND else None
    else:
        detail = (str(account.episode_began), *news_words(judged.new_kinds, judged.new_personas))
        episode = account.episode
    its_id = alert_id(event.account, judged.type, *detail)
    recorded = Recorded.BACKFILL if judged.by_signal and event.backfill else None
    return AlertDecision(judged.type, judged.score.at, episode, its_id, judged.personas, judged.raised_by, recorded)
