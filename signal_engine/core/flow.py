"""The flow: what one event does to one account. Read this file first.

    event -> (duplicate? expired? ignored?) -> signal -> stack -> score -> level -> alert

`advance` is the whole judgement. It is called with the event, the instant `now` at which it is decided, the state
of its account and the account's fit; it changes the state and returns the outcome and the alerts. `pass_time` does
what time alone does: levels end and cooldowns end, each dated at its own instant and not when it was noticed.
Nothing here reads a clock, logs, awaits or touches the outside.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import log2
from typing import Final, NamedTuple

from signal_engine.core import alerts
from signal_engine.core.account import COLD, EVIDENCE_KEPT, HOT, Account, KindState, new_evidence
from signal_engine.core.events import Event
from signal_engine.core.fit import Fit
from signal_engine.core.instants import BEGINNING
from signal_engine.core.kinds import ENGAGEMENT
from signal_engine.core.levels import fall, level_ends, rise
from signal_engine.core.policy import REMEMBERED_IDS, Policy
from signal_engine.core.reasons import NotNow
from signal_engine.core.remembered import id_hash
from signal_engine.core.rules import facet_of, worth
from signal_engine.core.stack import Score, evaluate
from signal_engine.core.standing import Alert, alert
from signal_engine.core.wording import line


class Outcome(StrEnum):
    """What became of an event. `received` is the sum of these and of the refused ones."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    EXPIRED = "expired"

    __hash__ = str.__hash__  # an enum's own is a Python function, and outcomes are counted once an event


@dataclass(frozen=True, slots=True)
class Judge:
    """What judgements are made by: the scoring file in force and the settings that bound an account's memory."""

    policy: Policy
    remembered_ids: int = REMEMBERED_IDS


class Signal(NamedTuple):
    """What was folded into an account."""

    event_id: str
    kind: str
    occurred_at: int
    """ms."""
    points: float
    """At the instant from which it counts."""
    text: str
    """One line of at most 160 characters, without personal fields."""
    source_url: str | None


_new_signal: Final = partial(tuple.__new__, Signal)


def advance(
    account: Account, event: Event, now: int, fit: Fit | None, judge: Judge, folded: list[Signal] | None = None
) -> tuple[Outcome, list[Alert], NotNow | None]:
    """Decides `event` at `now` (ms): its outcome, the alerts that are due, and why the event itself gave none.

    `now` is when the event arrived; an account's time never runs backwards. `account` is changed only when the
    outcome is applied; then the signal is appended to `folded`, for who keeps histories.
    """
    policy = judge.policy
    now = max(now, account.now)
    digest = id_hash(event.event_id)
    if account.ids.holds(digest, now, policy.kinds):
        return Outcome.DUPLICATE, [], None
    kind = policy.kinds.get(event.kind)
    if kind is None:
        return Outcome.IGNORED, [], None
    if now - event.occurred_at > kind.expires_after:
        return Outcome.EXPIRED, [], None
    points, act_now = worth(event, kind)
    if points <= 0:
        return Outcome.IGNORED, [], None

    if account.level == COLD:  # nothing to end and nothing held back: by far the most accounts
        account.now, due = now, []
    else:
        due = pass_time(account, event.account, now, fit, judge)
    account.ids.add(digest, event.kind, event.occurred_at, now, policy.kinds, judge.remembered_ids)
    _stack(account, event, points, now, policy, folded)
    was_hot = account.level == HOT
    score = None if was_hot else rise(account, event.kind, now, policy)
    if fit is None or fit.barred is not None:
        return Outcome.APPLIED, due, alerts.not_eligible(fit)
    reason: NotNow | None = None
    if not act_now:
        if was_hot:
            reason = alerts.nothing_new(account, event.kind, now, policy)
        elif account.level != HOT:
            reason = alerts.not_hot(score, policy) if score else NotNow.BELOW_THRESHOLD
    if reason is None:
        call = _call(account, event, now, score or evaluate(account, now, policy), policy, act_now=act_now)
        if not isinstance(call, alerts.Call):
            return Outcome.APPLIED, due, call
        due.append(alert(event.account, account, call, fit, policy, event))
    return Outcome.APPLIED, due, reason


def _call(
    account: Account, event: Event, now: int, score: Score, policy: Policy, *, act_now: bool
) -> alerts.Call | NotNow:
    """The call that a signal gives: `hand_raise`, else `entered_hot`, else `new_evidence`; or why none."""
    if not act_now:
        return alerts.hot_alert(account, event.account, now, score, policy)
    raised = alerts.hand_raise(account, event.account, event.event_id, now, score, policy)
    if isinstance(raised, alerts.Call):
        return raised
    hot = alerts.hot_alert(account, event.account, now, score, policy)
    return hot if isinstance(hot, alerts.Call) else raised


def pass_time(account: Account, name: str, now: int, fit: Fit | None, judge: Judge) -> list[Alert]:
    """Takes the account to `now` (ms) with no new signal: levels that end, cooldowns that end, in order of time."""
    policy = judge.policy
    due: list[Alert] = []
    eligible = fit is not None and fit.barred is None
    while True:
        ends = level_ends(account, now, policy)
        retry = alerts.cooldown_ends(account, policy) if account.level == HOT and not account.alerted else BEGINNING
        if eligible and fit and account.now < retry <= now and (ends is None or retry < ends):
            account.now = retry
            call = alerts.entered_hot(account, name, retry, evaluate(account, retry, policy))
            due.append(alert(name, account, call, fit, policy))
        elif ends is not None:
            account.now = ends
            was_alerted = account.level == HOT and account.alerted
            fall(account, ends, policy)
            if was_alerted and eligible and fit:
                due.append(alert(name, account, alerts.cooled(account, name, ends), fit, policy))
        else:
            account.now = max(now, account.now)
            return due


def decide(account: Account, name: str, now: int, fit: Fit | None, judge: Judge) -> tuple[Alert | None, NotNow | None]:
    """Decides at `now` (ms) with no signal, as after a fit change: the alert that is due, or why none is.

    Time must have been passed to `now`, under the fit that held until then.
    """
    score = evaluate(account, now, judge.policy)
    reason = alerts.not_eligible(fit)
    if reason is not None or fit is None:
        return None, reason
    call = alerts.hot_alert(account, name, now, score, judge.policy)
    if isinstance(call, alerts.Call):
        return alert(name, account, call, fit, judge.policy), None
    return None, call


def _stack(
    account: Account, event: Event, points: float, now: int, policy: Policy, folded: list[Signal] | None
) -> None:
    """Folds a signal into the account: its points, its facet, itself as evidence, the persona seen."""
    _, name, event_id, occurred_at, _, fields, _ = event
    kind = policy.kinds[name]
    at = now if now < occurred_at else occurred_at  # noqa: FURB136 (min() takes three times as long)
    state = account.kinds.get(name)
    if state is None:
        if not account.kinds:  # nothing is no more than 0 by any policy
            account.bound_by = policy.stamp
        state = account.kinds[name] = KindState(at, {}, most=0.0)
    state.add(kind, facet_of(event, kind), points, at)
    account.bound += points
    if account.last_signal_at is None or occurred_at > account.last_signal_at:
        account.last_signal_at = occurred_at
    weight = log2(points) + at / kind.half_life
    place = state.place(weight, event_id)
    if folded is not None or place < EVIDENCE_KEPT:
        text, url = line(event), fields.get("source_url")
        if place < EVIDENCE_KEPT:
            state.keep(place, new_evidence((weight, occurred_at, event_id, text, url)))
        if folded is not None:
            folded.append(_new_signal((event_id, name, occurred_at, points, text, url)))
    if name == ENGAGEMENT and (persona := fields.get("persona")):
        account.meet(persona, at)
