"""The alert of one applied signal, or the reason why there is none (scoring.md, section 5)."""

from typing import NamedTuple

from signal_engine.core.alerting import alerts
from signal_engine.core.alerting.alert import Alert, alert
from signal_engine.core.alerting.alerts import AlertDecision, AlertRequest
from signal_engine.core.fit.eligibility import goes_to_triage, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.points import ScoredEvent
from signal_engine.core.rules.policy import HOT, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import Score, evaluate


class AppliedSignal(NamedTuple):
    """An applied signal, with what its alert depends on."""

    event: Event
    now: int
    """ms."""
    asked: AlertRequest
    scored: ScoredEvent
    was_hot: bool
    """The level before it was applied."""
    score: Score | None
    """The score at `now`; None if not needed so far."""


def signal_alert(
    account: Account, applied: AppliedSignal, fit: Fit | None, policy: Policy
) -> tuple[Alert | None, NoAlertReason | None]:
    """The alert of a signal, for a rep or, if no rep may be alerted, for triage; and why no rep gets one."""
    reason = unalerted_reason(fit, policy)
    if reason is not None:
        return _inbound(account, applied, fit, reason, policy), reason
    decision = _decide(account, applied, policy)
    if not isinstance(decision, AlertDecision):
        return None, decision
    event = applied.event
    return alert(event.account, account, _recorded(decision, event), fit, policy, event), None


def _decide(account: Account, applied: AppliedSignal, policy: Policy) -> AlertDecision | NoAlertReason:
    """The first of `hand_raise`, `entered_hot`, `trigger` and `new_evidence` that no limit holds back.

    If there is none, the reason is the limit on the signal's own hand raise or trigger, else the account's.
    """
    event, now, asked, scored, _, score = applied
    name, age = event.account, now - asked.at
    raised = scored.act_now and age < policy.lists.pin
    triggered = scored.trigger and age < policy.alerts.trigger_pause
    if not raised and not triggered and (quiet := _quiet(account, applied, policy)) is not None:
        return quiet
    score = score or evaluate(account, now, policy)
    limit: NoAlertReason | None = None
    if raised:
        call = alerts.hand_raise(account, name, asked, now, score, policy)
        if isinstance(call, AlertDecision):
            return call
        limit = call
    entered = alerts.entered_hot(account, name, now, score, policy)
    if isinstance(entered, AlertDecision):
        return entered
    if triggered:
        call = alerts.trigger(account, name, asked, now, score, policy)
        if isinstance(call, AlertDecision):
            return call
        limit = limit or call
    news = alerts.new_evidence(account, name, now, score, policy)
    return news if isinstance(news, AlertDecision) else limit or entered


def _quiet(account: Account, applied: AppliedSignal, policy: Policy) -> NoAlertReason | None:
    """Why a signal without hand raise or trigger gives no alert, if that is known without a score; else None."""
    if applied.was_hot:
        return alerts.nothing_new(account, applied.event.kind, applied.asked.persona, applied.now, policy)
    if account.level == HOT:
        return None
    return NoAlertReason.BELOW_THRESHOLD if applied.score is None else alerts.not_hot(account, applied.score, policy)


def _inbound(
    account: Account, applied: AppliedSignal, fit: Fit | None, reason: NoAlertReason, policy: Policy
) -> Alert | None:
    """The triage alert for a hand raise at an account of which no rep may be alerted, for `reason`."""
    event, now, asked, scored, _, _ = applied
    if not scored.act_now or now - asked.at >= policy.lists.pin or not goes_to_triage(fit):
        return None
    decision = alerts.inbound(account, event.account, asked, now, policy)
    if not isinstance(decision, AlertDecision):
        return None
    call = alert(event.account, account, _recorded(decision, event), fit, policy, event)
    return call._replace(not_for_reps=reason)


def _recorded(decision: AlertDecision, event: Event) -> AlertDecision:
    return decision._replace(recorded=Recorded.BACKFILL) if event.backfill else decision
