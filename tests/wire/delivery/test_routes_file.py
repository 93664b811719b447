"""The routes file: what is in it, what is wrong with it and where, and the one that ships."""

import json
from datetime import date
from pathlib import Path
from typing import get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signal_engine.core.delivery.answering import AskedAs, TurnReason
from signal_engine.core.delivery.holdback import UNDATED, Holdback
from signal_engine.core.delivery.plan import Timing, Unreached
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.routes import ROUTED_FIELDS, Condition, DigestTime, RoutedAlert
from signal_engine.core.delivery.team import Absence, WorkingSpan
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.contracts.schemas import routes_schema
from signal_engine.wire.delivery.destination_models import SlackPlace
from signal_engine.wire.delivery.plan_documents import ASKED_IN_WORDS, TIMING_IN_WORDS, TURN_IN_WORDS
from signal_engine.wire.delivery.routes_file import parse
from signal_engine.wire.delivery.unreached_words import UNREACHED_IN_WORDS
from tests.wire.delivery.routes_text import ASSIGN, ROUTES, TOP, read

SHIPPED = Path("config/routes.yaml")


def test_everything_comes_as_decisions_need_it() -> None:
    file = read(TOP + ROUTES)
    routing = file.routing
    kinds = {name: (one.kind, one.personal) for name, one in routing.destinations.items()}
    assert kinds == {
        "direct": ("slack", True), "west": ("slack", False), "hook": ("slack", False), "ops": ("webhook", False),
        "mail": ("email", True), "desk": ("email", False),
    }  # fmt: skip
    ann, bo = routing.team.named("ann roe"), routing.team.named("bo@example.com")
    assert ann is not None
    assert bo is not None
    assert (ann.email, ann.zone, bo.zone) == (
        "ann@example.com",
        ZoneInfo("Europe/Berlin"),
        ZoneInfo("America/New_York"),
    )
    assert ann.hours == (*(WorkingSpan(day, 480, 1020) for day in range(4)), WorkingSpan(4, 480, 1440))
    assert ann.days_off == {date(2026, 12, 25), date(2027, 1, 1)}
    assert ann.away[0] == Absence(date(2026, 12, 21), date(2027, 1, 3))
    assert ann.away[1] == Absence(date(2027, 2, 1), date(2027, 2, 1))
    assert (ann.capacity, bo.capacity) == (None, 15)
    assert (bo.leaves, bo.successor, bo.hours) == (date(2026, 12, 31), "Ann Roe", ())
    now = routing.routes[1]
    assert now.when == (Condition("type", ("trigger", "cooled")), Condition("tier", ("A",)))
    assert (now.to, now.sent, now.away, now.digest) == (("direct", "west"), "always", "hold", None)
    clocks = [route.clock for route in routing.routes]
    assert clocks == [None, ResponseClock(minutes=15, working=False), None, ResponseClock(days=1), None]
    assert (ann.manager, bo.manager) == (None, "ann roe")
    assert [route.on_uncertain for route in routing.routes] == [None, "resend", None, None, None]
    assert [route.digest for route in routing.routes[2:]] == [DigestTime(480, 0), DigestTime(435, 4), DigestTime(510)]
    assert [one.name for one in routing.fallback()] == ["ops"]
    assert file.line(2) == 17


def test_a_control_group_is_one_or_several_draws() -> None:
    one = read(TOP + "holdback: {share: 2.5%, since: 2027-01-04}\n" + ROUTES).routing.holdback
    assert one == (Holdback(0.025, date(2027, 1, 4)),)
    text = "holdback: [{share: 10%, since: 2027-01-04, until: 2027-03-31, salt: x}, {share: 5%, since: 2027-04-01}]\n"
    several = read(TOP + text + ROUTES).routing.holdback
    assert several == (Holdback(0.1, date(2027, 1, 4), date(2027, 3, 31), "x"), Holdback(0.05, date(2027, 4, 1)))
    assert read(TOP + ROUTES).routing.holdback == ()


def test_a_share_alone_holds_on_every_day_and_is_not_compared() -> None:
    file = read(TOP + "holdback: 10%\n" + ROUTES)
    (draw,) = file.routing.holdback
    assert draw == Holdback(0.1, UNDATED)
    assert draw.counts_on(date(2026, 1, 1))
    said = "routes.yaml:14: holdback.0: "
    assert [line for line in file.oddities(date(2026, 11, 29)) if line.startswith(f"{said}names no first day")]
    with pytest.raises(ConfigurationError) as error:
        file.must_be_dated()
    assert error.value.lines == (f"{said}must say since when, to be compared with the others: {SINCE}",)
    read(TOP + "holdback: {share: 10%, since: 2027-01-04}\n" + ROUTES).must_be_dated()


def test_a_digest_without_destinations_goes_where_the_last_route_does() -> None:
    routes = read(TOP + ROUTES.replace("to: [mail], digest: weekly}", "digest: weekly}")).routing.routes
    assert (routes[2].to, routes[2].digest) == (("mail", "desk", "hook"), DigestTime(480, 0))


def test_holidays_are_those_of_a_country_unless_the_file_has_a_calendar_of_that_name() -> None:
    pytest.importorskip("holidays", reason="the extra `holidays`")
    text = TOP.replace("holidays: de", "holidays: US")
    member = read(text + ROUTES).routing.team.named("ann roe")
    assert member is not None
    moved, back = date(2026, 7, 3), date(2031, 7, 4)  # the fourth is a Saturday in 2026
    days = [date(2026, 11, 26), moved, back, date(2026, 11, 27), date(2026, 10, 3)]
    assert [day in member.days_off for day in days] == [True, True, True, False, False]
    assert not [one for one in read(text + ROUTES).oddities(date(2026, 11, 29)) if "holidays" in one]
    parts = [read(text.replace("holidays: US", f"holidays: {code}") + ROUTES) for code in ("DE-BY", "DE-BE")]
    epiphany = date(2027, 1, 6)
    assert [epiphany in one.routing.team.members["ann roe"].days_off for one in parts] == [True, False]
    own = read(text.replace("calendars: {", "calendars: {US: [2026-10-03], ") + ROUTES).routing.team.named("ann roe")
    assert own is not None
    assert own.days_off == {date(2026, 10, 3)}


def test_territories_come_in_order_with_their_pools() -> None:
    text = TOP.replace("bo lind}", "bo lind, capacity: 5/week}") + ASSIGN + ROUTES
    (territory,) = read(text).routing.territories
    assert territory.pool == ("ann roe", "Bo Lind")
    assert [territory.takes({"country": name}) for name in ("Canada", "France")] == [True, False]


def test_case_does_not_count_in_the_values_of_a_route() -> None:
    text = ROUTES.replace("trigger,", "Trigger,").replace("{icp: saas}", "{relation: [Customer]}")
    routes = read(TOP + text).routing.routes
    assert (routes[1].when[0].values, routes[3].when[0].values) == (("Trigger", "cooled"), ("Customer",))


def test_successors_who_succeed_each_other_are_told() -> None:
    people = """people:
  Ann: {email: ann@example.com, leaves: 2026-12-31, successor: Bo}
  Bo: {email: bo@example.com, leaves: 2026-12-24, successor: Cy}
  Cy: {email: cy@example.com, leaves: 2027-01-31, successor: Bo}
  Di: {email: di@example.com}
"""
    told = read(TOP[: TOP.index("people:")] + people + ROUTES).oddities(date(2026, 11, 29))
    assert [one.split(": ", 1)[1] for one in told if "successor" in one] == [
        "people.Bo.successor: all who come after leave, too: the accounts then go to triage",
        "people.Cy.successor: all who come after leave, too: the accounts then go to triage",
    ]


PEOPLE = TOP.index("people:")
SINCE = "{share: 10%, since: 2027-01-04}"


def test_what_is_valid_but_suspicious_is_told_with_its_line() -> None:
    text = TOP.replace(", successor: Ann Roe", "") + ROUTES.replace(", hook]", "]")
    assert read(text).oddities(date(2027, 1, 2)) == (
        "routes.yaml:7: destinations.hook: no route goes there",
        "routes.yaml:12: people.Ann Roe.holidays: the calendar has no day off that is still to come",
        "routes.yaml:13: people.Bo Lind.leaves: nobody comes after: the accounts then go to triage",
    )
    text = TOP.replace("bo lind", "Cy").replace("ann roe", "Di").replace("successor: Ann", "successor: Ed") + ROUTES
    assert read(text).oddities(date(2026, 11, 29)) == (
        "routes.yaml:12: people.Ann Roe.backup: 'Cy' is none of the people: passed over",
        "routes.yaml:13: people.Bo Lind.manager: 'Di' is none of the people: passed over",
        "routes.yaml:13: people.Bo Lind.successor: 'Ed Roe' is none of the people: passed over",
    )
    assert read(TOP + ASSIGN + ROUTES).oddities(date(2026, 11, 29)) == (
        "routes.yaml:15: assign.0.pool.0: 'ann roe' has no capacity, and counts as 15 a week, the mean of the others",
    )
    nobody = TOP[:PEOPLE] + ROUTES
    assert [line.split(": ")[1] for line in read(nobody).oddities(date(2026, 1, 1))] == [
        "destinations.direct",
        "destinations.mail",
    ]


def test_the_file_that_ships_is_valid_and_has_everybody_of_the_accounts_that_ship() -> None:
    file = parse(str(SHIPPED), SHIPPED.read_bytes())
    assert file.oddities(date(2026, 11, 29)) == ()
    header, *rows = Path("config/accounts.csv").read_text("utf-8").splitlines()
    assert header.split(",")[7:9] == ["owner", "sdr"]
    named = {name for row in rows for name in row.split(",") if name.startswith(("SDR ", "AE "))}
    assert named
    assert {name for name in named if file.routing.team.named(name) is None} == set()


def test_the_schema_takes_what_the_parser_takes_and_refuses_unknown_fields() -> None:
    schema = Draft202012Validator(routes_schema())
    for text in (TOP + ROUTES, SHIPPED.read_text("utf-8")):
        assert [error.message for error in schema.iter_errors(yaml_files.read("r", text.encode()).data)] == []
    wrong = yaml_files.read("r", (TOP + ROUTES.replace("now: always", "nwo: always")).encode()).data
    assert not schema.is_valid(wrong)


def test_every_answer_has_its_words_and_every_field_is_one_of_an_alert() -> None:
    assert set(TIMING_IN_WORDS) == set(get_args(Timing))
    assert set(TURN_IN_WORDS) == set(get_args(TurnReason))
    assert set(UNREACHED_IN_WORDS) == set(get_args(Unreached))
    assert set(ASKED_IN_WORDS) == set(get_args(AskedAs))
    assert set(ROUTED_FIELDS) <= set(RoutedAlert._fields)


FIELDS = st.sampled_from(["version", "routes", "to", "when", "people", "destinations", "slack"])
LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
ANYTHING = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=12
)


@given(ANYTHING)
def test_whatever_is_in_the_file_it_is_refused_with_places(found: object) -> None:
    with pytest.raises(ConfigurationError) as error:
        parse("r", json.dumps(found).encode())
    assert all(line.startswith("r:") for line in error.value.lines)


def test_the_path_of_a_secret_may_be_as_long_as_paths_are() -> None:
    path = f"/{'a' * 200}/token"
    place = SlackPlace.model_validate({"token_file": path, "channel": "#west"})
    assert place.token_file == path
