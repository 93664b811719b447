"""When a topic-partition is paused: more than half of its last 1,000 records refused, or of all once there are 200."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.dead_letters.circuit_breaker import MIN_RECORDS, WINDOW_RECORDS, CircuitBreaker, Tripped

BAD, GOOD = "schema", None


@pytest.mark.parametrize(
    ("read", "after"),
    [
        ([BAD] * 199, None),  # too few to tell
        ([BAD] * 200, 200),
        ([BAD] * 500, 200),  # the rest is not read
        ([BAD] * 101 + [GOOD] * 99, 200),  # a good one may be the 200th
        ([BAD] * 100 + [GOOD] * 100, None),  # half is not more than half
        ([BAD] * 100 + [GOOD] * 100 + [BAD], 201),
        ([GOOD] * 1000 + [BAD] * 500, None),
        ([GOOD] * 1000 + [BAD] * 501, 1501),
        ([GOOD] * 5000 + [BAD] * 600, 5501),  # only the last thousand count
        ([BAD] * 100 + [GOOD] * 900 + [BAD] * 501, 1501),  # what falls out is made up for
        ([GOOD, BAD] * 3000, None),
        ([GOOD] * 3000, None),
        ([], None),
    ],
)
def test_the_limit_is_passed_with_exactly_one_record(read: list[str | None], after: int | None) -> None:
    _, tripped = CircuitBreaker().after(read)
    assert (tripped and tripped.after) == after


def test_it_is_told_how_many_were_refused_and_why() -> None:
    read = ["schema"] * 60 + ["not_json"] * 80 + [GOOD] * 60
    _, tripped = CircuitBreaker().after(read)
    assert tripped == Tripped(200, 140, 200, {"not_json": 80, "schema": 60})


@given(st.lists(st.lists(st.sampled_from([BAD, GOOD, "account"]), max_size=400), max_size=12))
def test_how_records_are_fetched_together_changes_nothing(batches: list[list[str | None]]) -> None:
    outcomes, seen = CircuitBreaker(), 0
    for batch in batches:
        outcomes, tripped = outcomes.after(batch)
        whole = [one for some in batches for one in some][: seen + (tripped.after if tripped else len(batch))]
        assert outcomes.last == tuple(whole[-WINDOW_RECORDS:])
        passed = [n for n in range(seen + 1, len(whole) + 1) if _passed(whole[:n][-WINDOW_RECORDS:])]
        assert passed == ([seen + tripped.after] if tripped else [])
        if tripped:
            return
        seen += len(batch)


def _passed(last: list[str | None]) -> bool:
    return len(last) >= MIN_RECORDS and 2 * sum(one is not None for one in last) > len(last)
