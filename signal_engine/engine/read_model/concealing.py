"""What everybody but administrators sees of an account that is held back: an account without signals.

Lists and alerts leave it out, and any word on its page that only such accounts have would name it. So its page, its
explanation and reports show its fit and what people decided, as those of any account that nobody has heard of.
"""

from typing import NamedTuple

from signal_engine.core.delivery.holdback import ControlGroup, Holdback
from signal_engine.core.fit.acted import by_rule, fit_at
from signal_engine.core.fit.eligibility import unalerted_reason, unlisted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import take_snapshot


def _is_told_of(fit: Fit | None, policy: Policy) -> bool:
    """Whether lists or alerts tell of such an account once it has signals; of others nobody is told anyway.

    By the rules alone: else whoever snoozes or kills an account that is held back would see its signals from then on.
    """
    fit = by_rule(fit)
    if fit is None:
        return False
    if unalerted_reason(fit, policy) is None:
        return True
    return any(unlisted_reason(fit, decision, policy) is None for decision in fit.decisions)


class ShownAccount(NamedTuple):
    """An account as somebody may see it."""

    account: Account
    fit: Fit | None
    at: int
    """ms: the instant to which it was taken, never before it was decided by what is shown."""
    draw: Holdback | None
    """To administrators: by which it is held back."""
    conceals: bool
    """Whether it is held back, and shown as if it had no signals."""


def shown(
    name: str,
    account: Account,
    fit: Fit | None,
    now: int,
    context: ScoringContext,
    group: ControlGroup,
    *,
    administers: bool = False,
) -> ShownAccount:
    """An account as it was stored, and its fit, at `now` (ms): to who `administers` as it is, to others maybe without
    its signals. `account` is taken there."""
    at = max(now, account.now)
    pass_time(account, name, at, fit, context)  # alerts that are due come from the timer
    now_fit = fit_at(fit, at)
    draw = _draw_of(name, account, now_fit, at, context.policy, group)
    if draw is None or administers:
        return ShownAccount(account, now_fit, at, draw, conceals=False)
    return ShownAccount(_without_signals(name, fit, now, context), fit_at(fit, now), now, None, conceals=True)


def _draw_of(
    name: str, account: Account, fit: Fit | None, now: int, policy: Policy, group: ControlGroup
) -> Holdback | None:
    """The draw by which nobody is told of the account, of which people would be told."""
    if not group.is_drawn(now) or not _is_told_of(fit, policy):
        return None
    return group.holds(name, now, pinned=take_snapshot(name, account, now, policy).pinned)


def _without_signals(name: str, fit: Fit | None, now: int, context: ScoringContext) -> Account:
    """The same account at `now` (ms), had it never had a signal."""
    blank = Account()
    pass_time(blank, name, now, fit, context)
    return blank
