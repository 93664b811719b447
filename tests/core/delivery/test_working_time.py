"""When people work: zones, clocks that are changed, holidays, absences, last days."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.team import (
    Absence,
    Team,
    WorkingSpan,
    folded,
    instant_of,
    local_time,
    next_working_instant,
)
from tests.core.delivery.scene import ANN, BERLIN, BO, WEDNESDAY, at


def test_a_working_hour_is_now_and_its_end_is_not() -> None:
    assert next_working_instant(ANN, at(WEDNESDAY, 8)) == at(WEDNESDAY, 8)
    assert next_working_instant(ANN, at(WEDNESDAY, 17, 59)) == at(WEDNESDAY, 17, 59)
    assert next_working_instant(ANN, at(WEDNESDAY, 18)) == at(date(2026, 12, 3), 8)
    assert next_working_instant(ANN, at(WEDNESDAY, 7, 59)) == at(WEDNESDAY, 8)


def test_weekends_holidays_and_absences_are_passed_over() -> None:
    friday_evening = at(date(2026, 12, 4), 19)
    assert next_working_instant(ANN, friday_evening) == at(date(2026, 12, 7), 8)
    off = ANN._replace(days_off=frozenset({date(2026, 12, 7)}), away=(Absence(date(2026, 12, 8), date(2026, 12, 9)),))
    assert next_working_instant(off, friday_evening) == at(date(2026, 12, 10), 8)


def test_who_names_no_hours_always_works_but_on_days_off() -> None:
    always = ANN._replace(hours=())
    assert next_working_instant(always, at(date(2026, 12, 6), 3)) == at(date(2026, 12, 6), 3)
    off = always._replace(days_off=frozenset({date(2026, 12, 6)}))
    assert next_working_instant(off, at(date(2026, 12, 6), 3)) == at(date(2026, 12, 7), 0)


def test_two_spans_of_a_day_leave_the_hour_between_them() -> None:
    split = ANN._replace(hours=(WorkingSpan(2, 14 * 60, 24 * 60), WorkingSpan(2, 8 * 60, 12 * 60)))
    assert next_working_instant(split, at(WEDNESDAY, 12, 30)) == at(WEDNESDAY, 14)
    assert next_working_instant(split, at(WEDNESDAY, 23, 59)) == at(WEDNESDAY, 23, 59)
    assert next_working_instant(split, at(date(2026, 12, 3), 0)) == at(date(2026, 12, 9), 8)


def test_clocks_that_are_changed_move_the_hour_with_them() -> None:
    before, after = date(2026, 3, 27), date(2026, 3, 30)
    assert (instant_of(after, 8 * 60, BERLIN) - instant_of(before, 8 * 60, BERLIN)) == (3 * 24 - 1) * 3_600_000
    assert instant_of(date(2026, 12, 31), 24 * 60, BERLIN) == at(date(2027, 1, 1), 0)


def test_where_nobody_ever_works_again_there_is_no_instant() -> None:
    gone = ANN._replace(away=(Absence(WEDNESDAY, date(2030, 1, 1)),))
    assert next_working_instant(gone, at(WEDNESDAY, 9)) is None


def test_the_last_day_is_worked_where_the_person_is() -> None:
    leaving = BO._replace(leaves=WEDNESDAY)
    assert not leaving.has_left(at(WEDNESDAY, 23, 59, BO.zone))
    assert leaving.has_left(at(date(2026, 12, 3), 0, 0, BO.zone))
    assert not BO.has_left(at(date(2030, 1, 1), 0))


def test_names_are_compared_without_case_and_blanks_and_addresses_are_names_too() -> None:
    team = Team({folded(one.name): one for one in (ANN, BO)})
    assert team.named(" ann  ROE ") is ANN
    assert team.named("BO@example.com") is BO
    assert team.named("Cy Hall") is None


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"])
@given(now=st.integers(1_600_000_000_000, 2_000_000_000_000))
def test_the_next_working_instant_is_a_working_one_and_none_lies_between(zone: str, now: int) -> None:
    member = ANN._replace(zone=ZoneInfo(zone))
    found = next_working_instant(member, now)
    assert found is not None
    assert found >= now
    assert next_working_instant(member, found) == found
    local = local_time(found, member.zone)
    assert local.weekday() < 5
    assert 8 <= local.hour < 18
    if found > now:
        assert (local.hour, local.minute, local.second) == (8, 0, 0)
        assert not 8 <= local_time(now, member.zone).hour < 18 or local_time(now, member.zone).weekday() >= 5
        assert found - now < 4 * 86_400_000
