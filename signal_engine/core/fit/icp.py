"""Fit: which accounts are worth chasing, decided by ICP files alone (scoring.md, section 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.fit.reason_texts import LOWEST_TIER, failing_text, missing_text, unreadable_text
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.predicates import Answer, Predicate, holds
from signal_engine.core.rules.relations import PROSPECT, Relation

Decision = Literal["chase", "deprioritize", "unknown", "ignore"]
CHASE: Final = "chase"
_DEPRIORITIZE: Final = "deprioritize"
UNKNOWN: Final = "unknown"
IGNORE: Final = "ignore"

_PREFERENCE: Final[dict[Decision, int]] = {CHASE: 0, _DEPRIORITIZE: 1, UNKNOWN: 2, IGNORE: 3}
_NOT_CHASED: Final[dict[Decision, NoAlertReason]] = {
    _DEPRIORITIZE: NoAlertReason.DEPRIORITIZED,
    UNKNOWN: NoAlertReason.FIT_UNKNOWN,
}
MAX_ICPS: Final = 3
"""At most this many ICP files are active at once."""


@dataclass(frozen=True, slots=True)
class Disqualifier:
    """When all its predicates hold, the account is not chased, whatever else it has."""

    when: tuple[Predicate, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class FitPoints:
    """Points (negative allowed) that an account gets when all predicates hold."""

    when: tuple[Predicate, ...]
    points: float
    label: str


@dataclass(frozen=True, slots=True)
class Icp:
    """One ideal customer profile, with its one owner and its review date."""

    icp: str
    version: int
    owner_name: str
    owner_email: str
    review_by: str
    """YYYY-MM-DD."""
    must_have: tuple[Predicate, ...]
    disqualify: tuple[Disqualifier, ...]
    base: float
    points: tuple[FitPoints, ...]
    tiers: dict[str, float]
    """Tier -> the lowest fit score of it."""
    decisions: dict[str, Decision]
    """Tier -> what the tier means."""
    annual_review_by: str | None = None
    """YYYY-MM-DD of the foundational review."""
    cycle_days: int | None = None
    """The sales cycle, in days: how long after a place on a list an outcome still counts for it."""
    metrics: tuple[str, ...] = ()
    """What the next review goes by; all there is when empty."""
    buying_group: tuple[str, ...] = ()
    """Personas that must say yes."""


class FitDecision(NamedTuple):
    """What one ICP says of one account."""

    icp: str
    version: int
    decision: Decision
    fit: float | None
    """0..100; None when it was not computed (disqualified, a must-have false or unknown)."""
    tier: str | None
    reasons: tuple[str, ...]


NO_DECISION: Final = FitDecision("", 0, UNKNOWN, None, None, ())
"""Speaks for an account of no accounts file, about which people decided something."""


@dataclass(frozen=True, slots=True)
class Fit:
    """What all ICP files say of one account, and what its row carries to the outputs."""

    account: str
    decisions: tuple[FitDecision, ...]
    name: str | None = None
    segment: str | None = None
    owner: str | None = None
    """Who the account belongs to."""
    crm_id: str | None = None
    suppressed: bool = False
    sdr: str | None = None
    """Who calls; the owner where None."""
    relation: Relation = PROSPECT
    """What the account is to us: `do_not_contact`, too, where its parent or another row of it is."""
    parent: str | None = None
    """The account (a registrable domain) that it belongs to."""
    parent_relation: Relation | None = None
    """What the parent is to us; None when it has none or the parent is in no accounts file."""
    actions: InForce = NOTHING
    """What people decided about the account and is in force (`acted`)."""
    by_rule: "Fit | None" = None
    """Where there are actions: the fit without them; None when the account is in no accounts file."""
    primary: FitDecision = field(init=False)

    def __post_init__(self) -> None:
        best = primary(self.decisions)
        object.__setattr__(self, "primary", best)

    @property
    def unchased(self) -> NoAlertReason | None:
        """Why its fit or its row keeps the account from being chased, relation apart; None when it is chased."""
        return not_chased(self.primary, suppressed=self.suppressed)

    def by(self, icp: str) -> FitDecision | None:
        """The decision of one ICP."""
        for decision in self.decisions:
            if decision.icp == icp:
                return decision
        return None


def not_chased(decision: FitDecision, *, suppressed: bool) -> NoAlertReason | None:
    """Why an account with this decision is not chased; None when it is."""
    if decision.decision == CHASE:
        return NoAlertReason.SUPPRESSED if suppressed else None
    return _NOT_CHASED.get(decision.decision, NoAlertReason.NOT_FIT)


def primary(decisions: Sequence[FitDecision]) -> FitDecision:
    """The decision that speaks for the account: the best one, then the higher fit, then the ICP id."""
    if not decisions:
        return NO_DECISION
    if len(decisions) == 1:  # as where there is one ICP; a fit is read for every account that is not in memory
        return decisions[0]
    return min(decisions, key=lambda d: (_PREFERENCE[d.decision], 1.0 if d.fit is None else -d.fit, d.icp))


def decide(icp: Icp, fields: Mapping[str, Any]) -> FitDecision:
    """What `icp` says of an account with these `fields` (CSV cells or JSON values), with its reasons in words."""
    for disqualifier in icp.disqualify:
        if holds(disqualifier.when, fields):
            return FitDecision(icp.icp, icp.version, IGNORE, None, None, (disqualifier.reason,))
    answers = [(predicate, predicate.answer(fields)) for predicate in icp.must_have]
    outcomes: tuple[tuple[Answer, Decision], ...] = ((False, IGNORE), (None, UNKNOWN))
    for verdict, decision in outcomes:
        failing = tuple(_reason(p, answer, fields) for p, answer in answers if answer is verdict)
        if failing:
            return FitDecision(icp.icp, icp.version, decision, None, None, failing)
    return scored(icp, fields)


def scored(icp: Icp, fields: Mapping[str, Any]) -> FitDecision:
    """What points and tiers say of an account, as if every must-have held and no disqualifier did."""
    reasons = [f"{p.field} {p.words}" for p in icp.must_have]
    fit = icp.base
    for bonus in icp.points:
        if holds(bonus.when, fields):
            fit += bonus.points
            reasons.append(f"{bonus.points:+g} {bonus.label}")
    fit = min(100.0, max(0.0, fit))
    tier = max((t for t in icp.tiers if icp.tiers[t] <= fit), key=icp.tiers.__getitem__, default=None)
    if tier is None:
        reasons.append(f"fit {fit:g} {LOWEST_TIER} ({min(icp.tiers.values()):g})")
        return FitDecision(icp.icp, icp.version, IGNORE, fit, None, tuple(reasons))
    reasons.append(f"fit {fit:g} is tier {tier}: {icp.decisions[tier]}")
    return FitDecision(icp.icp, icp.version, icp.decisions[tier], fit, tier, tuple(reasons))


def _reason(predicate: Predicate, answer: Answer, fields: Mapping[str, Any]) -> str:
    """Why a must-have is false or has no answer."""
    value = fields.get(predicate.field)
    if isinstance(value, list):
        value = "; ".join(map(str, value))
    shown = "" if value is None else str(value).strip()
    if not shown:
        return missing_text(predicate.field, predicate.words)
    if answer is None:
        return unreadable_text(predicate.field, shown, predicate.words)
    return failing_text(predicate.field, shown, predicate.words)
