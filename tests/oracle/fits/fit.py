"""Fit: what each ICP file decides about an account (scoring.md section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.scores.predicates import Answer, answer, conjunction, holds

_RANK = {"chase": 0, "deprioritize": 1, "unknown": 2, "ignore": 3}


@dataclass(frozen=True, slots=True)
class Fit:
    """The decision of one ICP; `fit` is None where the account was not scored, `tier` None below the lowest."""

    icp: str
    version: Any
    decision: str
    fit: float | None
    tier: str | None
    reason: str


def decide_fit(fields: dict[str, Any], icp: Mapping[str, Any]) -> Fit:
    """Disqualifier, false must-have, unknown must-have, then points and tier, in this order."""
    for disqualifier in icp.get("disqualify") or ():
        if holds(disqualifier.get("when"), fields):
            return _unscored(icp, "ignore", str(disqualifier.get("reason", "disqualified")))
    required = icp.get("must_have") or {}
    must_have = conjunction(answer(fields.get(field), predicate) for field, predicate in required.items())
    if must_have is Answer.FALSE:
        return _unscored(icp, "ignore", "a must-have is false")
    if must_have is Answer.UNREADABLE:
        return _unscored(icp, "unknown", "a must-have is missing or not readable")
    won = sum(rule["points"] for rule in icp.get("points") or () if holds(rule.get("when"), fields))
    return _by_tier(icp, float(min(100, max(0, icp.get("base", 0) + won))))


def primary(fits: Iterable[Fit]) -> Fit | None:
    """Chase before deprioritize before unknown before ignore; then higher fit; then ICP id.

    Ambiguous: where an account was not scored its fit counts as lower than any.
    """
    return min(fits, key=lambda one: (_RANK[one.decision], -_known(one.fit), one.icp), default=None)


def _known(fit: float | None) -> float:
    return -1.0 if fit is None else fit


def _by_tier(icp: Mapping[str, Any], fit: float) -> Fit:
    """The tier whose lowest fit score is the highest not above the fit; below the lowest tier: ignore."""
    reached = {tier: least for tier, least in icp["tiers"].items() if fit >= least}
    if not reached:
        return Fit(icp["icp"], icp.get("version"), "ignore", fit, None, "below the lowest tier")
    tier = max(reached, key=lambda name: reached[name])
    return Fit(icp["icp"], icp.get("version"), icp["decisions"][tier], fit, tier, f"tier {tier}")


def _unscored(icp: Mapping[str, Any], decision: str, reason: str) -> Fit:
    return Fit(icp["icp"], icp.get("version"), decision, None, None, reason)
