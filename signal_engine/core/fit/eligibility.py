"""Who may be listed and who may be alerted, by fit, suppression, relation and actions, never by signals (law 7).

The only place of these rules: lists, ranks, alerts, `explain` and fit loads all use it.
"""

from typing import Final, Literal

from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.fit.acted import by_rule
from signal_engine.core.fit.icp import Fit, FitDecision, not_chased
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.policy import Policy
from signal_engine.core.rules.relations import Relation

Audience = Literal["sdr", "owner", "triage"]
"""Whom an alert is for."""

_TRIAGED: Final[frozenset[NoAlertReason | None]] = frozenset({None, NoAlertReason.NOT_IN_ACCOUNTS})
_NEVER_INBOUND: Final[frozenset[Relation]] = frozenset({"do_not_contact", "competitor", "own"})


def unlisted_reason(fit: Fit | None, decision: FitDecision | None, policy: Policy) -> NoAlertReason | None:
    """Why an account is on no list whose ICP says `decision`, whatever its signals; None when it may be on it."""
    if fit is None:
        return NoAlertReason.NOT_IN_ACCOUNTS
    if fit.actions is not NOTHING and (taken := _taken_off(fit, decision)) is not None:
        return taken
    if decision is None:
        return NoAlertReason.NOT_FIT
    if reason := not_chased(decision, suppressed=fit.suppressed):
        return reason
    return kept_off(fit, policy)


def kept_off(fit: Fit, policy: Policy) -> NoAlertReason | None:
    """Why an account is on no list whatever its ICPs decide; None when only they keep it off."""
    if fit.suppressed:
        return NoAlertReason.SUPPRESSED
    return None if policy.relation(fit.relation).listed else NoAlertReason.RELATION


def unalerted_reason(fit: Fit | None, policy: Policy) -> NoAlertReason | None:
    """Why nobody is alerted of an account, whatever its signals; None when somebody may be."""
    if fit is None:
        return NoAlertReason.NOT_IN_ACCOUNTS
    if fit.actions is not NOTHING and (taken := _taken_off(fit, fit.primary)) is not None:
        return taken
    if reason := not_chased(fit.primary, suppressed=fit.suppressed):
        return reason
    return None if policy.relation(fit.relation).alert else NoAlertReason.RELATION


def goes_to_triage(fit: Fit | None) -> bool:
    """Whether somebody who asks to be called there is passed on, though no rep may be alerted of the account."""
    if fit is None:
        return True
    taken = None if fit.actions is NOTHING else _taken_off(fit, fit.primary)
    return taken in _TRIAGED and not fit.suppressed and fit.relation not in _NEVER_INBOUND


def hidden_by(fit: Fit | None, policy: Policy) -> Recorded | None:
    """Which kind of action alone keeps everybody from being alerted of an account; None when none does."""
    if fit is None or fit.actions is NOTHING or unalerted_reason(by_rule(fit), policy) is not None:
        return None
    taken = _taken_off(fit, fit.primary)
    return None if taken is None else Recorded(taken)


def audience(fit: Fit, policy: Policy) -> Audience:
    """The recipient of an alert for an account that may be alerted."""
    return policy.relation(fit.relation).alert or "triage"


def _taken_off(fit: Fit, decision: FitDecision | None) -> NoAlertReason | None:
    """Which kind of action takes the account off the list whose ICP says `decision`; None when none does."""
    if (hiding := fit.actions.hidden) is not None:
        return NoAlertReason(hiding)
    if not fit.decisions:
        return NoAlertReason.NOT_IN_ACCOUNTS
    return NoAlertReason.KILLED if decision is not None and decision.icp in fit.actions.kills else None
