"""The way of an alert: the first route that takes it, to whom, when, and why; never silently to nobody."""

from datetime import date, timedelta

import pytest

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.plan import DeliveryPlan, PassedRoute, delivery_id, plan
from signal_engine.core.delivery.routes import Condition, Route, RoutedAlert, Routing
from signal_engine.core.delivery.team import Absence, TeamMember
from tests.core.delivery.scene import ALERT, ANN, BO, DAILY, MONDAYS, TRIAGE, WEDNESDAY, at, routing, to

NOON, NIGHT = at(WEDNESDAY, 12), at(WEDNESDAY, 23)
THURSDAY = date(2026, 12, 3)
AWAY = ANN._replace(away=(Absence(WEDNESDAY, date(2026, 12, 6)),))
NOTHING_SEEN = ActionsSeen()


def planned(
    routes: Routing, now: int = NOON, alert: RoutedAlert = ALERT, seen: ActionsSeen = NOTHING_SEEN
) -> DeliveryPlan:
    return plan(alert, routes, seen, now)


def sent(found: DeliveryPlan) -> list[tuple[str, str | None, str, int | None]]:
    return [(one.destination, one.person, one.timing, one.at) for one in found.deliveries]


def turns(found: DeliveryPlan) -> list[tuple[str, str]]:
    return [(turn.reason, turn.name) for turn in found.answering.turns]


def test_the_first_route_that_takes_it_counts_and_the_others_say_why_not() -> None:
    hot = Route((Condition("type", ("entered_hot", "trigger")), Condition("tier", ("a",))), ("direct",))
    raised = Route((Condition("type", ("hand_raise",)),), ("west",))
    found = planned(routing(raised, hot, to("west")))
    assert found.route == 2
    assert found.passed == (
        PassedRoute(0, Condition("audience", ("triage",))),
        PassedRoute(1, Condition("type", ("hand_raise",))),
        PassedRoute(3, None),
    )
    assert sent(found) == [("direct", "Ann Roe", "in_hours", NOON)]
    assert found.deliveries[0].delivery_id == delivery_id("a-1", "direct") != delivery_id("a-2", "direct")


def test_what_an_alert_does_not_have_never_matches() -> None:
    by_segment = Route((Condition("segment", ("smb",)),), ("direct",))
    assert planned(routing(by_segment, to("west"))).route == 1
    assert planned(routing(by_segment, to("west")), alert=ALERT._replace(segment=None)).route == 2


def test_it_waits_for_the_hours_of_the_person_and_not_for_those_of_a_channel() -> None:
    found = planned(routing(to("direct", "west")), NIGHT)
    assert sent(found) == [
        ("direct", "Ann Roe", "until_hours", at(THURSDAY, 8)),
        ("west", None, "shared", NIGHT),
    ]
    assert sent(planned(routing(to("direct", sent="always")), NIGHT)) == [("direct", "Ann Roe", "at_once", NIGHT)]


def test_a_hand_raise_never_waits_whatever_its_route_says() -> None:
    raised = ALERT._replace(type="hand_raise")
    assert sent(planned(routing(to("direct", digest=MONDAYS)), NIGHT, raised)) == [
        ("direct", "Ann Roe", "hand_raise", NIGHT)
    ]
    assert sent(planned(routing(to("direct", away="hold"), people=(AWAY, BO)), NIGHT, raised)) == [
        ("direct", "Bo Lind", "hand_raise", NIGHT)
    ]
    assert sent(planned(routing(to("direct"), people=(AWAY._replace(backup=None), BO)), NIGHT, raised)) == [
        ("ops", None, "fallback", NIGHT)
    ]


@pytest.mark.parametrize(
    ("route", "type_", "becomes"),
    [
        (to("west"), "hand_raise", "resend"),  # rather twice than not at all
        (to("west"), "inbound", "resend"),
        (to("west"), "entered_hot", "hold"),
        (to("west", on_uncertain="resend"), "entered_hot", "resend"),  # the route has the last word
        (to("west", on_uncertain="hold"), "hand_raise", "hold"),
    ],
)
def test_what_may_have_arrived_is_sent_again_or_held_by_route_and_type(route: Route, type_: str, becomes: str) -> None:
    assert planned(routing(route), alert=ALERT._replace(type=type_)).on_uncertain == becomes


def test_the_claimer_gets_it_then_the_sdr_and_of_an_owners_alert_the_owner() -> None:
    routes = routing(to("direct"))
    claimed = planned(routes, seen=ActionsSeen("BO@example.com"))
    assert (claimed.answering.asked, claimed.deliveries[0].person) == ("claimer", "Bo Lind")
    assert planned(routes, alert=ALERT._replace(audience="owner")).deliveries[0].person == "Bo Lind"
    assert planned(routes, alert=ALERT._replace(sdr=None)).deliveries[0].person == "Bo Lind"


@pytest.mark.parametrize(
    ("alert", "told"),
    [
        (ALERT._replace(sdr="Cy Hall"), [("unknown", "Cy Hall")]),
        (ALERT._replace(sdr=None, owner=None), [("unnamed", "")]),
        (ALERT._replace(audience="owner", owner=None), [("unnamed", "")]),
    ],
)
def test_where_no_person_is_reached_it_goes_to_triage_and_says_so(
    alert: RoutedAlert, told: list[tuple[str, str]]
) -> None:
    found = planned(routing(to("direct", "west")), alert=alert)
    assert sent(found) == [("west", None, "shared", NOON), ("ops", None, "fallback", NOON)]
    assert turns(found) == told


def test_an_alert_for_triage_is_for_nobody_in_particular() -> None:
    found = planned(routing(to("direct")), alert=ALERT._replace(audience="triage", type="inbound"))
    assert sent(found) == [("ops", None, "hand_raise", NOON)]
    assert found.answering.turns == ()


def test_a_fallback_that_the_route_names_is_there_once() -> None:
    found = planned(routing(to("direct", "ops")), alert=ALERT._replace(sdr="Cy Hall"))
    assert [one.destination for one in found.deliveries] == ["ops"]


def test_while_somebody_is_away_the_backup_gets_it_or_it_is_held_by_route() -> None:
    routes = (AWAY, BO)
    found = planned(routing(to("direct"), people=routes))
    assert sent(found) == [("direct", "Bo Lind", "until_hours", at(WEDNESDAY, 8, 0, BO.zone))]
    assert turns(found) == [("away", "Ann Roe")]
    held = planned(routing(to("direct", away="hold"), people=routes))
    assert sent(held) == [("direct", "Ann Roe", "until_back", at(date(2026, 12, 7), 8))]


def test_where_the_backup_is_away_too_it_is_held_and_an_urgent_one_is_not() -> None:
    both = (AWAY, BO._replace(away=AWAY.away, backup="Ann Roe"))
    held = planned(routing(to("direct"), people=both))
    assert sent(held) == [("direct", "Ann Roe", "until_back", at(date(2026, 12, 7), 8))]
    assert turns(held) == [("away", "Ann Roe"), ("away", "Bo Lind"), ("no_backup", "Ann Roe")]
    assert sent(planned(routing(to("direct", sent="always"), people=both))) == [("ops", None, "fallback", NOON)]


def test_who_is_away_for_ever_is_nobody() -> None:
    gone = ANN._replace(away=(Absence(WEDNESDAY, date(2030, 1, 1)),), backup=None)
    assert sent(planned(routing(to("direct"), people=(gone, BO)))) == [("ops", None, "fallback", NOON)]
    assert sent(planned(routing(to("direct", digest=DAILY), people=(gone, BO)))) == [("ops", None, "fallback", NOON)]


def test_after_the_last_day_the_successor_has_the_accounts_claims_included() -> None:
    left = ANN._replace(leaves=date(2026, 12, 1), successor="Bo Lind")
    routes = routing(to("direct"), people=(left, BO))
    for seen in (NOTHING_SEEN, ActionsSeen("ann@example.com")):
        found = planned(routes, seen=seen)
        assert found.deliveries[0].person == "Bo Lind"
        assert turns(found) == [("left", "Ann Roe")]


@pytest.mark.parametrize("successor", [None, "Bo Lind"])
def test_where_nobody_comes_after_it_goes_to_triage(successor: str | None) -> None:
    left = ANN._replace(leaves=date(2026, 12, 1), successor=successor)
    in_a_circle = BO._replace(leaves=date(2026, 12, 1), successor="Ann Roe")
    found = planned(routing(to("direct"), people=(left, in_a_circle)))
    assert sent(found) == [("ops", None, "fallback", NOON)]
    assert turns(found)[-1][0] == "no_successor"


def test_what_would_be_held_beyond_the_last_day_goes_to_triage() -> None:
    leaving = ANN._replace(leaves=WEDNESDAY)
    told = [("leaves", "Ann Roe"), ("no_successor", "Ann Roe")]
    held = planned(routing(to("direct"), people=(leaving, BO)), NIGHT)
    assert (sent(held), turns(held)) == ([("ops", None, "fallback", NIGHT)], told)
    digest = planned(routing(to("direct", digest=MONDAYS), people=(leaving, BO)))
    assert (sent(digest), turns(digest)) == ([("ops", None, "fallback", NOON)], told)


def test_a_digest_after_the_last_day_is_the_successors() -> None:
    leaving = ANN._replace(leaves=THURSDAY, successor="Bo Lind")
    found = planned(routing(to("direct", digest=MONDAYS), people=(leaving, BO)))
    assert sent(found) == [("direct", "Bo Lind", "digest", at(date(2026, 12, 7), 8, zone=BO.zone))]
    assert turns(found) == [("leaves", "Ann Roe")]


def test_who_has_no_working_hour_any_more_is_stood_in_for_and_it_is_said() -> None:
    every_day = frozenset(WEDNESDAY + timedelta(days=ahead) for ahead in range(401))
    closed = ANN._replace(days_off=every_day)
    found = planned(routing(to("direct", "west"), people=(closed, BO)))
    assert found.deliveries[0].person == "Bo Lind"
    assert turns(found) == [("never_works", "Ann Roe")]
    alone = planned(routing(to("direct"), people=(closed._replace(backup=None), BO)))
    assert sent(alone) == [("ops", None, "fallback", NOON)]
    assert turns(alone) == [("never_works", "Ann Roe"), ("no_backup", "Ann Roe")]


def test_after_hours_on_the_last_day_the_successor_has_what_would_wait() -> None:
    leaving = ANN._replace(leaves=WEDNESDAY, successor="Bo Lind")
    found = planned(routing(to("direct"), people=(leaving, BO)), NIGHT)
    assert (found.deliveries[0].person, found.deliveries[0].timing) == ("Bo Lind", "in_hours")
    assert turns(found) == [("leaves", "Ann Roe")]
    urgent = planned(routing(to("direct", sent="always"), people=(leaving, BO)), NIGHT)
    assert urgent.deliveries[0].person == "Ann Roe", "it is her last day until midnight"


def test_a_backup_who_left_or_is_unknown_is_none() -> None:
    found = planned(routing(to("direct"), people=(AWAY._replace(backup="Cy Hall"), BO)))
    assert turns(found) == [("away", "Ann Roe"), ("unknown", "Cy Hall"), ("no_backup", "Ann Roe")]


def test_a_muted_account_is_quiet_for_that_person_alone_until_the_mute_ends() -> None:
    seen = ActionsSeen(mutes={"ann@example.com": NIGHT})
    found = planned(routing(to("direct", "west")), seen=seen)
    assert sent(found) == [("direct", "Ann Roe", "muted", None), ("west", None, "shared", NOON)]
    assert turns(found) == [("muted", "Ann Roe")]
    assert planned(routing(to("direct")), NIGHT, seen=seen).deliveries[0].timing == "until_hours"
    urgent = planned(routing(to("direct", sent="always")), seen=seen)
    assert urgent.deliveries[0].timing == "muted"


def test_a_hand_raise_at_a_muted_account_goes_to_the_backup() -> None:
    seen = ActionsSeen(mutes={"ann@example.com": NIGHT})
    found = planned(routing(to("direct")), alert=ALERT._replace(type="hand_raise"), seen=seen)
    assert sent(found) == [("direct", "Bo Lind", "hand_raise", NOON)]


def test_a_digest_comes_at_its_hour_where_the_person_is_on_a_working_day() -> None:
    daily, weekly = routing(to("direct", "west", digest=DAILY)), routing(to("direct", digest=MONDAYS))
    assert sent(planned(daily)) == [
        ("direct", "Ann Roe", "digest", at(THURSDAY, 8, 30)),
        ("west", None, "digest", at(THURSDAY, 9, 30)),
    ]
    friday = at(date(2026, 12, 4), 12)
    assert planned(daily, friday).deliveries[0].at == at(date(2026, 12, 7), 8, 30)
    assert planned(weekly).deliveries[0].at == at(date(2026, 12, 7), 8)
    assert planned(weekly, at(date(2026, 12, 7), 8)).deliveries[0].at == at(date(2026, 12, 7), 8)
    assert planned(weekly, at(date(2026, 12, 7), 9)).deliveries[0].at == at(date(2026, 12, 14), 8)


def test_a_weekly_digest_that_is_due_on_a_holiday_comes_the_day_after() -> None:
    off = ANN._replace(days_off=frozenset({date(2026, 12, 7)}))
    weekly = routing(to("direct", digest=MONDAYS), people=(off, BO))
    assert planned(weekly).deliveries[0].at == at(date(2026, 12, 8), 8)
    assert planned(weekly, at(date(2026, 12, 7), 12)).deliveries[0].at == at(date(2026, 12, 8), 8)


@pytest.mark.parametrize("given", [TRIAGE, to("west")])
def test_a_route_takes_all_that_a_narrower_one_takes(given: Route) -> None:
    narrow = Route((Condition("audience", ("Triage",)), Condition("tier", ("A",))), ("ops",))
    assert given.takes_all_of(narrow)
    assert not narrow.takes_all_of(given)


@pytest.mark.parametrize(
    ("alert", "people", "why"),
    [
        (ALERT._replace(sdr=None, owner=None), (ANN, BO), "unassigned"),
        (ALERT._replace(sdr="Nobody Known"), (ANN, BO), "unknown"),
        (ALERT, (ANN._replace(leaves=date(2026, 12, 1)), BO), "gone"),
        (ALERT._replace(type="hand_raise"), (AWAY._replace(backup=None), BO), "absent"),
    ],
)
def test_it_is_said_why_what_was_meant_for_a_person_goes_to_triage(
    alert: RoutedAlert, people: tuple[TeamMember, ...], why: str
) -> None:
    for told in (routing(to("direct"), people=people), routing(to("direct", "ops"), people=people)):
        found = planned(told, alert=alert)
        assert [one.destination for one in found.deliveries] == ["ops"]
        assert found.unreached == why


def test_nothing_is_said_where_somebody_is_reached_or_nobody_was_meant() -> None:
    nobodys = ALERT._replace(sdr=None, owner=None)
    assert planned(routing(to("direct"))).unreached is None
    assert planned(routing(to("west")), alert=nobodys).unreached is None
    early = Route((Condition("audience", ("triage", "sdr")),), ("direct",))
    routes = routing(to("west"))
    first = routes._replace(routes=(early, *routes.routes))
    found = planned(first, alert=nobodys._replace(audience="triage"))
    assert (sent(found), found.unreached) == ([("ops", None, "fallback", NOON)], None)
