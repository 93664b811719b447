"""Small pieces of work are gathered only beyond a share of a core, and for a limited time."""

import pytest

from signal_engine.engine.ingest.busy_share import BusyShare


class Busy:
    """A share whose CPU is told."""

    def __init__(self, share: float, most_s: float) -> None:
        self.cpu = 0.0
        self._at = 100.0
        self._share = BusyShare(share, most_s, lambda: self.cpu)
        self.first = self._share.noted(self._at)

    def after(self, seconds: float, busy: float) -> float:
        """What is to be waited for after so many seconds, for so many of which the process was busy."""
        self._at += seconds
        self.cpu += busy
        return self._share.noted(self._at)


def test_the_first_piece_makes_nothing_wait() -> None:
    assert Busy(0.25, 0.02).first == 0


def test_while_the_process_is_mostly_idle_nothing_is_gathered() -> None:
    busy = Busy(0.25, 0.02)
    assert [busy.after(0.02, 0.004) for _ in range(50)] == [0] * 50


def test_what_is_beyond_the_share_is_waited_for_until_it_is_the_share_again() -> None:
    busy = Busy(0.25, 0.1)
    assert busy.after(0.004, 0.004) == pytest.approx(0.012)  # 4 ms of 16 are a quarter
    assert busy.after(0.012, 0) == 0


def test_steady_work_takes_its_share_and_no_more() -> None:
    busy, waited, spent = Busy(0.25, 0.1), 0.0, 0.0
    for _ in range(100):
        spent += 0.004 + waited
        waited = busy.after(0.004 + waited, 0.004)
    assert busy.cpu / spent == pytest.approx(0.25, rel=0.02)


def test_nobody_waits_longer_than_the_longest_time_however_much_was_done_before() -> None:
    busy = Busy(0.25, 0.02)
    assert [busy.after(1.0, 1.9) for _ in range(5)] == [pytest.approx(0.02)] * 5  # two threads
    assert busy.after(0.02, 0) == 0


def test_idle_time_is_not_saved_up_for_later() -> None:
    busy = Busy(0.25, 0.1)
    assert busy.after(3600.0, 0) == 0
    assert busy.after(0.004, 0.004) == pytest.approx(0.012)


def test_a_wait_that_is_not_worth_its_timer_is_none() -> None:
    busy = Busy(0.25, 0.1)
    assert busy.after(0.001, 0.0004) == 0  # 0.6 ms
    assert busy.after(0.001, 0.0004) == pytest.approx(0.0012)  # it is not forgotten
