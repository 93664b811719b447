"""The clock of an alert as a row of the ledger: when it is looked at, and what a look makes of it."""

from typing import Final, NamedTuple

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow, RowStatus
from signal_engine.core.delivery.plan import DeliveryPlan, delivery_id
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.response.lateness import Lateness, Response, ResponsePhase, lateness, response_to
from signal_engine.core.delivery.routes import HAND_RAISES, RoutedAlert, Routing
from signal_engine.core.delivery.team import Team, TeamMember, next_working_instant
from signal_engine.core.rules.instants import DAY, MINUTE, SECOND

CLOCKS: Final = "clock"
"""Stands where other rows have their destination; none may be called so."""
_LOOKED_AT_MS: Final = 3 * DAY
"""For so long after everybody was told, a response still ends a clock."""
_SHORTEST_MS: Final = 30 * SECOND
_LONGEST_MS: Final = 15 * MINUTE
_AGE_PER_LOOK: Final = 10
_READING_MS: Final = MINUTE
_UNREAD_MS: Final = DAY
"""For so long a CRM that is to be read is waited for."""
_NOT_DONE: Final[dict[ResponsePhase, str]] = {"claim": "claimed it", "touch": "been in touch"}


class Watched(NamedTuple):
    """What a look at a clock goes by, besides its row."""

    clock: ResponseClock
    was: Response | None
    """What became of the alert; None: the account was claimed already."""
    member: TeamMember | None
    """Whom the alert was for."""
    team: Team
    read_at: int | None = None
    """When (ms) a CRM was last read for what sales did; None: none is."""


class ClockLook(NamedTuple):
    """What a look makes of a clock."""

    row: DeliveryRow
    late: Lateness | None = None
    """Whom to tell now, in the same step."""


def response_of(row: DeliveryRow, seen: ActionsSeen, now: int) -> Response | None:
    """What became of the alert of a row; None where the account was claimed already."""
    was = response_to(row.alert_at, seen.taken, now, seen.active_at)
    if was is not None and was.waits is not None and seen.hidden is not None:
        return was._replace(closed_at=now)  # also what is inherited, and what is older than the latest actions
    return was


def clock_id(alert_id: str) -> str:
    """The id of the row of an alert's clock."""
    return delivery_id(alert_id, CLOCKS)


def clock_row(alert: RoutedAlert, plan: DeliveryPlan, was: Response | None, now: int, team: Team) -> DeliveryRow | None:
    """The clock of an alert that is planned at `now` (ms); None where nobody has to respond.

    It begins with the alert, but not before the first message about it is to be sent.
    """
    sent = [one.at for one in plan.deliveries if one.at is not None]
    if plan.clock is None or not sent or was is None or was.waits is None:
        return None
    member, since = plan.answering.member, max(was.alerted_at, min(sent))
    late = lateness(plan.clock, was._replace(alerted_at=since), member, team)
    return DeliveryRow(
        delivery_id=clock_id(alert.alert_id),
        alert_id=alert.alert_id,
        account=alert.account,
        type=alert.type,
        destination=CLOCKS,
        person=None if member is None else member.name,
        timing="clock",
        on_uncertain="hold",
        status="waiting",
        alert_at=was.alerted_at,
        made_at=now,
        changed_at=now,
        due=late[0].due if late else since,
        since=since,
    )


def looked(row: DeliveryRow, by: Watched, now: int) -> ClockLook:
    """A look at a clock that is due. Each is told once, and one that comes late never brings the next one at once."""
    was = by.was
    if was is None:
        return ClockLook(ended(row, "answered", "the account was claimed already", now))
    was = was._replace(alerted_at=max(was.alerted_at, row.since or 0))
    if was.waits is None:
        return ClockLook(ended(row, "answered", _answer(was), now))
    phase, _ = was.waits
    every = lateness(by.clock, was, by.member, by.team)
    late = [one for one in every if one.which not in row.late.split()]
    if not late:
        knows = ", ".join(which.partition("/")[2] for which in row.late.split()) or "nobody, since nobody works"
        if not every or now - every[-1].due >= _LOOKED_AT_MS:
            return ClockLook(ended(row, "overdue", f"nobody has {_NOT_DONE[phase]}; told: {knows}", now))
        return ClockLook(_again(row, now + _pause(now - every[-1].due), row.said, now))
    first = late[0]
    if now < first.due:
        return ClockLook(_again(row, first.due, row.said, now))
    if _is_unread(first, by.read_at, now):
        return ClockLook(_again(row, now + _READING_MS, "waits until the CRM was read", now))
    after = max(late[1].due, by.clock.due(now, by.member) or 0) if len(late) > 1 else now + _SHORTEST_MS
    told = _again(row, after, f"nobody had {_NOT_DONE[phase]}: {first.name or 'the fallback'} was told", now)
    return ClockLook(told._replace(late=f"{row.late} {first.which}".strip()), first)


def late_rows(
    row: DeliveryRow, late: Lateness, alert: RoutedAlert, routing: Routing, silent: str | None, now: int
) -> list[DeliveryRow]:
    """The deliveries by which somebody is told that the alert of the clock `row` waits.

    To a person, one: at the first personal destination of the route, else of the file; in their working hours, unless
    it is about a hand raise. To the fallback, one to each of its destinations. `silent`: who has not responded.
    """
    member = None if late.name is None else routing.team.named(late.name)
    route = routing.routes[routing.taken_by(alert)]
    every = [*(routing.destinations[name] for name in route.to), *routing.destinations.values()]
    to = next((one for one in every if one.personal and member is not None), None)
    at = now
    if to is not None and member is not None and row.type not in HAND_RAISES:
        at = next_working_instant(member, now) or now
    return [
        row._replace(
            delivery_id=delivery_id(row.alert_id, f"{destination.name}\n{late.which}"),
            destination=destination.name,
            person=member.name if destination.personal and member is not None else None,
            timing="late",
            status="pending",
            made_at=now,
            changed_at=now,
            due=at,
            said=None,
            late=late.which,
            since=late.since,
            silent=silent,
            revision=0,
        )
        for destination in ([to] if to is not None else routing.fallback())
    ]


def ended(row: DeliveryRow, status: RowStatus, why: str, now: int) -> DeliveryRow:
    """A clock that runs no more."""
    return row._replace(status=status, due=None, said=why, changed_at=now, revision=row.revision + 1)


def _again(row: DeliveryRow, due: int, said: str | None, now: int) -> DeliveryRow:
    return row._replace(due=due, said=said, changed_at=now, revision=row.revision + 1)


def _pause(age: int) -> int:
    """Seldomer the longer everybody knows: most answers come soon."""
    return min(max(_SHORTEST_MS, age // _AGE_PER_LOOK), _LONGEST_MS)


def _is_unread(late: Lateness, read_at: int | None, now: int) -> bool:
    """Whether the CRM may know of a touch that nobody has read yet."""
    if late.phase == "claim" or read_at is None:
        return False
    return read_at < late.due and now - late.due < _UNREAD_MS


def _answer(was: Response) -> str:
    if was.closed_at is not None:
        return "somebody decided that nobody is to call now"
    return "somebody has been in touch" if was.claimed_at is None else "claimed, and somebody has been in touch"
