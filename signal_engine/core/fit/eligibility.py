"""Who may be listed and who may be alerted, by fit, suppression and relation, never by signals (law 7).

The only place of these rules: lists, ranks, alerts, `explain` and fit loads all use it.
"""

from typing import Final, Literal

from signal_engine.core.fit.icp import Fit, FitDecision, not_chased
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.policy import Policy
from signal_engine.core.rules.relations import Relation

Audience = Literal["sdr", "owner", "triage"]
"""Whom an alert is for."""

_NEVER_INBOUND: Final[frozenset[Relation]] = frozenset({"do_not_contact", "competitor", "own"})


def unlisted_reason(fit: Fit | None, decision: FitDecision | None, policy: Policy) -> NoAlertReason | None:
    """Why an account is on no list whose ICP says `decision`, whatever its signals; None when it may be on it."""
    if fit is None:
        return NoAlertReason.NOT_IN_ACCOUNTS
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
    if reason := not_chased(fit.primary, suppressed=fit.suppressed):
        return reason
    return None if policy.relation(fit.relation).alert else NoAlertReason.RELATION


def goes_to_triage(fit: Fit | None) -> bool:
    """Whether somebody who asks to be called there is passed on, though no rep may be alerted of the account."""
    return fit is None or not (fit.suppressed or fit.relation in _NEVER_INBOUND)


def audience(fit: Fit, policy: Policy) -> Audience:
    """The recipient of an alert for an account that may be alerted."""
    return policy.relation(fit.relation).alert or "triage"
