"""An ICP on one page: what makes an account a yes, what a no, when to call, and who decides."""

import datetime
from collections.abc import Iterator, Sequence
from typing import cast

from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.kinds import Kind
from signal_engine.core.rules.policy import KindPolicy
from signal_engine.core.rules.predicates import Predicate
from signal_engine.core.rules.rulebook import Rule
from signal_engine.wire.config.icp_file import review_passed
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.reports.icp_summary.documents import CallingRule, IcpSummary, PublishedAs, ShownCondition


def icp_summary(icp: Icp, scoring: ScoringFile, today: datetime.date, published: PublishedAs | None) -> IcpSummary:
    """`icp` with the rules of `scoring` that are a reason to call; `today` is for the review dates."""
    highest_first = sorted(icp.tiers, key=icp.tiers.__getitem__, reverse=True)
    calls = [call for kind in scoring.policy.kinds.values() for call in _calls(kind)]
    return {
        "icp": icp.icp,
        "version": icp.version,
        "owner": icp.owner_name,
        "owner_email": icp.owner_email,
        "review_by": icp.review_by,
        "annual_review_by": icp.annual_review_by,
        "review_passed": review_passed(icp, today),
        "must_have": _conditions(icp.must_have),
        "disqualify": [{"reason": one.reason, "when": _conditions(one.when)} for one in icp.disqualify],
        "base": icp.base,
        "points": [
            {"points": one.points, "label": one.label, "when": _conditions(one.when)}
            for one in sorted(icp.points, key=lambda one: -one.points)
        ],
        "tiers": [{"tier": tier, "lowest": icp.tiers[tier], "decision": icp.decisions[tier]} for tier in highest_first],
        "buying_group": [*icp.buying_group],
        "calls": sorted(calls, key=lambda call: call["reason"] != "hand_raise"),
        "config_version": scoring.config_version,
        "published": published,
    }


def _calls(kind: KindPolicy) -> Iterator[CallingRule]:
    """The rules of a kind that are a reason to call, in order: of several that hold the first decides."""
    passed: list[Rule] = []
    for rule in kind.rules:
        if rule.points > 0 and (rule.act_now or rule.trigger):
            yield {
                "reason": "hand_raise" if rule.act_now else "trigger",
                "kind": cast("Kind", kind.kind),
                "when": _conditions(rule.when),
                "unless": [_added(one, rule) for one in passed if _is_narrower(one, rule)],
            }
        else:
            passed.append(rule)


def _is_narrower(one: Rule, other: Rule) -> bool:
    """Whether `one` asks all that `other` asks, and more."""
    asked = _asked(one.when)
    return len(one.when) > len(other.when) and all(condition in asked for condition in _asked(other.when))


def _added(one: Rule, other: Rule) -> list[ShownCondition]:
    asked = _asked(other.when)
    return _conditions([predicate for predicate in one.when if (predicate.field, predicate.words) not in asked])


def _asked(when: Sequence[Predicate]) -> list[tuple[str, str]]:
    return [(predicate.field, predicate.words) for predicate in when]


def _conditions(when: Sequence[Predicate]) -> list[ShownCondition]:
    return [{"field": field, "words": words} for field, words in _asked(when)]
