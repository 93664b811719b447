"""A receiver that fails is let rest, and the failures of one volley count as one."""

from signal_engine.core.rules.instants import MINUTE, SECOND
from signal_engine.engine.notify.pace import Pace


def _fails(pace: Pace, now: int, times: int) -> list[bool]:
    return [pace.failed(now, None) for _ in range(times)]


def test_it_rests_from_the_third_failure_in_a_row_on() -> None:
    pace = Pace(4)
    assert _fails(pace, 0, 2) == [False, False]
    pace.answered()
    assert _fails(pace, 0, 3) == [False, False, True]
    assert pace.until == SECOND


def test_failures_of_requests_that_were_under_way_when_the_rest_began_do_not_prolong_it() -> None:
    pace = Pace(4)
    assert _fails(pace, 0, 20)[2:] == [True] * 18
    assert pace.until == SECOND


def test_each_failure_after_a_rest_doubles_it_up_to_a_minute() -> None:
    pace = Pace(4)
    _fails(pace, 0, 3)
    rests = []
    for _ in range(8):
        now = pace.until
        assert _fails(pace, now, 4) == [True] * 4
        rests.append(pace.until - now)
    assert rests == [2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND, 32 * SECOND, MINUTE, MINUTE, MINUTE]


def test_a_receiver_that_asks_for_a_long_rest_or_for_one_after_the_other_is_failing() -> None:
    pace = Pace(4)
    assert pace.failed(0, MINUTE) is False
    assert pace.failed(MINUTE, MINUTE) is False
    assert pace.failed(2 * MINUTE, MINUTE) is True
    pace.answered()
    assert pace.failed(3 * MINUTE, MINUTE) is False
    assert Pace(4).failed(0, MINUTE + 1) is True


def test_a_receiver_that_asks_for_no_rest_at_all_is_let_rest_all_the_same() -> None:
    pace = Pace(4)
    assert [pace.failed(0, 0) for _ in range(3)] == [False, False, True]
    assert pace.until == SECOND


def test_a_receiver_that_says_how_long_to_rest_is_not_failing() -> None:
    pace = Pace(4)
    assert pace.failed(0, 5 * SECOND) is False
    assert pace.until == 5 * SECOND
    assert _fails(pace, 0, 4) == [False] * 4
