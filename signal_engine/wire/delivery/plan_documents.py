"""The way of an alert as the document that `routes test --json` prints, and in words."""

from typing import Any, Final

from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.delivery.answering import AskedAs, Turn, TurnReason
from signal_engine.core.delivery.plan import DeliveryPlan, PassedRoute, PlannedDelivery, Timing
from signal_engine.core.delivery.response.lateness import Response, ToldTo, lateness
from signal_engine.core.delivery.routes import HAND_RAISES, Condition, DestinationKind, Route, RoutedAlert
from signal_engine.core.delivery.team import local_time
from signal_engine.core.delivery.territories import Assignment
from signal_engine.core.fit.eligibility import Audience
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.instants import format_instant

TIMING_IN_WORDS: Final[dict[Timing, str]] = {
    "at_once": "at once, as the route says",
    "hand_raise": "at once: a hand raise never waits",
    "shared": "at once: a place that reaches no single person has no working hours",
    "in_hours": "at once, within working hours",
    "until_hours": "held until working hours begin",
    "until_back": "held until the person is back",
    "digest": "kept for the digest",
    "fallback": "at once: no person is reached, so it goes where alerts for triage go",
    "muted": "not sent: the person muted the account",
    "held_back": "not sent: the account is in the control group",
    "clock": "no message: runs until somebody responds",
    "late": "since nobody responded in time",
}
"""A test holds that every timing has its words."""

TURN_IN_WORDS: Final[dict[TurnReason, str]] = {
    "unknown": "{} is none of the people in the routes file",
    "unnamed": "the account has neither SDR nor owner",
    "left": "{} has left",
    "leaves": "{} leaves before this would be sent",
    "no_successor": "nobody comes after {}",
    "away": "{} is away",
    "never_works": "{} has no working hour within 400 days",
    "muted": "{} muted the account",
    "no_backup": "nobody stands in for {}",
}
"""A test holds that every turn has its words."""

ASKED_IN_WORDS: Final[dict[AskedAs, str]] = {
    "claimer": "claimed the account",
    "sdr": "is its SDR",
    "owner": "is its owner",
    "nobody": "",
}


class RouteSeen(TypedDict):
    """A route of the file."""

    number: int
    """From 1."""
    line: int
    when: str


class RoutePassed(RouteSeen):
    """A route that did not take the alert."""

    field: str | None
    """What it asks for that the alert does not have; null: an earlier route took the alert."""
    wanted: list[str]
    found: str | None
    why_not: str


class TurnTaken(TypedDict):
    """A turn that the way to the person took."""

    reason: TurnReason
    name: str
    in_words: str


class DeliveryPlanned(TypedDict):
    """One delivery."""

    delivery_id: str
    destination: str
    kind: DestinationKind
    person: str | None
    at: str | None
    local: str | None
    """The same instant where the person is."""
    timing: Timing
    in_words: str


class LatenessPlanned(TypedDict):
    """Whom the alert is told to where nobody claims the account."""

    to: ToldTo
    name: str | None
    """Null: neither can be reached; it then goes where alerts for triage go."""
    at: str
    local: str
    """The same instant where the person is whom the alert is for."""


class AssignmentPlanned(TypedDict):
    """Who would get the account, which has no SDR of its own."""

    person: str
    territory: int
    """Its number in the file, from 1."""
    line: int


class RouteTest(TypedDict):
    """Where one alert goes."""

    account_id: str
    type: AlertType
    audience: Audience
    at: str
    """When it is decided."""
    route: RouteSeen
    asked: AskedAs
    person: str | None
    turns: list[TurnTaken]
    deliveries: list[DeliveryPlanned]
    unclaimed: list[LatenessPlanned]
    """In order; none without a clock."""
    assigned: AssignmentPlanned | None
    """By territory; null where the account has an SDR, its row is not known, or no territory takes it."""
    control_group: str | None
    """The first day of the control group that the account is in; null: in none, or told of all the same."""
    passed: list[RoutePassed]


def route_test(
    alert: RoutedAlert, plan: DeliveryPlan, file: RoutesFile, now: int, assignment: Assignment | None = None
) -> RouteTest:
    """The document of a plan made at `now` (ms). `assignment` is that of an account without an SDR."""
    member = plan.answering.member
    return {
        "account_id": alert.account,
        "type": alert.type,
        "audience": alert.audience,
        "at": format_instant(now),
        "route": _seen(plan.route, file),
        "asked": plan.answering.asked,
        "person": None if member is None else member.name,
        "turns": [_turn(turn) for turn in plan.answering.turns],
        "deliveries": [_delivery(one, file) for one in plan.deliveries],
        "unclaimed": _unclaimed(plan, file, now),
        "assigned": None if assignment is None else _assigned(assignment, file),
        "control_group": _control_group(alert, file, now),
        "passed": [_passed(one, alert, file) for one in plan.passed],
    }


def _unclaimed(plan: DeliveryPlan, file: RoutesFile, now: int) -> list[LatenessPlanned]:
    """The clock begins with the first message; where nobody is sent one, or the account is claimed, there is none."""
    sent = [one.at for one in plan.deliveries if one.at is not None]
    if plan.clock is None or not sent or plan.answering.asked == "claimer":
        return []
    member, team = plan.answering.member, file.routing.team
    return [
        {
            "to": late.to,
            "name": late.name,
            "at": format_instant(late.due),
            "local": _local(late.due, member.name if member else None, file),
        }
        for late in lateness(plan.clock, Response(max(now, min(sent))), member, team)
    ]


def _assigned(one: Assignment, file: RoutesFile) -> AssignmentPlanned:
    line = file.document.line(("assign", one.territory))
    return {"person": one.member.name, "territory": one.territory + 1, "line": line}


def _control_group(alert: RoutedAlert, file: RoutesFile, now: int) -> str | None:
    if alert.type in HAND_RAISES:
        return None
    draw = file.routing.holds_back(alert.account, now, pinned=alert.pinned)
    return None if draw is None else draw.since.isoformat()


def _seen(number: int, file: RoutesFile) -> RouteSeen:
    return {"number": number + 1, "line": file.line(number), "when": _when(file.routing.routes[number])}


def _when(route: Route) -> str:
    return ", ".join(f"{one.field} {_values(one)}" for one in route.when) or "every alert"


def _values(condition: Condition) -> str:
    return " or ".join(condition.values)


def _turn(turn: Turn) -> TurnTaken:
    return {"reason": turn.reason, "name": turn.name, "in_words": TURN_IN_WORDS[turn.reason].format(turn.name)}


def _delivery(one: PlannedDelivery, file: RoutesFile) -> DeliveryPlanned:
    return {
        "delivery_id": one.delivery_id,
        "destination": one.destination,
        "kind": file.routing.destinations[one.destination].kind,
        "person": one.person,
        "at": None if one.at is None else format_instant(one.at),
        "local": None if one.at is None else _local(one.at, one.person, file),
        "timing": one.timing,
        "in_words": TIMING_IN_WORDS[one.timing],
    }


def _local(at: int, person: str | None, file: RoutesFile) -> str:
    member = None if person is None else file.routing.team.named(person)
    return f"{local_time(at, member.zone if member else file.routing.zone):%a %-d %b %Y %H:%M %Z}"


def _passed(one: PassedRoute, alert: RoutedAlert, file: RoutesFile) -> RoutePassed:
    seen, mismatch = _seen(one.route, file), one.mismatch
    if mismatch is None:
        return {**seen, "field": None, "wanted": [], "found": None, "why_not": "an earlier route took it"}
    found: Any = getattr(alert, mismatch.field)
    has = f"its {mismatch.field} is {found}" if found else f"it has no {mismatch.field}"
    return {
        **seen,
        "field": mismatch.field,
        "wanted": list(mismatch.values),
        "found": found,
        "why_not": f"{has}, not {_values(mismatch)}" if found else has,
    }
