"""The flow: the effect of one event on one account. Read this file first.

    event -> (duplicate? expired? ignored?) -> signal -> stack -> score -> level -> alert

What people decided about the account is in force in its fit (`fit.acted`); `acting` applies an action.

`advance` is the complete decision. It takes the event, the instant `now` at which it is decided, the state of its
account and the account's fit; it changes the state and returns the outcome and the alerts. `pass_time` applies what
time alone does: levels and cooldowns end, each dated at its own instant and not when it was noticed. `decide` and
`apply_new_policy` decide without a signal: after a fit change, or under a new scoring file. Nothing here reads a
clock, logs, awaits or does I/O.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.alerting import alerts
from signal_engine.core.alerting.alert import Alert, alert
from signal_engine.core.alerting.alerts import AlertDecision, AlertRequest
from signal_engine.core.alerting.signal_alert import AppliedSignal, signal_alert
from signal_engine.core.fit.acted import acted_on, by_rule, fit_at, next_end
from signal_engine.core.fit.eligibility import hidden_by, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.rules.points import score_event, with_persona
from signal_engine.core.rules.policy import COLD, HOT, REMEMBERED_IDS, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import fall, level_ends, rise, roll_down, roll_up, set_upper_bound
from signal_engine.core.score.remembered import id_hash
from signal_engine.core.score.stack import evaluate
from signal_engine.core.score.stacking import Signal, stack


class EventOutcome(StrEnum):
    """The outcome of an event. `received` is the sum of these and of the rejected ones."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    EXPIRED = "expired"

    __hash__ = str.__hash__  # an enum's own is a Python function, and outcomes are counted per event


@dataclass(frozen=True, slots=True)
class ScoringContext:
    """The basis of decisions: the scoring file in force and the settings that limit an account's memory."""

    policy: Policy
    remembered_ids: int = REMEMBERED_IDS


class HoldsFit(Protocol):
    """What has the fit of an account about which people decided something: it changes when an action ends."""

    fit: Fit | None


def advance(
    account: Account,
    event: Event,
    now: int,
    fit: Fit | None,
    scoring_context: ScoringContext,
    folded: list[Signal] | None = None,
    acted: HoldsFit | None = None,
) -> tuple[EventOutcome, list[Alert], NoAlertReason | None]:
    """Decide `event` at `now` (ms): return its outcome, the alerts due, and why the event itself gave none.

    `now` is the arrival time of the event; an account's time never runs backwards. `account` changes only if the
    outcome is applied; the signal is then appended to `folded`, for histories. `acted` has the same `fit`, where people
    decided something about the account, and gets another one when the signal or time ends what they decided.
    """
    policy = scoring_context.policy
    now = max(now, account.now)
    digest = id_hash(event.event_id, event.kind)
    if account.ids.holds(digest, now, policy.kinds):
        return EventOutcome.DUPLICATE, [], None
    kind = policy.kinds.get(event.kind)
    if kind is None:
        return EventOutcome.IGNORED, [], None
    if now - event.occurred_at > kind.expires_after:
        return EventOutcome.EXPIRED, [], None
    fields, persona = with_persona(event, policy)
    scored = score_event(event, fields, kind)
    if scored.points <= 0:
        return EventOutcome.IGNORED, [], None

    if acted is not None:
        due = pass_time(account, event.account, now, fit, scoring_context)
        fit = acted.fit = fit_at(fit, now)
    elif account.level == COLD:  # nothing can end or be held back: true of most accounts
        account.now, due = now, []
    else:
        due = pass_time(account, event.account, now, fit, scoring_context)
    account.ids.add(digest, event.kind, event.occurred_at, now, policy.kinds, scoring_context.remembered_ids)
    at = now if now < event.occurred_at else event.occurred_at  # noqa: FURB136 (min() takes three times as long)
    stack(account, event, fields, persona, scored, at, now, policy, folded)
    was_hot = account.level == HOT
    score = None if was_hot else rise(account, event.kind, now, policy)
    asked = AlertRequest(event.kind, event.event_id, persona, at)
    applied = AppliedSignal(event, now, asked, scored, was_hot, score)
    if acted is not None and (left := _hiding_left(account, applied, fit, policy)) is not fit:
        fit = acted.fit = left
        applied = applied._replace(was_hot=False, score=score or evaluate(account, now, policy))  # no shortcuts
    call, reason = signal_alert(account, applied, fit, policy)
    if call is not None:
        due.append(call)
    return EventOutcome.APPLIED, due, reason


def _hiding_left(account: Account, applied: AppliedSignal, fit: Fit | None, policy: Policy) -> Fit | None:
    """The fit once a signal was applied: it may end a snooze or a disposition before its alert is decided."""
    if fit is None:
        return None
    event, now, asked, scored, _, score = applied
    actions = was = fit.actions
    if (scored.act_now or scored.trigger) and not event.backfill and now - asked.at < policy.lists.pin:
        actions = actions.called_back()
    if actions.disposition is not None and actions.disposition.hides:
        actions = actions.seen_live((score or evaluate(account, now, policy)).live)
    return fit if actions == was else acted_on(fit.account, by_rule(fit), actions)


def pass_time(account: Account, name: str, now: int, fit: Fit | None, scoring_context: ScoringContext) -> list[Alert]:
    """Advance the account to `now` (ms) without a new signal: end levels, cooldowns and actions, in order of time.

    Actions that end leave another fit: `fit_at`. When one that hid the account ends, it is decided anew, at that
    instant and after all else that is due then.
    """
    if fit is None or fit.actions is NOTHING:
        return _pass_time(account, name, now, fit, scoring_context)
    due: list[Alert] = []
    fit = fit_at(fit, account.now)
    while (ends := next_end(fit)) is not None and ends <= now:
        due += _pass_time(account, name, ends, fit, scoring_context)
        hidden, fit = unalerted_reason(fit, scoring_context.policy), fit_at(fit, ends)
        if hidden is not None:
            found, _ = decide(account, name, ends, fit, scoring_context)
            due += () if found is None else (found,)
    return [*due, *_pass_time(account, name, now, fit, scoring_context)]


def _pass_time(account: Account, name: str, now: int, fit: Fit | None, scoring_context: ScoringContext) -> list[Alert]:
    policy = scoring_context.policy
    due: list[Alert] = []
    eligible = unalerted_reason(fit, policy) is None
    hidden = None if eligible else hidden_by(fit, policy)
    while True:
        ends = level_ends(account, now, policy)
        retry = alerts.cooldown_ends(account, policy) if account.level == HOT and not account.alerted else BEGINNING
        if eligible and account.now < retry <= now and (ends is None or retry < ends):
            account.now = retry
            decision = alerts.end_of_cooldown(account, name, retry, evaluate(account, retry, policy), policy)
            due.append(alert(name, account, decision, fit, policy))
        elif ends is not None:
            account.now = ends
            was_alerted = account.level == HOT and account.alerted
            fall(account, ends, policy)
            if was_alerted and (eligible or hidden is not None):
                decision = alerts.cooled(account, name, ends, policy)._replace(recorded=hidden)
                due.append(alert(name, account, decision, fit, policy))
        else:
            account.now = max(now, account.now)
            return due


def decide(
    account: Account, name: str, now: int, fit: Fit | None, scoring_context: ScoringContext
) -> tuple[Alert | None, NoAlertReason | None]:
    """Decide at `now` (ms) without a signal, for instance after a fit change: the alert due, or why none is.

    Call `pass_time` up to `now` before, under the previous fit.
    """
    policy = scoring_context.policy
    fit = fit_at(fit, now)
    if (reason := unalerted_reason(fit, policy)) is not None:
        return None, reason
    decision = alerts.hot_alert(account, name, now, evaluate(account, now, policy), policy)
    if isinstance(decision, AlertDecision):
        return alert(name, account, decision, fit, policy), None
    return None, decision


def apply_new_policy(
    account: Account, name: str, now: int, fit: Fit | None, scoring_context: ScoringContext
) -> list[Alert]:
    """Roll the account down, then up, once, at `now` (ms), under a scoring file that has just come into force.

    Alerts of it are recorded, not sent: nobody is called for a change of rules. They count for cooldown and episode.
    Call `pass_time` up to `now` before, under the previous file.
    """
    policy = scoring_context.policy
    account.now = now = max(now, account.now)
    fit = fit_at(fit, now)
    eligible = unalerted_reason(fit, policy) is None
    had_alerted, due = account.alerted, list[Alert]()
    seen = eligible or hidden_by(fit, policy) is not None
    if roll_down(account, now, policy) and had_alerted and seen:
        due.append(alert(name, account, alerts.cooled(account, name, now, policy), fit, policy))
    score = evaluate(account, now, policy)
    set_upper_bound(account, score, policy)
    roll_up(account, score, policy)
    if eligible:
        decision = alerts.hot_alert(account, name, now, score, policy)
        if isinstance(decision, AlertDecision):
            due.append(alert(name, account, decision, fit, policy))
    return [one._replace(decision=one.decision._replace(recorded=Recorded.RULES_CHANGED)) for one in due]


def no_alert(account: Account, at: int, fit: Fit | None, scoring_context: ScoringContext) -> NoAlertReason:
    """Why no alert is due at `at` (ms), for `explain`; changes nothing."""
    policy = scoring_context.policy
    return unalerted_reason(fit_at(fit, at), policy) or alerts.no_alert(
        account, at, evaluate(account, at, policy), policy
    )
