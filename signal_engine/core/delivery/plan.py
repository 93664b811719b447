"""The way of one alert: which route takes it, to whom and when each delivery goes, and why (delivery.md)."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple
from uuid import UUID, uuid5

from signal_engine.core.delivery.answering import ActionsSeen, Answering, TurnReason, answering
from signal_engine.core.delivery.patience import Patience
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.routes import (
    HAND_RAISES,
    Condition,
    Destination,
    OnUncertain,
    RoutedAlert,
    Routing,
)

Timing = Literal[
    "at_once",
    "hand_raise",
    "shared",
    "in_hours",
    "until_hours",
    "until_back",
    "digest",
    "fallback",
    "muted",
    "held_back",
    "clock",
    "late",
]
"""Why a delivery has its time: the route says at once; a hand raise never waits; a destination that reaches no single
person has no hours; within working hours; held until they begin; held until the person is back; kept for the digest;
nobody else is reached; not sent, since the person muted the account; not sent, since the account is in the control
group; no message, but the clock of one; told since nobody responded in time."""

Unreached = Literal["unassigned", "unknown", "gone", "absent", "not_found"]
"""Why the fallback gets what was meant for a person: the account has neither SDR nor owner; whoever it has is none of
the people; left without a successor; is away or wants none, and nobody stands in; is not known to the receiver."""
_UNREACHED: Final[Mapping[TurnReason, Unreached]] = {
    "unnamed": "unassigned",
    "unknown": "unknown",
    "left": "gone",
    "leaves": "gone",
    "no_successor": "gone",
    "away": "absent",
    "never_works": "absent",
    "muted": "absent",
    "no_backup": "absent",
}
"""By the last turn on the way to a person."""

_NAMESPACE: Final = UUID("0f0f4c61-5f3f-5d0e-9d5b-1f7a3c2e8b44")


class PlannedDelivery(NamedTuple):
    """One alert to one destination."""

    delivery_id: str
    """UUID, the same for the same alert and destination, whoever it is for."""
    destination: str
    person: str | None
    """Name of whom it is for; None where the destination reaches no single person."""
    timing: Timing
    at: int | None
    """When it is to be sent (ms); None: not at all."""


class PassedRoute(NamedTuple):
    """A route that did not take the alert."""

    route: int
    """Place in the file, from 0."""
    mismatch: Condition | None
    """The first condition that does not hold; None: an earlier route took the alert."""


class DeliveryPlan(NamedTuple):
    """Where an alert goes. At least one delivery; one that is not sent says why."""

    route: int
    """Place of the route that takes it, from 0."""
    answering: Answering
    deliveries: tuple[PlannedDelivery, ...]
    """In the order of the route, then the fallback's."""
    passed: tuple[PassedRoute, ...]
    """Every other route, in the order of the file."""
    on_uncertain: OnUncertain
    """What becomes of a delivery of which nobody can say whether it arrived."""
    clock: ResponseClock | None
    """How soon somebody is to respond; None: nobody is told that it waits."""
    unreached: Unreached | None = None
    """Why a destination for one person reaches nobody; None: none such does, or nobody in particular is meant."""


def plan(alert: RoutedAlert, routing: Routing, seen: ActionsSeen, now: int) -> DeliveryPlan:
    """Where `alert` goes when it is decided at `now` (ms).

    The first route that takes it counts. Whatever can reach no person goes to the fallback; a hand raise never waits.
    Nothing of an account in the control group is sent but hand raises, and what is pinned.
    """
    taken = routing.taken_by(alert)
    route = routing.routes[taken]
    patient = alert.type not in HAND_RAISES
    waits = patient and (route.sent == "hours" or route.digest is not None)
    patience = Patience(route.digest, routing.zone) if waits else None
    to_backup = route.away == "backup"
    who = answering(alert, routing.team, seen, now, patience=patience, mutable=patient, to_backup=to_backup)
    planned: dict[str, PlannedDelivery] = {}
    reaches_nobody, unreached = False, None
    for destination in map(routing.destinations.__getitem__, route.to):
        timed = _timed(destination, who, alert, patience, now)
        if timed is None:
            reaches_nobody = True
        else:
            person = who.member.name if destination.personal and who.member is not None else None
            planned[destination.name] = _delivery(alert, destination, person, *timed)
    if routing.tells_nobody_of(alert, now):
        planned = {name: _delivery(alert, routing.destinations[name], None, "held_back", None) for name in route.to}
    elif reaches_nobody:
        unreached = _UNREACHED[who.turns[-1].reason] if who.turns else None
        for destination in routing.fallback():
            planned.setdefault(destination.name, _delivery(alert, destination, None, "fallback", now))
    passed, uncertain = _passed(alert, routing, taken), route.when_uncertain(alert.type)
    clock = route.clock_of(alert.type)
    return DeliveryPlan(taken, who, tuple(planned.values()), passed, uncertain, clock, unreached)


def delivery_id(alert_id: str, destination: str) -> str:
    """The id of the delivery of an alert to a destination."""
    return str(uuid5(_NAMESPACE, f"{alert_id}\n{destination}"))


def _delivery(
    alert: RoutedAlert, destination: Destination, person: str | None, timing: Timing, at: int | None
) -> PlannedDelivery:
    return PlannedDelivery(delivery_id(alert.alert_id, destination.name), destination.name, person, timing, at)


def _passed(alert: RoutedAlert, routing: Routing, taken: int) -> tuple[PassedRoute, ...]:
    return tuple(
        PassedRoute(number, route.mismatch(alert) if number < taken else None)
        for number, route in enumerate(routing.routes)
        if number != taken
    )


def _timed(
    destination: Destination, who: Answering, alert: RoutedAlert, patience: Patience | None, now: int
) -> tuple[Timing, int | None] | None:
    """When and why then; None where the destination is for a person and no person is reached."""
    member = who.member if destination.personal else None
    if destination.personal and member is None:
        return None
    if member is not None and who.muted:
        return "muted", None
    if patience is None:
        return "hand_raise" if alert.type in HAND_RAISES else "at_once", now
    at = patience.ends(member, now)
    if at is None or (member is not None and member.has_left(at)):
        return None
    if patience.digest is not None:
        return "digest", at
    if member is None:
        return "shared", at
    if who.away:
        return "until_back", at
    return "in_hours" if at == now else "until_hours", at
