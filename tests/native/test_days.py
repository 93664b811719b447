"""The scores with which an account ended its days are those of its signals, whatever else comes between, in whatever
order, and whoever judges.
"""

from collections.abc import Sequence
from typing import Any, Final

from hypothesis import example, given
from hypothesis import strategies as st

from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.history_records import day_and_score
from signal_engine.wire.storage import state
from tests.build import DAY, HOUR, T0
from tests.engine.stand import Rec
from tests.native.test_alerts import left_to_python
from tests.native.test_judging import SHIPPED, Side

NAME: Final = "acme.com"
arrivals = st.tuples(st.integers(0, 4 * 24).map(lambda hours: T0 + hours * HOUR), st.booleans(), st.booleans())
"""When it arrives, whether it counts for something, whether it is Python's in any case."""


def days(events: Sequence[tuple[int, bool, bool]], native_module: Any = None) -> dict[int, float]:
    """The score with which each day ended, the last day's from the state, which is where everybody has it from."""
    context = ScoringContext(SHIPPED)
    judge = None if native_module is None else NativeJudge(native_module, context)
    batch, side = [], Side(context, judge, {}, {})
    for number, (now, counts, is_pythons) in enumerate(events):
        fields = {"topic": f"topic {number}", "score": 85 if counts else 5}
        event = Event(NAME, "intent", f"id {number}", now, 1.0, fields)
        batch.append(TriagedEvent(Rec(number, now, b""), left_to_python(event) if is_pythons else event, now))
    found = dict[int, float]()
    for day, scores in side.step(batch, {NAME: None}, forgets=False).build(0, 0, ()).history.scores.items():
        found[day] = scores[NAME]
    if (stored := side.states.get(NAME)) is not None:
        day, found[day] = day_and_score(state.decode(stored), SHIPPED)
    return found


AN_EARLIER_DAY: Final = [
    (T0, True, False),
    (T0 + 2 * DAY, False, False),
    (T0 + DAY, True, False),
    (T0 + 2 * DAY, True, False),
]
THE_SAME_DAY: Final = [(T0, True, False), (T0 + DAY, False, False), (T0 + HOUR, True, False), (T0 + DAY, True, False)]


@given(st.lists(arrivals, max_size=8))
@example(AN_EARLIER_DAY)
@example(THE_SAME_DAY)
def test_what_counts_for_nothing_changes_no_day(events: list[tuple[int, bool, bool]]) -> None:
    assert days(events) == days([one for one in events if one[1]])


@given(st.lists(arrivals, max_size=8))
@example(AN_EARLIER_DAY)
@example(THE_SAME_DAY)
@example([*THE_SAME_DAY[:2], (T0 + HOUR, True, True), (T0 + DAY, True, True)])
def test_nor_whoever_judges(native_module: Any, events: list[tuple[int, bool, bool]]) -> None:
    assert days(events, native_module) == days([one for one in events if one[1]])
