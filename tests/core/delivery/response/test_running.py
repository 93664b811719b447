"""The clock of an alert as a row: begun with it, looked at when it is due, and ended by a response."""

from datetime import timedelta

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.in_force import InForce, StandingAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.core.delivery.plan import delivery_id, plan
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.response.lateness import Lateness, Response
from signal_engine.core.delivery.response.running import (
    ClockLook,
    Watched,
    clock_id,
    clock_row,
    late_rows,
    looked,
    response_of,
)
from signal_engine.core.delivery.routes import Route, RoutedAlert
from signal_engine.core.delivery.team import TeamMember
from tests.core.delivery.scene import ALERT, ANN, BO, DAILY, WEDNESDAY, at, routing, to

KIM = BO._replace(name="Kim Yu", email="kim@example.com", zone=ANN.zone)
CALLER = ANN._replace(manager="Kim Yu")
QUARTER = ResponseClock(minutes=15)
PEOPLE = (CALLER, BO, KIM)
ALERTED, MINUTE, HOUR, DAY = at(WEDNESDAY, 12), 60_000, 3_600_000, 86_400_000
ROUTING = routing(to("direct", clock=QUARTER), people=PEOPLE)
NOTHING_YET = Response(ALERTED)


def row(*, alert: RoutedAlert = ALERT, route: Route = ROUTING.routes[-1], now: int = ALERTED) -> DeliveryRow | None:
    routes = routing(route, people=PEOPLE)
    return clock_row(alert, plan(alert, routes, ActionsSeen(), now), NOTHING_YET, now, routes.team)


def running(**changed: object) -> DeliveryRow:
    made = row()
    assert made is not None
    return made._replace(**changed)  # type: ignore[arg-type]


def watched(was: Response | None = NOTHING_YET, read_at: int | None = None, member: TeamMember = CALLER) -> Watched:
    return Watched(QUARTER, was, member, ROUTING.team, read_at)


def test_it_begins_with_the_alert_and_is_looked_at_when_it_runs_out() -> None:
    made = running()
    assert (made.delivery_id, made.destination, made.person, made.status) == (
        clock_id(ALERT.alert_id), "clock", "Ann Roe", "waiting",
    )  # fmt: skip
    assert (made.since, made.due) == (ALERTED, ALERTED + 15 * MINUTE)
    assert not made.is_finished


def test_it_does_not_begin_before_the_first_message_is_to_be_sent() -> None:
    late_planned = row(now=ALERTED + HOUR)  # the process was down
    assert late_planned is not None
    assert (late_planned.since, late_planned.due) == (ALERTED + HOUR, ALERTED + HOUR + 15 * MINUTE)
    for_digest = row(route=to("direct", clock=QUARTER, digest=DAILY))
    assert for_digest is not None
    assert for_digest.since == at(WEDNESDAY + timedelta(days=1), 8, 30)


def test_there_is_none_where_nobody_has_to_respond() -> None:
    assert row(route=to("direct")) is None
    assert row(alert=ALERT._replace(type="cooled"), route=to("direct", clock=QUARTER)) is None
    planned = plan(ALERT, ROUTING, ActionsSeen(), ALERTED)
    assert clock_row(ALERT, planned, None, ALERTED, ROUTING.team) is None, "it was claimed already"
    answered = NOTHING_YET._replace(closed_at=ALERTED + 1)
    assert clock_row(ALERT, planned, answered, ALERTED + 2, ROUTING.team) is None
    unsent = planned._replace(deliveries=tuple(one._replace(at=None) for one in planned.deliveries))
    assert clock_row(ALERT, unsent, NOTHING_YET, ALERTED, ROUTING.team) is None


def test_of_nobody_in_particular_it_runs_by_the_wall_and_of_who_never_works_it_is_looked_at_at_once() -> None:
    planned = plan(ALERT._replace(sdr=None, owner=None), ROUTING, ActionsSeen(), at(WEDNESDAY, 23))
    made = clock_row(ALERT, planned, Response(at(WEDNESDAY, 23)), at(WEDNESDAY, 23), ROUTING.team)
    assert made is not None
    assert (made.person, made.due) == (None, at(WEDNESDAY, 23, 15))
    never = CALLER._replace(days_off=frozenset(WEDNESDAY + timedelta(days=n) for n in range(500)))
    planned = plan(ALERT, ROUTING, ActionsSeen(), ALERTED)
    planned = planned._replace(answering=planned.answering._replace(member=never))
    made = clock_row(ALERT, planned, NOTHING_YET, ALERTED, ROUTING.team)
    assert made is not None
    assert made.due == ALERTED
    after, late = looked(made, watched(member=never), ALERTED)
    assert (after.status, late) == ("overdue", None)
    assert after.said == "nobody has claimed it; told: nobody, since nobody works"


def test_the_manager_is_told_then_the_backup_and_nobody_ever_again() -> None:
    now = ALERTED + 15 * MINUTE
    after, late = looked(running(), watched(), now)
    assert late == Lateness("claim", "manager", "Kim Yu", now, ALERTED)
    assert (after.late, after.due, after.said) == (
        "claim/manager", ALERTED + 30 * MINUTE, "nobody had claimed it: Kim Yu was told",
    )  # fmt: skip
    assert after.revision == 1
    after, late = looked(after, watched(), ALERTED + 30 * MINUTE)
    assert late is not None
    assert (late.to, after.late, after.due) == ("backup", "claim/manager claim/backup", ALERTED + 30 * MINUTE + 30_000)
    looks, now = [], after.due or 0
    while after.status == "waiting":
        after, late = looked(after, watched(), now)
        assert late is None
        looks.append((after.due or now) - now)
        now = after.due or now
    assert (after.status, after.said) == ("overdue", "nobody has claimed it; told: manager, backup")
    assert (looks[0], max(looks)) == (30_000, 15 * MINUTE)
    assert 3 * DAY <= now - ALERTED < 3 * DAY + HOUR
    assert after.is_finished


def test_a_look_that_comes_late_never_brings_both_at_once() -> None:
    now = ALERTED + 2 * HOUR
    after, late = looked(running(), watched(), now)
    assert late is not None
    assert (late.to, after.due) == ("manager", now + 15 * MINUTE)


def test_a_claim_begins_the_clock_of_the_touch() -> None:
    claimed = watched(NOTHING_YET._replace(claimed_at=ALERTED + 5 * MINUTE))
    after, late = looked(running(), claimed, ALERTED + 15 * MINUTE)
    assert (after.status, after.due, late) == ("waiting", ALERTED + 20 * MINUTE, None)
    after, late = looked(after, claimed, ALERTED + 20 * MINUTE)
    assert late == Lateness("touch", "manager", "Kim Yu", ALERTED + 20 * MINUTE, ALERTED + 5 * MINUTE)


@pytest.mark.parametrize(
    ("was", "said"),
    [
        (None, "the account was claimed already"),
        (NOTHING_YET._replace(closed_at=1), "somebody decided that nobody is to call now"),
        (NOTHING_YET._replace(touched_at=1), "somebody has been in touch"),
        (NOTHING_YET._replace(claimed_at=1, touched_at=1), "claimed, and somebody has been in touch"),
    ],
)
def test_a_response_ends_it(was: Response | None, said: str) -> None:
    after, late = looked(running(), watched(was), ALERTED + 15 * MINUTE)
    assert (after.status, after.said, after.due, late) == ("answered", said, None, None)


def test_a_crm_that_is_read_is_waited_for_but_not_for_ever() -> None:
    was, due = NOTHING_YET._replace(claimed_at=ALERTED), ALERTED + 15 * MINUTE

    def look(read_at: int, now: int) -> ClockLook:
        return looked(running(), watched(was, read_at), now)

    after, late = look(due - 1, due)
    assert (after.due, after.said, late) == (due + MINUTE, "waits until the CRM was read", None)
    assert look(due, due).late is not None
    assert look(due - 1, due + DAY).late is not None
    assert looked(running(), watched(read_at=1), due).late is not None, "of claims it says nothing"


def late(
    to: str = "manager", name: str | None = "Kim Yu", alert: RoutedAlert = ALERT, **more: object
) -> list[DeliveryRow]:
    what = Lateness("claim", to, name, ALERTED, ALERTED)  # type: ignore[arg-type]
    routes = more.pop("routes", ROUTING)
    clock = running(type=alert.type)
    return late_rows(clock, what, alert, routes, "Ann Roe", more.pop("now", ALERTED))  # type: ignore[arg-type]


def test_a_person_is_told_once_at_the_first_place_that_reaches_people() -> None:
    for routes in (ROUTING, routing(to("west", "direct"), people=PEOPLE), routing(to("west"), people=PEOPLE)):
        (one,) = late(routes=routes)
        assert (one.destination, one.person, one.timing, one.status, one.due) == (
            "direct", "Kim Yu", "late", "pending", ALERTED,
        )  # fmt: skip
        assert one.delivery_id == delivery_id(ALERT.alert_id, "direct\nclaim/manager")
        assert (one.late, one.since, one.silent, one.on_uncertain) == ("claim/manager", ALERTED, "Ann Roe", "hold")


def test_the_fallback_is_told_where_nobody_can_be() -> None:
    for rows in (late("fallback", None), late(routes=routing(to("west"), people=PEOPLE)._replace(
        destinations={name: one for name, one in ROUTING.destinations.items() if name != "direct"}
    ))):  # fmt: skip
        assert [(one.destination, one.person, one.due) for one in rows] == [("ops", None, ALERTED)]


def test_it_waits_for_the_hours_of_who_is_told_but_of_hand_raises_never() -> None:
    night = at(WEDNESDAY, 22)
    assert late(now=night)[0].due == at(WEDNESDAY + timedelta(days=1), 8)
    assert late(now=night, alert=ALERT._replace(type="hand_raise"))[0].due == night


def test_what_hides_an_account_is_a_response_also_where_the_action_is_not_known_any_more() -> None:
    claim = LoggedAction(ALERTED + 1, AccountAction("acme.com", "id", "claim", 1, "bo@example.com", "cli"))
    open_ = response_of(running(), ActionsSeen(taken=(claim,)), ALERTED + 2)
    assert open_ == Response(ALERTED, ALERTED + 1)
    hidden = ActionsSeen(in_force=InForce(do_not_contact=StandingAction("kim@example.com", 1)))
    assert response_of(running(), hidden, ALERTED + 2) == Response(ALERTED, closed_at=ALERTED + 2)
    before = claim._replace(now=ALERTED - 1)
    assert response_of(running(), hidden._replace(taken=(before,)), ALERTED) is None
