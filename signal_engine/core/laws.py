"""Reject scoring files under which a law of scoring.md, section 3, could fail."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

from signal_engine.core.fit.icp import CHASE, Icp
from signal_engine.core.fit.ranking import LEVEL_STEP
from signal_engine.core.rules.kinds import COMMON_FIELDS, LIST_FIELDS, OWN_FIELDS
from signal_engine.core.rules.policy import KindPolicy, Policy, Threshold
from signal_engine.core.rules.problems import Problem

ALERTS_KEPT_DAYS: Final = 30
"""Retention of the alerts topic, from which a rebuild restores past alerts."""

MIN_FLOOR_POINTS: Final = 0.01
"""Points. With a lower live_floor, kinds about to be forgotten would count as live."""

MAX_POINTS: Final = 1e6
"""Points of one rule. Sums of far larger numbers overflow; then nothing decays, and a score rises by waiting."""


def law_problems(policy: Policy) -> list[Problem]:
    """All reasons to reject `policy`; empty if every law holds under it."""
    problems = [*_stack(policy), *_levels(policy), *_alerts(policy), *_lists(policy)]
    for kind in policy.kinds.values():
        problems += _kind(kind)
    return problems


def weight_problems(policy: Policy, icps: Iterable[Icp]) -> list[Problem]:
    """Tiers that an ICP file chases but that have no weight in `policy`, as problems of the ICP file."""
    return [
        Problem(("decisions", tier), f"tier {tier!r} of ICP {icp.icp} is chased but has no weight in lists.tier_weight")
        for icp in icps
        for tier, decision in icp.decisions.items()
        if decision == CHASE and tier not in policy.lists.tier_weight
    ]


def _stack(policy: Policy) -> Iterator[Problem]:
    multipliers, floor = policy.stack.multipliers, policy.stack.live_floor
    path = ("stack", "multipliers")
    if not multipliers:
        yield Problem(path, "must not be empty")
    elif not all(map(math.isfinite, multipliers)):
        yield Problem(path, "must be finite numbers")
    elif multipliers[0] != 1:
        yield Problem(path, "must start at 1: a single kind is no stack")
    elif list(multipliers) != sorted(multipliers):
        yield Problem(path, "must not fall: one more live kind may not lower a score")
    caps = [kind.cap for kind in policy.kinds.values()]
    if multipliers and all(map(math.isfinite, (*multipliers, *caps))) and max(multipliers) * sum(caps) >= LEVEL_STEP:
        yield Problem(path, f"times the sum of the caps must be below {LEVEL_STEP:,.0f}, or priorities pass levels")
    if not (math.isfinite(floor) and floor >= MIN_FLOOR_POINTS):
        yield Problem(("stack", "live_floor"), f"must be a finite number, {MIN_FLOOR_POINTS:g} or more")
    elif caps and floor >= min(caps):
        yield Problem(("stack", "live_floor"), f"must be below the least cap ({min(caps):g}), or a kind is never live")
    if (group := policy.stack.group) is not None:
        if group.personas < 1:
            yield Problem(("stack", "group", "personas"), "must be 1 or more")
        if not (math.isfinite(group.each) and group.each > 0):
            yield Problem(("stack", "group", "each"), "must be a finite number above 0")


def _levels(policy: Policy) -> Iterator[Problem]:
    hot, warm = policy.levels.hot, policy.levels.warm
    for name, level in (("hot", hot), ("warm", warm)):
        yield from _threshold(name, level, len(policy.kinds), group=policy.group is not None)
    silence = hot.max_silence_days
    if silence is not None and not (math.isfinite(silence) and silence > 0):
        yield Problem(("levels", "hot", "max_silence_days"), "must be a finite number above 0; leave it out for never")
    if not (warm.enter < hot.enter):
        yield Problem(("levels", "warm", "enter"), f"must be below hot.enter ({hot.enter:g})")
    if not (warm.exit < hot.exit):
        yield Problem(("levels", "warm", "exit"), f"must be below hot.exit ({hot.exit:g})")


def _threshold(name: str, level: Threshold, kinds: int, *, group: bool) -> Iterator[Problem]:
    if not 0 < level.exit < level.enter <= 100:
        yield Problem(("levels", name), "must hold 0 < exit < enter <= 100")
    if level.min_kinds > kinds + group:
        there = f"{kinds} kinds of this file{' and the buying group' if group else ''}"
        yield Problem(("levels", name, "min_kinds"), f"is more than the {there}")
    if level.min_kinds < 0:
        yield Problem(("levels", name, "min_kinds"), "must not be negative")


def _alerts(policy: Policy) -> Iterator[Problem]:
    for name, number, limit_value in (
        ("cooldown_days", policy.alerts.cooldown_days, ALERTS_KEPT_DAYS),
        ("hand_raise_hours", policy.alerts.hand_raise_hours, 24 * ALERTS_KEPT_DAYS),
        ("trigger_days", policy.alerts.trigger_days, ALERTS_KEPT_DAYS),
    ):
        if not (math.isfinite(number) and number >= 0):
            yield Problem(("alerts", name), "must be a finite number, 0 or more")
        elif number > limit_value:
            yield Problem(("alerts", name), f"is longer than the alerts topic keeps ({ALERTS_KEPT_DAYS} days)")


def _lists(policy: Policy) -> Iterator[Problem]:
    if policy.lists.size < 1:
        yield Problem(("lists", "size"), "must be 1 or more")
    if not 0 <= policy.lists.min_score <= 100:
        yield Problem(("lists", "min_score"), "must be in 0..100")
    if not (math.isfinite(policy.lists.pin_days) and policy.lists.pin_days >= 0):
        yield Problem(("lists", "pin_days"), "must be a finite number, 0 or more")
    for tier, weight in policy.lists.tier_weight.items():
        if not 0 < weight <= 1:
            yield Problem(("lists", "tier_weight", tier), "must be above 0 and at most 1")


def _kind(kind: KindPolicy) -> Iterator[Problem]:
    path = ("kinds", kind.kind)
    for name in ("half_life_days", "cap", "facet_cap"):
        number = getattr(kind, name)
        if not (math.isfinite(number) and number > 0):
            yield Problem((*path, name), "must be a finite number above 0")
    if math.isfinite(kind.half_life_days) and kind.half_life_days > 0 and kind.half_life < 1:
        yield Problem((*path, "half_life_days"), "must be at least a millisecond")
    known = OWN_FIELDS[kind.kind] | COMMON_FIELDS
    if kind.facet in LIST_FIELDS:
        yield Problem((*path, "facet"), f"{kind.facet} holds several values; a facet is a field with one")
    elif kind.facet not in known:
        yield Problem((*path, "facet"), _unknown_field(kind.facet, kind.kind))
    for index, rule in enumerate(kind.rules):
        where = (*path, "rules", index)
        if not (math.isfinite(rule.points) and rule.points >= 0):
            yield Problem((*where, "points"), "must be a finite number, 0 or more: more evidence never hurts")
        elif rule.points > MAX_POINTS:
            yield Problem((*where, "points"), f"must be at most {MAX_POINTS:,.0f}: sums of more could overflow")
        for predicate in rule.when:
            if predicate.field not in known:
                yield Problem((*where, "when", predicate.field), _unknown_field(predicate.field, kind.kind))


def _unknown_field(name: str, kind: str) -> str:
    return f"{kind} events have no field {name!r}; they have {', '.join(sorted(OWN_FIELDS[kind] | COMMON_FIELDS))}"
