"""The routes file: YAML to the routes as decisions need them, with every problem named by file, line and field."""

from collections.abc import Container, Iterable, Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from signal_engine.core.delivery.holdback import UNDATED, Holdback
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.response.running import CLOCKS
from signal_engine.core.delivery.routes import Condition, Destination, DigestTime, Route, Routing
from signal_engine.core.delivery.team import Absence, Team, TeamMember, WorkingSpan, folded
from signal_engine.core.rules.problems import Problem
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import Document
from signal_engine.wire.delivery.calendars import days_off
from signal_engine.wire.delivery.destination_models import DestinationModel
from signal_engine.wire.delivery.duty_models import CAPACITY, CLOCK, SHARE, HoldbackModel
from signal_engine.wire.delivery.route_models import (
    DAYS,
    DIGEST,
    SPAN,
    PersonModel,
    RouteModel,
    RoutesModel,
    unknown_values,
)
from signal_engine.wire.delivery.territories import light_pools, territories_of, wrong_pools

_STAND_IN: Final = ("backup", "successor", "manager")
"""Fields of a person that name another one."""
_MONDAY_MORNING: Final = ("Mon", "08:00")
_MINUTES: Final = {"m": 1, "h": 60}
_UNDATED: Final = (
    "names no first day: it holds on every day, and `validate --routes` cannot say what it did; with `since`, other "
    "accounts are drawn"
)


class RoutesFile(NamedTuple):
    """A routes file that can be used."""

    routing: Routing
    destinations: dict[str, DestinationModel]
    """Name -> how it is reached."""
    document: Document

    def line(self, route: int) -> int:
        """The line of the route with this place, from 0."""
        return self.document.line(("routes", route))

    def oddities(self, today: date) -> tuple[str, ...]:
        """A line for each thing that is valid but suspicious on `today`."""
        return self.document.placed(_oddities(self.routing, self.document.data, today))

    def must_be_dated(self) -> None:
        """Raise `ConfigurationError` with each control group that names no first day."""
        said = "must say since when, to be compared with the others: {share: 10%, since: 2027-01-04}"
        draws = enumerate(self.routing.holdback)
        if problems := [Problem(("holdback", number), said) for number, one in draws if not one.is_dated]:
            raise self.document.error(problems)


def parse(name: str, text: bytes) -> RoutesFile:
    """Parse the routes file `name`. Raises `ConfigurationError` with every problem.

    Where somebody's holidays are those of a country, their library is loaded.
    """
    document = yaml_files.read(name, text)
    try:
        model = RoutesModel.model_validate(document.data)
    except ValidationError as error:
        raise document.error(map(_without_internals, yaml_files.problems_of(error))) from None
    territories, unread = territories_of(model.assign)
    wrong = _wrong_names, _wrong_people, _wrong_values, _wrong_ends, wrong_pools
    if problems := [*chain.from_iterable(find(model) for find in wrong), *unread]:
        raise document.error(problems)
    routing = _routing(model)._replace(territories=territories)
    if problems := list(_wrong_order(routing)):
        raise document.error(problems)
    return RoutesFile(routing, dict(model.destinations), document)


def _without_internals(problem: Problem) -> Problem:
    """A refused name of a field, where pydantic adds a step of its own."""
    return problem._replace(path=tuple(step for step in problem.path if step != "[key]"))


def _wrong_names(model: RoutesModel) -> Iterator[Problem]:
    """Destinations and calendars that are named but not there, and people who would stand in for themselves."""
    if CLOCKS in model.destinations:
        yield Problem(("destinations", CLOCKS), "is what clocks are called among deliveries: choose another name")
    for number, route in enumerate(model.routes):
        for place, name in enumerate(route.to or ()):
            if name not in model.destinations:
                known = ", ".join(model.destinations)
                yield Problem(("routes", number, "to", place), f"{name!r} is none of the destinations: {known}")
    for name, person in model.people.items():
        for field in _STAND_IN:
            other = getattr(person, field)
            if other is not None and folded(other) == folded(name):
                yield Problem(("people", name, field), "must be somebody else")
        try:
            _days_off(person, model)
        except ValueError as error:
            yield Problem(("people", name, "holidays"), f"{person.holidays!r} {error}")


def _wrong_people(model: RoutesModel) -> Iterator[Problem]:
    """People whom a name or an address does not tell apart, and successors of those who stay."""
    names: dict[str, str] = {}
    for name, person in model.people.items():
        for called in (folded(name), folded(person.email)):
            other = names.setdefault(called, name)
            if other != name:
                yield Problem(("people", name), f"cannot be told from {other}: names and addresses must differ")
        if person.successor is not None and person.leaves is None:
            yield Problem(("people", name, "successor"), "is only used with leaves, the last day")


def _wrong_values(model: RoutesModel) -> Iterator[Problem]:
    for number, route in enumerate(model.routes):
        for field, values in (route.when or {}).items():
            if problem := unknown_values(field, values):
                yield Problem(("routes", number, "when", field), problem)


def _wrong_ends(model: RoutesModel) -> Iterator[Problem]:
    """A last route that does not say where to: others go there."""
    if model.routes[-1].to is None:
        yield Problem(("routes", len(model.routes) - 1), "the last route must say where to")


def _wrong_order(routing: Routing) -> Iterator[Problem]:
    """Routes that are missing, and those that an earlier one always precedes."""
    routes = routing.routes
    if routes[-1].when:
        yield Problem(("routes", len(routes) - 1, "when"), "the last route must take every alert: leave out its `when`")
    for number, route in enumerate(routes):
        if (before := _precedes(routes[:number], route)) is not None:
            yield Problem(("routes", number), f"is never taken: routes.{before} comes first in all of its cases")
        if route.is_for_triage:
            for place, name in enumerate(route.to):
                if routing.destinations[name].personal:
                    message = f"{name!r} reaches one person, but alerts for triage are for nobody in particular"
                    yield Problem(("routes", number, "to", place), message)
    if not any(route.is_for_triage for route in routes):
        yield Problem(("routes",), "must have a route for triage: `{when: {audience: triage}, to: [...]}`")


def _precedes(earlier: Iterable[Route], route: Route) -> int | None:
    return next((number for number, one in enumerate(earlier) if one.takes_all_of(route)), None)


def _oddities(routing: Routing, data: dict[str, dict[str, dict[str, object]]], today: date) -> Iterator[Problem]:
    used = {name for route in routing.routes for name in route.to}
    for name, place in routing.destinations.items():
        if name not in used:
            yield Problem(("destinations", name), "no route goes there")
        if name in used and place.personal and not routing.team.members:
            yield Problem(("destinations", name), "reaches people, but the file names none: all of it goes to triage")
    for name in data.get("people") or {}:
        member = routing.team.members[folded(str(name))]
        for field in _STAND_IN:
            other = getattr(member, field)
            if other is not None and folded(other) not in routing.team.members:
                yield Problem(("people", str(name), field), f"{other!r} is none of the people: passed over")
        if member.leaves is not None and member.successor is None:
            yield Problem(("people", str(name), "leaves"), "nobody comes after: the accounts then go to triage")
        if _succeeds_itself(member, routing.team):
            yield Problem(
                ("people", str(name), "successor"), "all who come after leave, too: the accounts then go to triage"
            )
        if isinstance(member.days_off, frozenset) and member.days_off and max(member.days_off) < today:
            yield Problem(("people", str(name), "holidays"), "the calendar has no day off that is still to come")
    yield from light_pools(routing)
    for number, draw in enumerate(routing.holdback):
        if not draw.is_dated:
            yield Problem(("holdback", number), _UNDATED)


def _succeeds_itself(member: TeamMember, team: Team) -> bool:
    """Whether successors lead round in a circle: nobody is left once the last of them has gone."""
    met: set[str] = set()
    one: TeamMember | None = member
    while one is not None and one.successor is not None and one.name not in met:
        met.add(one.name)
        one = team.named(one.successor)
    return one is not None and bool(met) and one.name == member.name


def _routing(model: RoutesModel) -> Routing:
    zone = ZoneInfo(model.zone)
    members = {folded(name): _member(name, person, model) for name, person in model.people.items()}
    destinations = {name: _destination(name, one) for name, one in model.destinations.items()}
    default = model.routes[-1].to or []
    routes = tuple(_route(one, default) for one in model.routes)
    return Routing(destinations, Team(members), routes, zone, tuple(map(_holdback, model.holdback)))


def _destination(name: str, model: DestinationModel) -> Destination:
    return Destination(name, model.kind, model.personal)


def _member(name: str, model: PersonModel, file: RoutesModel) -> TeamMember:
    return TeamMember(
        name=name,
        email=model.email.casefold(),
        zone=ZoneInfo(model.zone or file.zone),
        hours=_hours(model.hours),
        days_off=_days_off(model, file),
        away=tuple(map(_absence, model.away)),
        backup=model.backup,
        leaves=model.leaves,
        successor=model.successor,
        capacity=_capacity(model.capacity),
        manager=model.manager,
    )


def _days_off(model: PersonModel, file: RoutesModel) -> Container[date]:
    """Raises ValueError."""
    return frozenset() if model.holidays is None else days_off(model.holidays, file.calendars)


def _hours(text: str | None) -> tuple[WorkingSpan, ...]:
    spans = []
    for part in (text or "").split(",") if text else ():
        found = SPAN.fullmatch(part.strip())
        assert found is not None  # noqa: S101 (the model has checked it)
        first = DAYS.index(found[1])
        last = DAYS.index(found[2]) if found[2] else first
        spans += [WorkingSpan(day, _minute(found[3]), _minute(found[4])) for day in range(first, last + 1)]
    return tuple(spans)


def _capacity(text: str | None) -> int | None:
    found = None if text is None else CAPACITY.fullmatch(text)
    return None if found is None else int(found[1])


def _clock(model: RouteModel) -> ResponseClock | None:
    """In working time where the route waits for working hours, else by the clock on the wall."""
    found = None if model.clock is None else CLOCK.fullmatch(model.clock)
    if found is None:
        return None
    number, working = int(found[1]), model.now != "always"
    if found[2] == "d":
        return ResponseClock(days=number, working=working)
    return ResponseClock(minutes=number * _MINUTES[found[2]], working=working)


def _holdback(model: HoldbackModel) -> Holdback:
    found = SHARE.fullmatch(model.share)
    assert found is not None  # noqa: S101 (the model has checked it)
    return Holdback(float(found[1]) / 100, model.since or UNDATED, model.until, model.salt)


def _absence(text: str) -> Absence:
    first, slash, last = text.partition("/")
    return Absence(date.fromisoformat(first), date.fromisoformat(last if slash else first))


def _route(model: RouteModel, default: list[str]) -> Route:
    """`default`: where a digest goes of which the file does not say it."""
    when = tuple(Condition(field, tuple(values)) for field, values in (model.when or {}).items())
    return Route(
        when=when,
        to=tuple(dict.fromkeys(model.to or default)),
        sent=model.now or "hours",
        away=model.away or "backup",
        digest=_digest(model.digest),
        on_uncertain=model.on_uncertain,
        clock=_clock(model),
    )


def _digest(text: str | None) -> DigestTime | None:
    if text is None:
        return None
    found = DIGEST.fullmatch(text)
    assert found is not None  # noqa: S101 (the model has checked it)
    if found[1]:
        return DigestTime(_minute(found[1]))
    day, time = _MONDAY_MORNING
    return DigestTime(_minute(found[3] or time), DAYS.index(found[2] or day))


def _minute(time: str) -> int:
    hours, minutes = time.split(":")
    return int(timedelta(hours=int(hours), minutes=int(minutes)).total_seconds()) // 60
