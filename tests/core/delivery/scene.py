"""A routes file as values: two people who stand in for each other, three destinations, and an alert to begin with."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from signal_engine.core.delivery.routes import Condition, Destination, DigestTime, Route, RoutedAlert, Routing
from signal_engine.core.delivery.team import Team, TeamMember, WorkingSpan, folded

OFFICE = tuple(WorkingSpan(day, 8 * 60, 18 * 60) for day in range(5))
BERLIN = ZoneInfo("Europe/Berlin")
ANN = TeamMember("Ann Roe", "ann@example.com", BERLIN, OFFICE, backup="Bo Lind")
BO = TeamMember("Bo Lind", "bo@example.com", ZoneInfo("America/New_York"), OFFICE)
DIRECT, WEST, OPS = (
    Destination("direct", "slack", True),
    Destination("west", "slack", False),
    Destination("ops", "webhook", False),
)
TRIAGE = Route((Condition("audience", ("triage",)),), ("ops",))
ALERT = RoutedAlert(
    "a-1", "acme.com", "entered_hot", "sdr", "A", "saas", "SMB", "prospect", "hot", "Bo Lind", "Ann Roe"
)  # fmt: skip
WEDNESDAY = date(2026, 12, 2)


def at(day: date, hour: int, minute: int = 0, zone: Any = BERLIN) -> int:
    """ms of a wall clock time."""
    return round(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp() * 1000)


def routing(*routes: Route, people: tuple[TeamMember, ...] = (ANN, BO)) -> Routing:
    """With a route for triage before the given ones, the last of which takes everything."""
    team = Team({folded(one.name): one for one in people})
    return Routing({one.name: one for one in (DIRECT, WEST, OPS)}, team, (TRIAGE, *routes), UTC)


def to(*names: str, **given: Any) -> Route:
    """A route that takes every alert."""
    return Route((), names, **given)


DAILY = DigestTime(8 * 60 + 30)
MONDAYS = DigestTime(8 * 60, 0)
