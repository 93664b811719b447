"""The numbers of a scoring file that can be fitted: points of rules, half-lives, caps."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.calibration.parameters import ParameterSet, rule_begins
from signal_engine.engine.validation.statistics.intervals import Numbers

_Path = tuple[str | int, ...]


class Fittable(NamedTuple):
    """A number of the scoring file, or two caps that move together."""

    paths: tuple[_Path, ...]
    is_points: bool
    kind: int
    rule: int | None = None

    @property
    def name(self) -> str:
        """As messages name it: `kinds.intent.half_life_days`."""
        return " and ".join(path_words(path) for path in self.paths)


def path_words(path: _Path) -> str:
    """`kinds.intent.rules[0].points`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def fittable(policy: Policy) -> list[Fittable]:
    """Every number that can be fitted: the points of rules above 0, half-lives, caps."""
    first = rule_begins(policy).tolist()
    found: list[Fittable] = []
    for place, (name, kind) in enumerate(policy.kinds.items()):
        of = ("kinds", name)
        for number, rule in enumerate(kind.rules):
            if rule.points > 0:
                found.append(Fittable(((*of, "rules", number, "points"),), True, place, first[place] + number))
        found.append(Fittable(((*of, "half_life_days"),), False, place))
        found.append(Fittable(((*of, "cap"), (*of, "facet_cap")), False, place))
    return found


def scaled(numbers: ParameterSet, which: Sequence[Fittable], factors: Sequence[float] | Numbers) -> ParameterSet:
    """The numbers with each of `which` times its factor."""
    changed = replace(
        numbers,
        points=numbers.points.copy(),
        half_life_days=numbers.half_life_days.copy(),
        cap=numbers.cap.copy(),
        facet_cap=numbers.facet_cap.copy(),
    )
    for one, factor in zip(which, factors, strict=True):
        if one.rule is not None:
            changed.points[one.rule] *= factor
        elif len(one.paths) == 1:
            changed.half_life_days[one.kind] *= factor
        else:
            changed.cap[one.kind] *= factor
            changed.facet_cap[one.kind] *= factor
    return changed
