"""What has changed on a person's list, when their digest is due, and whether it may be sent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.digest import SentBefore, due_instant, may_send, moves, places
from signal_engine.core.delivery.routes import DigestTime
from signal_engine.core.delivery.team import Absence
from tests.core.delivery.scene import ANN, BO, DAILY, MONDAYS, WEDNESDAY, at

HOURS = 3_600_000
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)
"""Days on which clocks change in Berlin, at 2:00 and 3:00."""
LISTS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@pytest.mark.parametrize(
    ("before", "now", "entered", "left", "up", "down"),
    [
        ("abc", "abc", "", "", "", ""),
        ("abc", "cab", "", "", "c", "ab"),
        ("abc", "bc", "", "a", "", ""),
        ("abc", "xabc", "x", "", "", ""),
        ("", "ab", "ab", "", "", ""),
        ("ab", "", "", "ab", "", ""),
    ],
)
def test_only_who_moved_among_those_that_stayed_is_up_or_down(
    before: str, now: str, entered: str, left: str, up: str, down: str
) -> None:
    found = moves(before, now)
    assert found == (tuple(entered), tuple(left), tuple(up), tuple(down))
    assert found.any == (before != now)


@given(before=LISTS, now=LISTS)
def test_every_account_has_one_move_at_most_and_ups_have_their_downs(before: list[str], now: list[str]) -> None:
    found = moves(before, now)
    every = [*found.entered, *found.left, *found.up, *found.down]
    assert len(every) == len(set(every))
    assert set(found.entered) == set(now) - set(before)
    assert set(found.left) == set(before) - set(now)
    assert bool(found.up) == bool(found.down)


def test_places_count_from_one() -> None:
    assert places("ab") == {"a": 1, "b": 2}


def test_a_daily_digest_is_due_at_its_time_in_the_persons_zone_and_for_six_hours() -> None:
    due = at(WEDNESDAY, 8, 30)
    assert due_instant(DAILY, ANN, due - 1) is None
    assert due_instant(DAILY, ANN, due) == due
    assert due_instant(DAILY, ANN, due + 6 * HOURS - 1) == due
    assert due_instant(DAILY, ANN, due + 6 * HOURS) is None
    assert due_instant(DAILY, BO, due) is None
    assert due_instant(DAILY, BO, at(WEDNESDAY, 8, 30, BO.zone)) == at(WEDNESDAY, 8, 30, BO.zone)


def test_one_of_late_in_the_evening_is_due_until_after_midnight() -> None:
    late, due = DigestTime(23 * 60 + 30, None), at(WEDNESDAY, 23, 30)
    assert due_instant(late, ANN, due - 1) is None
    assert due_instant(late, ANN, due + HOURS) == due
    assert due_instant(late, ANN, due + 6 * HOURS - 1) == due
    assert due_instant(late, ANN, due + 6 * HOURS) is None
    friday = at(date(2026, 12, 4), 23, 30)
    assert due_instant(late, ANN, friday + HOURS) == friday, "the day counts on which it was due"
    assert due_instant(late, ANN, at(date(2026, 12, 7), 0, 30)) is None, "Sunday is no working day"
    assert due_instant(late._replace(weekday=2), ANN, due + HOURS) == due
    assert due_instant(late, ANN._replace(leaves=WEDNESDAY), due + HOURS) is None


@pytest.mark.parametrize(
    ("night", "minute"),
    [(SPRING, 2 * 60 + 30), (AUTUMN, 2 * 60 + 30), (SPRING, 0), (AUTUMN, 23 * 60 + 59)],
)
def test_when_clocks_change_there_is_one_a_day(night: date, minute: int) -> None:
    """Of a time that clocks leave out or show twice, too."""
    everyday = ANN._replace(hours=())
    first = at(night - timedelta(days=2), 12)
    found = [due_instant(DigestTime(minute, None), everyday, now) for now in range(first, first + 96 * HOURS, 600_000)]
    assert len({one for one in found if one is not None}) == 4


def test_a_weekly_one_on_its_day_alone() -> None:
    monday = at(date(2026, 11, 30), 8)
    assert due_instant(MONDAYS, ANN, monday + HOURS) == monday
    assert due_instant(MONDAYS, ANN, at(WEDNESDAY, 9)) is None
    assert due_instant(DigestTime(8 * 60, 2), ANN, at(WEDNESDAY, 9)) == at(WEDNESDAY, 8)


def test_nobody_gets_one_on_a_day_off_or_after_the_last_day() -> None:
    saturday = date(2026, 12, 5)
    assert due_instant(DAILY, ANN, at(saturday, 9)) is None
    away = ANN._replace(away=(Absence(WEDNESDAY, WEDNESDAY),))
    assert due_instant(DAILY, away, at(WEDNESDAY, 9)) is None
    assert due_instant(MONDAYS._replace(weekday=2), away, at(WEDNESDAY, 9)) is not None
    left = ANN._replace(leaves=WEDNESDAY - timedelta(days=1))
    assert due_instant(DAILY, left, at(WEDNESDAY, 9)) is None


@pytest.mark.parametrize(
    ("state", "due", "now", "idempotent", "step"),
    [
        ("sent", 100, 200, False, "skip"),
        ("failed", 100, 200, True, "skip"),
        ("uncertain", 100, 200, True, "skip"),
        ("retry", 100, 200, False, "send"),
        ("sending", 100, 119_999, True, "skip"),
        ("sending", 100, 120_000, True, "send"),
        ("sending", 100, 120_000, False, "uncertain"),
        ("sent", 99, 200, False, "send"),
        ("sending", 99, 200, False, "send"),
        ("retry", 101, 200, False, "skip"),
    ],
)
def test_a_digest_is_sent_once(state: str, due: int, now: int, idempotent: bool, step: str) -> None:
    kept = SentBefore(due, state, 0, None, ())  # type: ignore[arg-type]
    assert may_send(kept, 100, now, idempotent=idempotent, since=10**6) == step


@pytest.mark.parametrize("idempotent", [True, False])
def test_the_first_one_is_sent_unless_what_was_sent_by_then_may_have_been_lost(idempotent: bool) -> None:
    assert may_send(None, 100, 200, idempotent=idempotent, since=100) == "send"
    assert may_send(None, 100, 200, idempotent=idempotent, since=101) == "uncertain"
