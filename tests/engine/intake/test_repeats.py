"""How many events have the id of another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.repeats import Repeats


def event(account: str = "a.com", kind: str = "intent", event_id: str = "1", at: int = 0) -> EventLine:
    return EventLine(account, kind, event_id, at, b"{}", history=False)


@pytest.mark.parametrize(
    ("other", "count"),
    [
        (event(), 1),
        (event(at=7), 1),
        (event(account="b.com"), 0),
        (event(kind="hiring"), 0),
        (event(event_id="2"), 0),
    ],
    ids=["the same", "the same at another time", "another account", "another kind", "another id"],
)
def test_two_events_are_one_by_account_kind_and_id(other, count):
    repeats = Repeats()
    repeats.add(event())
    repeats.add(other)
    assert repeats.count() == count


@given(st.lists(st.integers(0, 30)), st.integers(1, 10), st.integers(0, 5))
def test_however_many_passes_it_takes_the_count_is_that_of_a_set(ids, at_once, forgotten):
    repeats = Repeats(at_once)
    for one in ids:
        repeats.add(event(event_id=str(one)))
    kept = max(0, len(repeats) - forgotten)
    repeats.back_to(kept)
    assert repeats.count() == kept - len(set(ids[:kept]))
