"""The routes: which alerts go to which destinations, and when."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Final, Literal, NamedTuple, get_args

from signal_engine.core.alerting.alerts import COOLED, HAND_RAISE, INBOUND, AlertType
from signal_engine.core.delivery.holdback import ControlGroup, Holdback
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.team import Team, folded
from signal_engine.core.delivery.territories import Territory
from signal_engine.core.fit.eligibility import Audience
from signal_engine.core.rules.policy import Level
from signal_engine.core.rules.relations import Relation

DestinationKind = Literal["slack", "webhook", "email", "teams", "apprise"]
DESTINATION_KINDS: Final[tuple[DestinationKind, ...]] = get_args(DestinationKind)
RoutedField = Literal["audience", "type", "tier", "icp", "segment", "relation", "level", "owner", "sdr"]
"""What a route may ask of an alert."""
ROUTED_FIELDS: Final[tuple[RoutedField, ...]] = get_args(RoutedField)
WhileAway = Literal["backup", "hold"]
"""What becomes of the alerts of somebody who is away."""
WhenSent = Literal["always", "hours"]
"""At once, or in the working hours of the person."""
OnUncertain = Literal["resend", "hold"]
"""What becomes of a delivery of which nobody can say whether it arrived: it is sent again, and may be seen twice, or it
waits for somebody to decide, and may be seen by nobody until then."""
HAND_RAISES: Final[frozenset[AlertType]] = frozenset({HAND_RAISE, INBOUND})
"""Somebody asks to be called. Such an alert never waits, nobody can mute it away, and better seen twice than not."""


class RoutedAlert(NamedTuple):
    """An alert, reduced to what its way depends on."""

    alert_id: str
    account: str
    type: AlertType
    audience: Audience
    tier: str | None
    icp: str | None
    segment: str | None
    relation: Relation
    level: Level
    owner: str | None
    sdr: str | None
    claimed_by: str | None = None
    """E-mail of who had claimed the account when the alert was decided."""
    pinned: bool = False
    """Whether a hand raise that nobody has answered keeps the account on top."""


class Destination(NamedTuple):
    """A place to which messages are delivered."""

    name: str
    kind: DestinationKind
    personal: bool
    """It reaches the person whom an alert is for; otherwise everybody who reads there."""


class Condition(NamedTuple):
    """One field must have one of some values."""

    field: RoutedField
    values: tuple[str, ...]

    def holds(self, alert: RoutedAlert) -> bool:
        """Whether it holds; never where the alert has no such value. Case and outer blanks do not count."""
        value = getattr(alert, self.field)
        return value is not None and folded(value) in map(folded, self.values)


class DigestTime(NamedTuple):
    """When what is kept for a digest is sent."""

    minute: int
    """Minutes after midnight."""
    weekday: int | None = None
    """0 is Monday; None: daily."""


class Route(NamedTuple):
    """Alerts for which all conditions hold go to these destinations."""

    when: tuple[Condition, ...]
    """In the order of the file; empty: every alert."""
    to: tuple[str, ...]
    """Names of destinations."""
    sent: WhenSent = "hours"
    away: WhileAway = "backup"
    digest: DigestTime | None = None
    """Kept for a digest instead of being sent by itself."""
    on_uncertain: OnUncertain | None = None
    """None: by the alert's type, see `when_uncertain`."""
    clock: ResponseClock | None = None
    """None: nobody is told that an alert waits."""

    def when_uncertain(self, type_: AlertType) -> OnUncertain:
        """What becomes of an uncertain delivery of an alert of this type: unless the route says, a hand raise is sent
        again, anything else is held."""
        return self.on_uncertain or ("resend" if type_ in HAND_RAISES else "hold")

    def clock_of(self, type_: AlertType) -> ResponseClock | None:
        """How soon somebody is to respond to an alert of this type; None: nobody is to.

        What is sent at any hour is timed at any hour. That an account went quiet asks nobody.
        """
        if self.clock is None or type_ == COOLED:
            return None
        if type_ not in HAND_RAISES:
            return self.clock
        return self.clock._replace(working=False)

    def mismatch(self, alert: RoutedAlert) -> Condition | None:
        """The first condition that does not hold; None where the route takes the alert."""
        return next((condition for condition in self.when if not condition.holds(alert)), None)

    def takes_all_of(self, other: "Route") -> bool:
        """Whether it takes every alert that `other` takes."""
        return all(any(_is_within(theirs, ours) for theirs in other.when) for ours in self.when)

    @property
    def is_for_triage(self) -> bool:
        """Whether it takes exactly what is for triage."""
        return len(self.when) == 1 and self.when[0] == Condition("audience", ("triage",))


class Routing(NamedTuple):
    """A whole routes file, as decisions need it. One route is for triage; the last one takes every alert."""

    destinations: dict[str, Destination]
    team: Team
    routes: tuple[Route, ...]
    zone: tzinfo
    """Whose calendar holds where a destination reaches no person."""
    holdback: tuple[Holdback, ...] = ()
    """The control groups, past ones included."""
    territories: tuple[Territory, ...] = ()
    """Of accounts without an SDR; the first that takes one counts."""

    def holds_back(self, account: str, now: int, *, pinned: bool) -> Holdback | None:
        """The control group that the account is in at `now` (ms), in the zone of the file; None: in none."""
        return self.control_group.holds(account, now, pinned=pinned)

    def tells_nobody_of(self, alert: RoutedAlert, now: int) -> bool:
        """Whether its account is in the control group at `now` (ms), and it is neither a hand raise nor pinned."""
        return alert.type not in HAND_RAISES and self.holds_back(alert.account, now, pinned=alert.pinned) is not None

    @property
    def control_group(self) -> ControlGroup:
        """The draws with the calendar of the file."""
        return ControlGroup(self.holdback, self.zone)

    def taken_by(self, alert: RoutedAlert) -> int:
        """The place of the first route that takes the alert."""
        return next(number for number, route in enumerate(self.routes) if route.mismatch(alert) is None)

    def fallback(self) -> Iterator[Destination]:
        """Where an alert goes that reaches no person otherwise: to triage, whose destinations reach no single one."""
        triage = next(route for route in self.routes if route.is_for_triage)
        yield from (self.destinations[name] for name in triage.to)


def _is_within(narrow: Condition, broad: Condition) -> bool:
    return narrow.field == broad.field and {*map(folded, narrow.values)} <= {*map(folded, broad.values)}
