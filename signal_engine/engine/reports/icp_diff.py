"""What a new version of an ICP changes: which decisions, and by which criterion."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from signal_engine.core.fit.criteria import TIER, UNKNOWN, Criteria, Examined
from signal_engine.core.fit.icp import CHASE, FitDecision, Icp
from signal_engine.engine.fit.table import AccountTable
from signal_engine.wire.output.reports.icp_documents import (
    ChangeKind,
    CriterionChanges,
    DecisionChange,
    IcpDiff,
    MarketDifference,
    VersionDecision,
)
from signal_engine.wire.output.rounding import rounded

_KINDS: Final[tuple[ChangeKind, ...]] = ("enters", "leaves", "decision", "tier")


def icp_diff(
    old: Icp, new: Icp, before: AccountTable, after: AccountTable, market: MarketDifference | None = None
) -> IcpDiff:
    """The changes when `new` replaces `old`; the same accounts file was read for each."""
    changes = list(_changes(Criteria(old), Criteria(new), before, after))
    counts = Counter(change["change"] for change in changes)
    return {
        "icp": new.icp,
        "versions": [old.version, new.version],
        "accounts": len(after.fits),
        "unchanged": len(after.fits) - len(changes),
        "counts": {kind: counts[kind] for kind in _KINDS},
        "by_criterion": _by_criterion(changes),
        "changes": changes,
        "market": market,
    }


def _changes(old: Criteria, new: Criteria, before: AccountTable, after: AccountTable) -> Iterator[DecisionChange]:
    for account in sorted(after.fits):
        was, will = old.examine(before.fields[account]), new.examine(after.fields[account])
        if (kind := _kind(was.decision, will.decision)) is not None:
            yield {
                "account_id": account,
                "name": after.fits[account].name,
                "change": kind,
                "before": _decided(was.decision),
                "after": _decided(will.decision),
                "by": _by(kind, was, will, old.icp, new.icp),
            }


def _kind(was: FitDecision, will: FitDecision) -> ChangeKind | None:
    if was.decision != will.decision:
        if CHASE in (was.decision, will.decision):
            return "enters" if will.decision == CHASE else "leaves"
        return "decision"
    return "tier" if was.tier != will.tier else None


def _by(kind: ChangeKind, was: Examined, will: Examined, old: Icp, new: Icp) -> list[str]:
    """The criteria that no longer exclude an account that enters, or that now exclude one; else points."""
    seen = was if kind == "enters" else will
    if seen.by is None or seen.by.stage == TIER:
        if was.decision.fit is not None:
            return _points(was.decision, will.decision, old, new)
        seen = was  # it was not scored before: what kept it from that is gone
    if seen.by is not None and seen.by.stage == UNKNOWN:
        return [f"{field} is missing or unreadable" for field in dict.fromkeys(seen.missing)]
    return [] if seen.by is None else [seen.by.words]


def _points(was: FitDecision, will: FitDecision, old: Icp, new: Icp) -> list[str]:
    """Why an account changes tier: points gained and lost, and moved limits of tiers."""
    gained = [f"gains {reason}" for reason in will.reasons if reason[0] in "+-" and reason not in was.reasons]
    lost = [f"loses {reason}" for reason in was.reasons if reason[0] in "+-" and reason not in will.reasons]
    words = [*gained, *lost]
    if old.base != new.base:
        words.append(f"base {old.base:g} becomes {new.base:g}")
    if (old.tiers, old.decisions) != (new.tiers, new.decisions):
        words.append("tiers have changed")
    return words


def _by_criterion(changes: list[DecisionChange]) -> list[CriterionChanges]:
    counted = Counter((words, change["change"]) for change in changes for words in change["by"])
    ranked = sorted(counted, key=lambda one: (-counted[one], one))
    return [{"criterion": words, "change": kind, "accounts": counted[words, kind]} for words, kind in ranked]


def _decided(decision: FitDecision) -> VersionDecision:
    fit = None if decision.fit is None else rounded(decision.fit)
    return {"decision": decision.decision, "tier": decision.tier, "fit": fit}
