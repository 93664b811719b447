"""Restore past alerts in a rebuilt state, so that it remembers past alerts even if their signals are gone.

A state that decided all of them by itself does not change. Otherwise (events have passed their retention, or rules have
changed), last alert, hand raises, triggers, episode and named kinds become what people know.
"""

from collections.abc import Iterable
from typing import NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import COOLED, HAND_RAISE, INBOUND, TRIGGER, AlertType
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.personas import UNKNOWN
from signal_engine.core.rules.policy import HOT, Policy
from signal_engine.core.score.account import Account


class RecordedAlert(NamedTuple):
    """An alert, reduced to what later decisions depend on."""

    at: int
    """ms."""
    type: AlertType
    episode: int | None
    since: int | None
    """When the level of that instant began (ms), which identifies the hot episode."""
    kinds: frozenset[str]
    """The kinds (and buying group) live then, which the alert named."""
    personas: frozenset[str] = frozenset()
    """The personas that the alert named."""
    raised_by: str | None = None
    """The persona of a hand raise or an inbound."""


def apply_past_alerts(
    account: Account,
    name: str,
    past: Iterable[RecordedAlert],
    before: int,
    fit: Fit | None,
    scoring_context: ScoringContext,
) -> list[Alert]:
    """Restore the alerts of `past` that lie before the instant `before` (ms), in order of time.

    Returns the alerts that time alone gave on the way. An alert at `before` itself is left for later, because an event
    that arrived at that instant may have caused it. Applying alerts again changes nothing.
    """
    due: list[Alert] = []
    for one in past:
        if one.at >= before:
            break
        if one.at > account.now:
            due += pass_time(account, name, one.at, fit, scoring_context)
        restore_alert(account, one, scoring_context.policy)
    return due


def restore_alert(account: Account, past: RecordedAlert, policy: Policy) -> None:
    """Make `account`, which has been decided up to then, remember an alert."""
    if past.type in (HAND_RAISE, INBOUND) and account.now - past.at < policy.alerts.hand_raise_pause:
        persona = past.raised_by or UNKNOWN
        account.hand_raised[persona] = max(past.at, account.hand_raised.get(persona, past.at))
    if past.type == TRIGGER and (account.last_trigger_at is None or account.last_trigger_at < past.at):
        account.last_trigger_at = past.at
    if past.episode is None or past.type == COOLED:
        return
    account.episode = max(account.episode, past.episode)
    if account.level == HOT and account.episode_began == past.since:
        account.alerted = True
        account.named |= past.kinds
        account.named_personas |= past.personas
    if account.last_alert_at is None or account.last_alert_at < past.at:
        account.last_alert_at, account.last_alert_kinds = past.at, past.kinds
