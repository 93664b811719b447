"""What a scoring file says in numbers: points of its rules, half-lives, caps; and a policy with others."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from signal_engine.core.rules.policy import KindPolicy, Policy
from signal_engine.engine.validation.statistics.intervals import Numbers


@dataclass(frozen=True, slots=True)
class ParameterSet:
    """The numbers of one scoring file. Kinds and rules are in the order of its policy."""

    points: Numbers
    """Of each rule of each kind, one after the other."""
    half_life_days: Numbers
    """Per kind."""
    cap: Numbers
    """Per kind."""
    facet_cap: Numbers
    """Per kind."""


def parameters_of(policy: Policy) -> ParameterSet:
    """The numbers of `policy`."""
    kinds = [*policy.kinds.values()]
    return ParameterSet(
        np.array([rule.points for kind in kinds for rule in kind.rules], np.float64),
        np.array([kind.half_life_days for kind in kinds], np.float64),
        np.array([kind.cap for kind in kinds], np.float64),
        np.array([kind.facet_cap for kind in kinds], np.float64),
    )


def policy_with(policy: Policy, numbers: ParameterSet) -> Policy:
    """`policy` with these numbers and all else as it is."""
    first = rule_begins(policy)
    kinds = {
        name: _kind(kind, numbers, place, int(first[place])) for place, (name, kind) in enumerate(policy.kinds.items())
    }
    return replace(policy, kinds=kinds)


def rule_begins(policy: Policy) -> npt.NDArray[np.int64]:
    """Per kind: the number of its first rule."""
    return np.cumsum([0, *(len(kind.rules) for kind in policy.kinds.values())])[:-1]


def _kind(kind: KindPolicy, numbers: ParameterSet, place: int, first: int) -> KindPolicy:
    points = numbers.points[first : first + len(kind.rules)].tolist()
    return KindPolicy(
        kind.kind,
        float(numbers.half_life_days[place]),
        float(numbers.cap[place]),
        kind.facet,
        float(numbers.facet_cap[place]),
        tuple(replace(rule, points=one) for rule, one in zip(kind.rules, points, strict=True)),
    )
