"""What a new version of an ICP changes: which decisions, and by which criterion."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from signal_engine.core.fit.criteria import TIER, UNKNOWN, Criteria, Examined
from signal_engine.core.fit.icp import CHASE, FitDecision, Icp
from signal_engine.engine.fit.table import AccountTable
from signal_engine.wire.output.reports.icp_documents import (
    ChangeKind,
    DecisionChange,
    IcpDiff,
    MarketDifference,
    VersionDecision,
)
from signal_engine.wire.output.rounding import rounded

_KINDS: Final[tuple[ChangeKind, ...]] = ("enters", "leaves", "decision", "tier")
_NEW: Final = "the ICP is new"
_ENDS: Final = "the ICP is taken out of force"


def icp_diff(
    old: Icp, new: Icp, before: AccountTable, after: AccountTable, market: MarketDifference | None = None
) -> IcpDiff:
    """The changes when `new` replaces `old`; the same accounts file was read for each."""
    differences = IcpDifferences(old, new)
    for account, fit in after.fits.items():
        differences.add(account, fit.name, before.fields[account], after.fields[account])
    return differences.document(market)


class IcpDifferences:
    """The changes when `new` replaces `old`, account by account: without `old` it is new, without `new` it ends."""

    def __init__(self, old: Icp | None, new: Icp | None, most: int | None = None) -> None:
        """At most `most` changes are kept, the first by account; all are counted."""
        self._old = old
        self._new = new
        self._was = None if old is None else Criteria(old)
        self._will = None if new is None else Criteria(new)
        self._most = most
        self._accounts = 0
        self._counts: Counter[ChangeKind] = Counter()
        self._by_criterion: Counter[tuple[str, ChangeKind]] = Counter()
        self._changes: list[DecisionChange] = []

    def add(self, account: str, name: str | None, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """One account, by what each version asks of it, as predicates read it."""
        self._accounts += 1
        was = None if self._was is None else self._was.examine(before)
        will = None if self._will is None else self._will.examine(after)
        if (kind := _kind(_decision(was), _decision(will))) is None:
            return
        by = self._by(kind, was, will)
        self._counts[kind] += 1
        self._by_criterion.update((words, kind) for words in by)
        self._changes.append(
            {
                "account_id": account,
                "name": name,
                "change": kind,
                "before": _decided(_decision(was)),
                "after": _decided(_decision(will)),
                "by": by,
            }
        )
        if self._most is not None and len(self._changes) > 2 * self._most:
            self._changes = self._first()

    def document(self, market: MarketDifference | None = None) -> IcpDiff:
        """What has been added up so far."""
        ranked = sorted(self._by_criterion, key=lambda one: (-self._by_criterion[one], one))
        versions = [None if one is None else one.version for one in (self._old, self._new)]
        (icp, *_) = (one.icp for one in (self._new, self._old) if one is not None)
        return {
            "icp": icp,
            "versions": versions,
            "accounts": self._accounts,
            "unchanged": self._accounts - self._counts.total(),
            "counts": {kind: self._counts[kind] for kind in _KINDS},
            "by_criterion": [
                {"criterion": words, "change": kind, "accounts": self._by_criterion[words, kind]}
                for words, kind in ranked
            ],
            "changes": self._first(),
            "market": market,
        }

    def _first(self) -> list[DecisionChange]:
        return sorted(self._changes, key=lambda change: change["account_id"])[: self._most]

    def _by(self, kind: ChangeKind, was: Examined | None, will: Examined | None) -> list[str]:
        if self._old is None or was is None:
            return [_NEW]
        if self._new is None or will is None:
            return [_ENDS]
        return _by(kind, was, will, self._old, self._new)


def _decision(seen: Examined | None) -> FitDecision | None:
    return None if seen is None else seen.decision


def _kind(was: FitDecision | None, will: FitDecision | None) -> ChangeKind | None:
    """None: nothing changes. Where there is no other version, whoever is not chased by the one stays as they are."""
    if was is None or will is None:
        chased = CHASE in {one.decision for one in (was, will) if one is not None}
        return None if not chased else "enters" if was is None else "leaves"
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


def _decided(decision: FitDecision | None) -> VersionDecision | None:
    if decision is None:
        return None
    fit = None if decision.fit is None else rounded(decision.fit)
    return {"decision": decision.decision, "tier": decision.tier, "fit": fit}
