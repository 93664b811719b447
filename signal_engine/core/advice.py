"""What is odd about a scoring file that breaks no law: it can be run, and hardly does what its author meant."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.policy import KindPolicy, Policy, Threshold
from signal_engine.core.rules.problems import Problem
from signal_engine.core.rules.rulebook import Rule
from signal_engine.core.score.saturation import sat
from signal_engine.core.score.wording import ACTIVITIES

NEAR_CAP: Final = 0.8
"""The share of a facet cap beyond which a single signal loses a tenth and more of its points."""

DeadRules = Collection[tuple[str, int]]
"""(kind, index) of rules that can never hold, as where they ask for a list that is empty."""


class Reach(NamedTuple):
    """The most that any account could have under a scoring file."""

    raw: float
    """Points; approached and never reached, since saturation never reaches a cap."""
    live: int
    """Kinds that can be live at once, the buying group among them."""
    weighty: bool
    """Whether any signal can weigh `live_floor` or more: without one, no account becomes hot."""


def advice(policy: Policy, dead: DeadRules = ()) -> list[Problem]:
    """Everything that is odd about `policy`, each with its place in the file."""
    return [
        *(problem for kind in policy.kinds.values() for problem in _near_cap(kind)),
        *(problem for kind in policy.kinds.values() for problem in _never_asked(kind)),
        *_group(policy, dead),
        *_levels(policy, dead),
        *_passive_hand_raises(policy),
    ]


def reach(policy: Policy, dead: DeadRules = ()) -> Reach:
    """The most that signals could add up to, where rules `dead` never hold."""
    giving = [kind for kind in policy.kinds.values() if any(True for _ in _giving(kind, dead))]
    live = len(giving) + (_group_problem(policy, dead) is None and policy.group is not None)
    most = policy.stack.multiplier(live) * sum(kind.cap for kind in giving)
    floor = policy.stack.live_floor
    weighty = any(rule.points >= floor for kind in giving for rule in _giving(kind, dead))
    return Reach(most, live, weighty)


def _giving(kind: KindPolicy, dead: DeadRules) -> Iterator[Rule]:
    """The rules that can give points."""
    return (rule for index, rule in enumerate(kind.rules) if rule.points > 0 and (kind.kind, index) not in dead)


def _near_cap(kind: KindPolicy) -> Iterator[Problem]:
    for index, rule in enumerate(kind.rules):
        share = rule.points / kind.facet_cap
        if share > NEAR_CAP:
            counts = f"{sat(rule.points, kind.facet_cap):.1f}"
            said = f"is {share:.0%} of facet_cap ({kind.facet_cap:g}): a single signal counts {counts}"
            yield Problem(("kinds", kind.kind, "rules", index, "points"), said)


def _never_asked(kind: KindPolicy) -> Iterator[Problem]:
    always = next((index for index, rule in enumerate(kind.rules) if not rule.when), len(kind.rules))
    for index in range(always + 1, len(kind.rules)):
        said = f"is never asked: rule {always} has no `when`, so it always holds, and the first that holds counts"
        yield Problem(("kinds", kind.kind, "rules", index), said)


def _group(policy: Policy, dead: DeadRules) -> Iterator[Problem]:
    if policy.stack.group is not None and (said := _group_problem(policy, dead)) is not None:
        yield Problem(("stack", "group"), f"is out of reach: {said}")


def _group_problem(policy: Policy, dead: DeadRules) -> str | None:
    """Why there can be no buying group, in words; None when there can be one, or the file knows none."""
    group, engagement = policy.stack.group, policy.kinds.get(ENGAGEMENT)
    if group is None:
        return None
    if engagement is None or not any(True for _ in _giving(engagement, dead)):
        return "no rule gives points for engagement"
    if engagement.facet != "persona":
        return f"the facet of engagement is {engagement.facet}, so nobody is known by persona"
    if group.each >= engagement.facet_cap:
        return f"one persona never has {group.each:g} points under a facet_cap of {engagement.facet_cap:g}"
    named = sum(persona.counts for persona in policy.personas)
    if len(policy.personas) and named < group.personas:
        return f"it takes {group.personas} personas, and {named} of this file count"
    return None


def _levels(policy: Policy, dead: DeadRules) -> Iterator[Problem]:
    most = reach(policy, dead)
    for name, level in (("hot", policy.levels.hot), ("warm", policy.levels.warm)):
        yield from _level(name, level, most)
    if not most.weighty:
        floor = policy.stack.live_floor
        yield Problem(("levels", "hot"), f"is out of reach: no rule gives live_floor ({floor:g}) points or more")


def _level(name: str, level: Threshold, most: Reach) -> Iterator[Problem]:
    if level.enter >= most.raw:
        said = f"is out of reach: caps and multipliers let no account pass {most.raw:g} points"
        yield Problem(("levels", name, "enter"), said)
    if level.min_kinds > most.live:
        said = f"is out of reach: rules give points for {most.live}, the buying group counted"
        yield Problem(("levels", name, "min_kinds"), said)


def _passive_hand_raises(policy: Policy) -> Iterator[Problem]:
    """Personas that do not count, and for whom somebody would be called all the same."""
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
                said = f"persona {persona.name!r} does not count, and raises a hand here by {', '.join(when)}"
                yield Problem(("kinds", ENGAGEMENT, "rules", index), said)


def _may_decide(rules: Sequence[Rule], index: int, activity: str, persona: str) -> bool:
    """Whether the rule at `index` can be the first that holds for `activity` by `persona`, whatever else is given."""
    fields = {"activity": activity, "persona": persona}

    def holds(rule: Rule, *, if_unknown: bool) -> bool:
        return all(p.answer(fields) is True if p.field in fields else if_unknown for p in rule.when)

    return holds(rules[index], if_unknown=True) and not any(holds(one, if_unknown=False) for one in rules[:index])
