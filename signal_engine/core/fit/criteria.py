"""What speaks against an account, criterion by criterion: what funnels, diffs and reports count by.

`decide` says what an ICP decides; here is every criterion that it was decided by, in the order of the funnel:
disqualifiers, must-haves, missing data, tiers.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

from signal_engine.core.fit.icp import CHASE, IGNORE, FitDecision, Icp, decide, scored
from signal_engine.core.fit.icp import UNKNOWN as UNDECIDED
from signal_engine.core.fit.reason_texts import LOWEST_TIER, MissedMustHave, failing_in, missing_in
from signal_engine.core.rules.predicates import Predicate, holds, shortfall

Stage = Literal["disqualify", "must_have", "unknown", "tier"]

_DISQUALIFY: Final = "disqualify"
MUST_HAVE: Final = "must_have"
UNKNOWN: Final = "unknown"
TIER: Final = "tier"


class Criterion(NamedTuple):
    """One thing for which an ICP does not chase an account."""

    stage: Stage
    words: str
    """`employee_count is at least 200`; of a disqualifier its reason."""
    field: str | None = None
    """Of a must-have: the column that it asks of."""


class Examined(NamedTuple):
    """One account, seen by one ICP."""

    decision: FitDecision
    against: tuple[Criterion, ...]
    """Everything that keeps it from being chased, in the order of the funnel; empty when it is chased. Tiers are
    looked at only where nothing else speaks against it."""
    missing: tuple[str, ...]
    """The fields of must-haves that have no answer."""

    @property
    def by(self) -> Criterion | None:
        """The criterion at which a funnel loses it; None when it is chased."""
        return self.against[0] if self.against else None


_LACKS_DATA: Final = Criterion(UNKNOWN, "a required field is missing or unreadable")


def _of_tier(tier: str, decision: str) -> Criterion:
    return Criterion(TIER, f"tier {tier}: {decision}")


def told(decision: FitDecision) -> Examined:
    """What a decision alone says against an account, read out of its reasons.

    That is a part of what `Criteria.examine` finds, the first criterion included: of a disqualified account no
    must-have, of one that fails must-haves not what it lacks, and of one below the lowest tier all.
    """
    reasons = decision.reasons
    if decision.decision == UNDECIDED and decision.fit is None:
        return Examined(decision, (_LACKS_DATA,), tuple(map(missing_in, reasons)))
    if decision.decision == IGNORE and decision.fit is None:
        failing = [failing_in(reason) for reason in reasons]
        return Examined(decision, tuple(map(_against, reasons, failing)), ())
    if decision.decision == CHASE:
        return Examined(decision, (), ())
    if decision.tier is None:
        _, _, lowest = reasons[-1].partition(LOWEST_TIER)
        return Examined(decision, (Criterion(TIER, f"fit {LOWEST_TIER}{lowest}"),), ())
    return Examined(decision, (_of_tier(decision.tier, decision.decision),), ())


def _against(reason: str, failing: MissedMustHave | None) -> Criterion:
    if failing is None:
        return Criterion(_DISQUALIFY, reason)
    return Criterion(MUST_HAVE, f"{failing.field} {failing.words}", failing.field)


def points_short(criterion: Criterion, decision: FitDecision) -> float | None:
    """How many points of fit an account below the lowest tier lacks; None for any other criterion."""
    lowest = criterion.words.partition(f"{LOWEST_TIER} (")[2].removesuffix(")")
    return float(lowest) - (decision.fit or 0.0) if criterion.stage == TIER and lowest else None


class Criteria:
    """The criteria of one ICP, in the order of its funnel."""

    def __init__(self, icp: Icp) -> None:
        self.icp: Final = icp
        self._disqualify = [Criterion(_DISQUALIFY, one.reason) for one in icp.disqualify]
        self._must_have = [Criterion(MUST_HAVE, f"{one.field} {one.words}", one.field) for one in icp.must_have]
        self._unknown = _LACKS_DATA
        self._below = Criterion(TIER, f"fit {LOWEST_TIER} ({min(icp.tiers.values()):g})")
        by_fit = sorted(icp.tiers, key=icp.tiers.__getitem__)
        self._tiers = {tier: _of_tier(tier, icp.decisions[tier]) for tier in by_fit if icp.decisions[tier] != CHASE}

    def __iter__(self) -> Iterator[Criterion]:
        """Every criterion that can lose an account."""
        yield from self._disqualify
        yield from self._must_have
        yield self._unknown
        yield self._below
        yield from self._tiers.values()

    def examine(self, fields: Mapping[str, Any]) -> Examined:
        """Everything that speaks against an account with these fields (CSV cells or JSON values)."""
        decision = decide(self.icp, fields)
        answers = [one.answer(fields) for one in self.icp.must_have]
        missing = tuple(one.field for one, answer in zip(self.icp.must_have, answers, strict=True) if answer is None)
        against = [
            criterion
            for one, criterion in zip(self.icp.disqualify, self._disqualify, strict=True)
            if holds(one.when, fields)
        ]
        against += [criterion for criterion, answer in zip(self._must_have, answers, strict=True) if answer is False]
        if missing:
            against.append(self._unknown)
        if not against and decision.decision != CHASE:
            against.append(self._below if decision.tier is None else self._tiers[decision.tier])
        return Examined(decision, tuple(against), missing)

    def distance(self, criterion: Criterion, fields: Mapping[str, Any]) -> float | None:
        """How far an account is from meeting a criterion that it misses, where that is a number.

        Of a must-have in the field's own unit (more is positive), of the lowest tier in points of fit.
        """
        if criterion == self._below:
            return min(self.icp.tiers.values()) - (scored(self.icp, fields).fit or 0.0)
        missed = self._predicate(criterion)
        return None if missed is None else shortfall(missed, fields)

    def without(self, fields: Mapping[str, Any]) -> FitDecision:
        """What points and tiers alone would decide."""
        return scored(self.icp, fields)

    def _predicate(self, criterion: Criterion) -> Predicate | None:
        found = zip(self._must_have, self.icp.must_have, strict=True)
        return next((predicate for one, predicate in found if one == criterion), None)
