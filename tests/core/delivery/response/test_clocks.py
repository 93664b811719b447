"""Clocks: when a response is late, in working time or by the wall, and who is told of it, once each."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.response.lateness import Lateness, Response, lateness
from signal_engine.core.delivery.routes import Route
from signal_engine.core.delivery.team import Absence, Team, TeamMember, folded, next_working_instant
from tests.core.delivery.scene import ANN, BO, WEDNESDAY, at, to

THURSDAY, FRIDAY, MONDAY = (WEDNESDAY + timedelta(days=ahead) for ahead in (1, 2, 5))
KIM = BO._replace(name="Kim Yu", email="kim@example.com")
CALLER = ANN._replace(manager="Kim Yu")
TEAM = Team({folded(one.name): one for one in (CALLER, BO, KIM)})
QUARTER, DAY = ResponseClock(minutes=15), ResponseClock(days=1)
MINUTE = 60_000


@pytest.mark.parametrize(
    ("clock", "since", "due"),
    [
        (QUARTER, at(WEDNESDAY, 12), at(WEDNESDAY, 12, 15)),
        (QUARTER, at(WEDNESDAY, 17, 50), at(THURSDAY, 8, 5)),  # the rest of it tomorrow
        (QUARTER, at(FRIDAY, 23), at(MONDAY, 8, 15)),
        (QUARTER, at(WEDNESDAY, 17, 45), at(WEDNESDAY, 18)),  # up to the last minute
        (ResponseClock(minutes=25 * 60), at(WEDNESDAY, 12), at(FRIDAY, 17)),  # six hours, ten, nine
        (DAY, at(WEDNESDAY, 12), at(THURSDAY, 12)),
        (DAY, at(FRIDAY, 12), at(MONDAY, 12)),
        (DAY, at(WEDNESDAY, 23), at(FRIDAY, 8)),  # it begins on Thursday at eight
        (QUARTER._replace(working=False), at(FRIDAY, 23), at(FRIDAY, 23, 15)),
        (DAY._replace(working=False), at(FRIDAY, 12), at(FRIDAY, 12) + 86_400_000),
    ],
)
def test_when_a_clock_runs_out(clock: ResponseClock, since: int, due: int) -> None:
    assert clock.due(since, CALLER) == due


def test_where_no_person_is_reached_there_is_no_working_time() -> None:
    assert QUARTER.due(at(FRIDAY, 23), None) == at(FRIDAY, 23, 15)


def test_of_somebody_whose_last_working_day_this_is_it_runs_out_today_or_never() -> None:
    closed = CALLER._replace(days_off=frozenset(THURSDAY + timedelta(days=ahead) for ahead in range(900)))
    assert QUARTER.due(at(WEDNESDAY, 17, 45), closed) == at(WEDNESDAY, 18)
    assert QUARTER.due(at(WEDNESDAY, 17, 46), closed) is None
    assert DAY.due(at(WEDNESDAY, 12), closed) is None


def test_of_somebody_who_never_works_again_it_never_runs_out() -> None:
    closed = CALLER._replace(days_off=frozenset(WEDNESDAY + timedelta(days=ahead) for ahead in range(900)))
    assert QUARTER.due(at(WEDNESDAY, 12), closed) is None
    assert DAY.due(at(WEDNESDAY, 12), closed) is None
    assert lateness(QUARTER, Response(at(WEDNESDAY, 12)), closed, TEAM) == ()


ALERTED = at(WEDNESDAY, 12)
LATE = (
    Lateness("claim", "manager", "Kim Yu", ALERTED + 15 * MINUTE, ALERTED),
    Lateness("claim", "backup", "Bo Lind", ALERTED + 30 * MINUTE, ALERTED),
)


@pytest.mark.parametrize(
    ("was", "told"),
    [
        (Response(ALERTED), LATE),  # two, however long it waits
        (
            Response(ALERTED, claimed_at=ALERTED + MINUTE),
            (
                Lateness("touch", "manager", "Kim Yu", ALERTED + 16 * MINUTE, ALERTED + MINUTE),
                Lateness("touch", "backup", "Bo Lind", ALERTED + 31 * MINUTE, ALERTED + MINUTE),
            ),
        ),
        (Response(ALERTED, claimed_at=ALERTED + MINUTE, touched_at=ALERTED + 2 * MINUTE), ()),
        (Response(ALERTED, closed_at=ALERTED + MINUTE), ()),
        (Response(ALERTED, touched_at=ALERTED + MINUTE), ()),  # in touch without a claim is a response
    ],
)
def test_the_manager_is_told_then_the_backup(was: Response, told: tuple[Lateness, ...]) -> None:
    assert lateness(QUARTER, was, CALLER, TEAM) == told


def test_who_has_left_is_told_in_the_person_of_the_successor_and_nobody_is_said_to_be_nobody() -> None:
    gone = KIM._replace(leaves=date(2026, 12, 1), successor="Bo Lind")
    team = Team({**TEAM.members, "kim yu": gone})
    assert told(CALLER, team) == [("manager", "Bo Lind")], "who is the backup, too, and is not told twice"
    alone = CALLER._replace(manager=None, backup=None)
    assert told(alone, TEAM) == [("fallback", None)]
    assert told(None, TEAM) == [("fallback", None)]


@pytest.mark.parametrize(
    ("manager", "backup", "expected"),
    [
        ("Nobody Known", "Bo Lind", [("backup", "Bo Lind")]),
        (None, "Bo Lind", [("backup", "Bo Lind")]),
        ("Kim Yu", "Nobody Known", [("manager", "Kim Yu")]),
        ("Kim Yu", "Kim Yu", [("manager", "Kim Yu")]),
        ("Ann Roe", "Bo Lind", [("backup", "Bo Lind")]),  # nobody is their own manager
        ("Nobody Known", "Nobody Known", [("fallback", None)]),
    ],
)
def test_who_cannot_be_reached_is_passed_over(
    manager: str | None, backup: str | None, expected: list[tuple[str, str | None]]
) -> None:
    assert told(CALLER._replace(manager=manager, backup=backup), TEAM) == expected


def test_who_is_away_is_passed_over() -> None:
    away = (Absence(WEDNESDAY, WEDNESDAY),)
    team = Team({**TEAM.members, "kim yu": KIM._replace(away=away)})
    assert told(CALLER, team) == [("backup", "Bo Lind")]
    team = Team({**team.members, "bo lind": BO._replace(away=away)})
    assert told(CALLER, team) == [("fallback", None)]


def test_there_is_no_second_time_where_the_person_never_works_so_much_again() -> None:
    leaves_soon = CALLER._replace(away=(Absence(THURSDAY, date(2030, 1, 1)),))
    assert [one.to for one in lateness(ResponseClock(minutes=240), Response(ALERTED), leaves_soon, TEAM)] == ["manager"]


def told(member: TeamMember | None, team: Team) -> list[tuple[str, str | None]]:
    return [(one.to, one.name) for one in lateness(QUARTER, Response(ALERTED), member, team)]


def test_what_is_sent_at_any_hour_is_timed_at_any_hour() -> None:
    route: Route = to("direct", clock=QUARTER)
    assert route.clock_of("entered_hot") == QUARTER
    assert route.clock_of("hand_raise") == QUARTER._replace(working=False)
    assert to("direct").clock_of("hand_raise") is None
    assert route.clock_of("cooled") is None, "nobody is to call"


CLOCKS = st.integers(1, 3_000).map(lambda minutes: ResponseClock(minutes=minutes)) | st.integers(1, 5).map(
    lambda days: ResponseClock(days=days)
)
MEMBERS = st.sampled_from([CALLER, BO._replace(manager="Kim Yu", backup="Ann Roe"), CALLER._replace(hours=())])


@given(CLOCKS, MEMBERS, st.integers(0, 4_000))
def test_each_comes_in_turn_and_in_working_time(clock: ResponseClock, member: TeamMember, hours: int) -> None:
    was = Response(ALERTED + hours * 3_600_000)
    manager, backup = lateness(clock, was, member, TEAM)
    assert (manager.to, backup.to) == ("manager", "backup")
    assert was.alerted_at < manager.due < backup.due
    for one in (manager, backup):
        assert next_working_instant(member, one.due - 1) in {one.due - 1, one.due}, "not while nobody works"
