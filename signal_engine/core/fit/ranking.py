"""Ranking: the order of accounts on a list (scoring.md, section 7)."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.policy import HEAT, Level, ListPolicy, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import pin
from signal_engine.core.score.stack import Score

ALL: Final = "all"
"""The list that holds each account once, by its primary ICP; the others bear the id of their ICP."""

LEVEL_STEP: Final = 1e6
"""What one level is worth in a place's key: more than any priority (laws.py)."""

Badge = Literal["inbound", "hot", "warm", "cold"]
"""What is shown of an account first."""


class Candidate(NamedTuple):
    """An account that may be on a list, with what its place depends on."""

    account: str
    level: Level
    priority: float
    fit: float
    pinned_until: int | None
    """ms; None: not pinned."""
    decision: FitDecision

    @property
    def key(self) -> float:
        """What orders accounts that are not pinned: the level, then the priority. Never rises by itself."""
        return place_key(self.level, self.priority)


def place_key(level: Level, priority: float) -> float:
    """The key of a place: a million per level, plus the priority."""
    return LEVEL_STEP * HEAT[level] + priority


def badge(level: Level, *, pinned: bool) -> Badge:
    """What is shown first: a pinned account is inbound, whatever its level and wherever it stands."""
    return "inbound" if pinned else level


def listed_by(fit: Fit | None, name: str) -> FitDecision | None:
    """The decision by which list `name` sees an account; None when the list's ICP does not know it."""
    if fit is None:
        return None
    return fit.primary if name == ALL else fit.by(name)


def may_be_listed(fit: Fit | None, decision: FitDecision | None, policy: Policy) -> bool:
    """Whether nothing but its signals decides if an account is on a list."""
    return unlisted_reason(fit, decision, policy) is None


def qualifies(level: Level, score: float, lists: ListPolicy, *, pinned: bool) -> bool:
    """Whether its signals put an account on the lists that its fit opens to it."""
    return pinned or (HEAT[level] >= HEAT[lists.min_level] and score > 0 and score >= lists.min_score)


def candidate(
    name: str, account: Account, score: Score, decision: FitDecision | None, fit: Fit | None, policy: Policy
) -> Candidate | None:
    """The account's place on a list whose ICP says `decision`, at the instant of `score`; None when it has none.

    Its level must have been rolled to that instant. priority = raw * weight of the tier, not capped.
    """
    if decision is None or not may_be_listed(fit, decision, policy):
        return None
    until = pin(account, score.at, policy)
    if not qualifies(account.level, score.score, policy.lists, pinned=until is not None):
        return None
    priority = score.raw * policy.lists.tier_weight[decision.tier or ""]
    return Candidate(name, account.level, priority, decision.fit or 0.0, until, decision)


class Ordered(NamedTuple):
    """One account in its place."""

    candidate: Candidate
    pinned: bool
    """Whether it stands in the first block, of the pinned."""


def order(candidates: Iterable[Candidate], size: int) -> list[Ordered]:
    """First the pinned, the latest hand raise first, at most half of `size`; then all others by level, priority and fit
    descending, then account ascending. The list is the first `size` of them.

    Priorities that agree to 1e-11 are equal: the last bits of a sum depend on the order of its terms, and the order
    of arrival must not decide a tie.
    """
    others = sorted(candidates, key=_by_level)
    pinned = sorted((c for c in others if c.pinned_until is not None), key=_by_hand_raise)[: size // 2]
    taken = {c.account for c in pinned}
    return [*(Ordered(c, True) for c in pinned), *(Ordered(c, False) for c in others if c.account not in taken)]


def _by_level(candidate: Candidate) -> tuple[int, float, float, str]:
    return -HEAT[candidate.level], -round(candidate.priority, 11), -candidate.fit, candidate.account


def _by_hand_raise(candidate: Candidate) -> int:
    return -(candidate.pinned_until or 0)


def not_listed(
    fit: Fit | None, name: str, level: Level, score: float, rank: int | None, policy: Policy, *, pinned: bool
) -> NoAlertReason | None:
    """Why an account with `score` and `rank` (1.. among all that qualify) is not on list `name`; None when it is."""
    if reason := unlisted_reason(fit, listed_by(fit, name), policy):
        return reason
    if not pinned and HEAT[level] < HEAT[policy.lists.min_level]:
        return NoAlertReason.BELOW_MIN_LEVEL
    if not qualifies(level, score, policy.lists, pinned=pinned):
        return NoAlertReason.BELOW_MIN_SCORE
    return NoAlertReason.BELOW_CUT if rank is None or rank > policy.lists.size else None
