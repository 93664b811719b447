"""Warnings about a valid scoring file that hardly does what its author meant."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.policy import KindPolicy, Policy, Threshold
from signal_engine.core.rules.problems import Problem
from signal_engine.core.rules.rulebook import Rule
from signal_engine.core.score.saturation import sat
from signal_engine.core.score.wording import ACTIVITIES

NEAR_CAP_SHARE: Final = 0.8
"""The share of a facet cap beyond which a single signal loses a tenth of its points or more."""

DeadRules = Collection[tuple[str, int]]
"""(kind, index) of rules that can never hold, for instance because a list they refer to is empty."""


class ReachableScore(NamedTuple):
    """The maximum that any account could reach under a scoring file."""

    raw: float
    """Points before the ceiling: an upper limit that is never quite reached, since saturation never reaches a cap."""
    live: int
    """Kinds that can be live at once, including the buying group."""
    weighty: bool
    """Whether any signal can give `live_floor` points or more: otherwise no account becomes hot."""


def advice(policy: Policy, dead: DeadRules = ()) -> list[Problem]:
    """All warnings about `policy`, each with its place in the file."""
    return [
        *(problem for kind in policy.kinds.values() for problem in _near_cap(kind)),
        *(problem for kind in policy.kinds.values() for problem in _never_asked(kind)),
        *_group(policy, dead),
        *_levels(policy, dead),
        *_passive_hand_raises(policy),
    ]


def reach(policy: Policy, dead: DeadRules = ()) -> ReachableScore:
    """The maximum that signals could add up to, if the rules `dead` never hold."""
    giving = [kind for kind in policy.kinds.values() if any(True for _ in _giving(kind, dead))]
    live = len(giving) + (_group_problem(policy, dead) is None and policy.group is not None)
    reachable = policy.stack.multiplier(live) * sum(kind.cap for kind in giving)
    floor = policy.stack.live_floor
    weighty = any(rule.points >= floor for kind in giving for rule in _giving(kind, dead))
    return ReachableScore(reachable, live, weighty)


def _giving(kind: KindPolicy, dead: DeadRules) -> Iterator[Rule]:
    """Yield the rules that can give points."""
    return (rule for index, rule in enumerate(kind.rules) if rule.points > 0 and (kind.kind, index) not in dead)


def _near_cap(kind: KindPolicy) -> Iterator[Problem]:
    for index, rule in enumerate(kind.rules):
        share = rule.points / kind.facet_cap
        if share > NEAR_CAP_SHARE:
            counts = f"{sat(rule.points, kind.facet_cap):.1f}"
            said = f"is {share:.0%} of facet_cap ({kind.facet_cap:g}): a single signal counts {counts}"
            yield Problem(("kinds", kind.kind, "rules", index, "points"), said)


def _never_asked(kind: KindPolicy) -> Iterator[Problem]:
    always = next((index for index, rule in enumerate(kind.rules) if not rule.when), len(kind.rules))
    for index in range(always + 1, len(kind.rules)):
        said = f"never applies: rule {always} before it has no `when` and so always holds"
        yield Problem(("kinds", kind.kind, "rules", index), said)


def _group(policy: Policy, dead: DeadRules) -> Iterator[Problem]:
    if policy.stack.group is not None and (said := _group_problem(policy, dead)) is not None:
        yield Problem(("stack", "group"), f"cannot be reached: {said}")


def _group_problem(policy: Policy, dead: DeadRules) -> str | None:
    """Why there can be no buying group, in words; None if there can be one or the file defines none."""
    group, engagement = policy.stack.group, policy.kinds.get(ENGAGEMENT)
    if group is None:
        return None
    if engagement is None or not any(True for _ in _giving(engagement, dead)):
        return "no rule gives points for engagement"
    if engagement.facet != "persona":
        return f"the facet of engagement is {engagement.facet}, not persona"
    if group.each >= engagement.facet_cap:
        return f"a facet_cap of {engagement.facet_cap:g} keeps every persona below {group.each:g} points"
    named = sum(persona.counts for persona in policy.personas)
    if len(policy.personas) and named < group.personas:
        return f"it needs {group.personas} personas, but only {named} of this file count"
    return None


def _levels(policy: Policy, dead: DeadRules) -> Iterator[Problem]:
    reachable = reach(policy, dead)
    for name, level in (("hot", policy.levels.hot), ("warm", policy.levels.warm)):
        yield from _level(name, level, reachable)
    if not reachable.weighty:
        floor = policy.stack.live_floor
        yield Problem(("levels", "hot"), f"cannot be reached: no rule gives live_floor ({floor:g}) points or more")


def _level(name: str, level: Threshold, reachable: ReachableScore) -> Iterator[Problem]:
    if level.enter >= reachable.raw:
        said = f"cannot be reached: caps and multipliers limit every account to {reachable.raw:g} points"
        yield Problem(("levels", name, "enter"), said)
    if level.min_kinds > reachable.live:
        kinds = "kind" if reachable.live == 1 else "kinds"
        said = f"cannot be reached: rules give points for only {reachable.live} {kinds}, including the buying group"
        yield Problem(("levels", name, "min_kinds"), said)


def _passive_hand_raises(policy: Policy) -> Iterator[Problem]:
    """Warn of personas that do not count but whose hand raise would still make somebody call."""
    engagement = policy.kinds.get(ENGAGEMENT)
    rules = () if engagement is None else engagement.rules
    for persona in policy.personas:
        if persona.counts:
            continue
        for index, rule in enumerate(rules):
            if not (rule.act_now and rule.points > 0):
                continue
            when = [name for name in ACTIVITIES if _may_decide(rules, index, name, persona.name)]
            if when:
                said = f"makes {', '.join(when)} a hand raise even for persona {persona.name!r}, which does not count"
                yield Problem(("kinds", ENGAGEMENT, "rules", index), said)


def _may_decide(rules: Sequence[Rule], index: int, activity: str, persona: str) -> bool:
    """Whether the rule at `index` can be the first to hold for `activity` by `persona`, whatever other fields say."""
    fields = {"activity": activity, "persona": persona}

    def holds(rule: Rule, *, if_unknown: bool) -> bool:
        return all(p.answer(fields) is True if p.field in fields else if_unknown for p in rule.when)

    return holds(rules[index], if_unknown=True) and not any(holds(one, if_unknown=False) for one in rules[:index])
