"""The territories of the routes file: `assign` to values, or what is wrong with it."""

from collections.abc import Iterator, Sequence

from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.team import folded
from signal_engine.core.delivery.territories import Territory, weight_of_others
from signal_engine.core.rules.predicates import predicates
from signal_engine.core.rules.problems import InvalidConfiguration, Problem
from signal_engine.wire.delivery.duty_models import TerritoryModel
from signal_engine.wire.delivery.route_models import RoutesModel


def territories_of(models: Sequence[TerritoryModel]) -> tuple[tuple[Territory, ...], list[Problem]]:
    """The territories in the order of the file, and every condition that cannot be read."""
    found: list[Territory] = []
    problems: list[Problem] = []
    for number, model in enumerate(models):
        try:
            found.append(Territory(predicates(model.when, ("assign", number, "when")), tuple(model.pool)))
        except InvalidConfiguration as refused:
            problems += refused.problems
    return tuple(found), problems


def wrong_pools(model: RoutesModel) -> Iterator[Problem]:
    """People of pools who are not there, or who are there twice."""
    people = {*map(folded, model.people)}
    for number, one in enumerate(model.assign):
        path = ("assign", number, "pool")
        for place, name in enumerate(one.pool):
            if folded(name) not in people:
                yield Problem((*path, place), f"{name!r} is none of the people")
            elif folded(name) in map(folded, one.pool[:place]):
                yield Problem((*path, place), f"{name!r} is in the pool already")


def light_pools(routing: Routing) -> Iterator[Problem]:
    """People of pools whose weight is not known though others have one."""
    for number, one in enumerate(routing.territories):
        known = weight_of_others(routing.team, one.pool)
        for place, name in enumerate(one.pool):
            member = routing.team.named(name)
            if known is not None and member is not None and member.capacity is None:
                said = f"{name!r} has no capacity, and counts as {known:g} a week, the mean of the others"
                yield Problem(("assign", number, "pool", place), said)
