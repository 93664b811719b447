"""Chooses the facets worth a trial: those with which a signal may add most."""

from collections.abc import Sequence
from heapq import nlargest
from math import inf
from typing import Final

from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.policy import KindPolicy, Policy
from signal_engine.core.rules.predicates import Predicate
from signal_engine.core.rules.rulebook import Rule
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import persona_points

_NEW: Final = "a new one"
_MAX_PERSONS: Final = 20
"""Persons tried because they may complete a buying group."""


def facets_to_try(account: Account, kind: KindPolicy, index: int, at: int, policy: Policy) -> list[str]:
    """Facets that a signal of rule `index` may have at `at` (ms) and that may add most; never empty.

    A new facet adds most, since existing ones saturate; then come those named in the scoring file and the best existing
    ones. If the rule excludes facets, one without signals is chosen. A facet that an earlier rule requires belongs to
    that rule (like the student who asks for a demo), unless this rule requires it, too.
    """
    asked = _of_facet(kind.rules[index], kind)
    by_persona = kind.kind == ENGAGEMENT and policy.by_persona
    if by_persona:
        named = [persona.name for persona in policy.personas]
    else:
        named = [item for items in policy.sells.values() for item in items] if asked else []
    new = [] if by_persona and named else [_NEW]
    state = account.kinds.get(kind.kind)
    there = [] if state is None else [facet for facet in state.facets if _holds(asked, kind, facet)]
    possible = [facet for facet in (*new, *named) if _holds(asked, kind, facet)]
    possible += _best(account, kind, there, at, policy)
    earlier = [when for rule in kind.rules[:index] if (when := _of_facet(rule, kind))]
    own = [facet for facet in possible if not any(_holds(when, kind, facet) for when in earlier)]
    return list(dict.fromkeys(own or possible)) or [_NEW]


def _best(account: Account, kind: KindPolicy, facets: Sequence[str], at: int, policy: Policy) -> list[str]:
    """The weakest facet, to which a signal adds most, and persons who may complete a buying group."""
    if not facets:
        return []
    weakest = min(facets, key=account.kinds[kind.kind].facets.__getitem__)
    if policy.group is None or kind.kind != ENGAGEMENT:
        return [weakest]
    each, points = policy.group.each, persona_points(account, at, policy)
    near = [facet for facet in facets if points.get(facet, inf) < each]
    return [weakest, *nlargest(_MAX_PERSONS, near, key=points.__getitem__)]


def _of_facet(rule: Rule, kind: KindPolicy) -> list[Predicate]:
    return [predicate for predicate in rule.when if predicate.field == kind.facet]


def _holds(asked: Sequence[Predicate], kind: KindPolicy, facet: str) -> bool:
    return all(predicate.answer({kind.facet: facet}) for predicate in asked)
