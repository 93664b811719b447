"""Ranking: who of those who fit comes first (scoring.md, section 7)."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from signal_engine.core.fit import Fit, FitDecision, not_chased
from signal_engine.core.policy import ListPolicy
from signal_engine.core.reasons import NotNow

ALL: Final = "all"
"""The list that holds each account once, by its primary ICP; the others bear the id of their ICP."""


class Candidate(NamedTuple):
    """An account that may be on a list, with what its place depends on."""

    account: str
    raw: float
    priority: float
    fit: float
    decision: FitDecision


def listed_by(fit: Fit | None, name: str) -> FitDecision | None:
    """The decision by which list `name` sees an account; None when the list's ICP does not know it."""
    if fit is None:
        return None
    return fit.primary if name == ALL else fit.by(name)


def candidate(account: str, raw: float, decision: FitDecision, lists: ListPolicy) -> Candidate:
    """The account's place in a list: priority = raw * weight of the tier, not capped."""
    weight = lists.tier_weight[decision.tier or ""]
    return Candidate(account, raw, raw * weight, decision.fit or 0.0, decision)


def unlisted_reason(fit: Fit | None, decision: FitDecision | None) -> NotNow | None:
    """Why an account is on no list whose ICP says `decision`, whatever its signals; None when it may be on it.

    The one rule for it: lists, ranks, `explain` and the plan of a load all ask here.
    """
    if fit is None:
        return NotNow.NOT_IN_ACCOUNTS
    return NotNow.NOT_FIT if decision is None else not_chased(decision, suppressed=fit.suppressed)


def may_be_listed(fit: Fit | None, decision: FitDecision | None) -> bool:
    """Whether nothing but its signals decides if an account is on a list."""
    return unlisted_reason(fit, decision) is None


def order(candidates: Iterable[Candidate]) -> list[Candidate]:
    """By priority descending, then fit descending, then account ascending.

    Priorities that agree to 1e-11 are equal: the last bits of a sum depend on the order of its terms, and the order
    of arrival must not decide a tie.
    """
    return sorted(candidates, key=lambda c: (-round(c.priority, 11), -c.fit, c.account))


def not_listed(fit: Fit | None, name: str, score: float, rank: int | None, lists: ListPolicy) -> NotNow | None:
    """Why an account with `score` and `rank` (1.. among all that qualify) is not on list `name`; None when it is."""
    if reason := unlisted_reason(fit, listed_by(fit, name)):
        return reason
    if score < lists.min_score:
        return NotNow.BELOW_MIN_SCORE
    return NotNow.BELOW_CUT if rank is None or rank > lists.size else None
