"""Sources and titles as they are counted by partition: bounded, joined in any order, read back as written."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.storage import activity
from signal_engine.wire.storage.activity import MAX_SOURCES, MAX_TITLES, TITLE_VIEWS, Activity, SourceActivity
from tests.build import DAY, T0

_NONE = SourceActivity()
_INSTANTS = st.lists(st.integers(T0, T0 + 900 * DAY), min_size=1, max_size=40)


def _of(instants: Any) -> SourceActivity:
    source = _NONE
    for at in instants:
        source = source.seen(at)
    return source


@given(_INSTANTS, _INSTANTS)
def test_partitions_joined_are_one_source_whatever_came_first(one: list[int], other: list[int]) -> None:
    both = _of(sorted([*one, *other]))
    assert _of(one).joined(_of(other)) == _of(other).joined(_of(one)) == both
    last = max(*one, *other)
    assert (both.events, both.last) == (len(one) + len(other), last)
    assert both.days.bit_count() == len({at // DAY for at in [*one, *other] if last // DAY - at // DAY < 400})


def test_a_source_that_stopped_is_silent_by_its_gaps_of_the_last_four_hundred_days() -> None:
    daily = _of(T0 + number * DAY for number in range(1_000))
    assert not daily.is_silent(T0 + 1_006 * DAY)
    assert daily.is_silent(T0 + 1_006.1 * DAY)  # type: ignore[arg-type]
    assert daily.days.bit_length() == 400


_COUNTS = st.dictionaries(st.text(max_size=5), st.integers(1, 9), max_size=20)


@given(st.lists(st.tuples(_COUNTS, _COUNTS), max_size=6))
def test_what_is_counted_in_batches_is_read_back_with_only_changed_views_written(batches: Any) -> None:
    stored: dict[int, bytes] = {}
    counted, kept = None, Activity()
    for titles, sources in batches:
        before, its = kept, {name: SourceActivity(many, T0, 1) for name, many in sources.items()}
        kept = kept.after(sum(sources.values()), sum(titles.values()), its, titles)
        changed = dict(kept.changed_titles(before))
        assert all(kept.titles[number] != before.titles[number] for number in changed)
        stored |= changed
        counted = kept.encode()
    read = activity.decode(counted, [stored.get(number) for number in range(TITLE_VIEWS)])
    assert read == kept
    for title in {title for titles, _ in batches for title in titles}:
        many = sum(titles.get(title, 0) for titles, _ in batches)
        assert sum(view.get(title, 0) for view in read.titles) == many


def test_of_ever_new_titles_and_sources_the_first_are_kept_and_the_others_counted_together() -> None:
    kept, many = Activity(), 4 * TITLE_VIEWS * MAX_TITLES
    for number in range(many):
        kept = kept.after(1, 1, {f"source {number}": _NONE.seen(T0)}, {f"title {number}": 1})
    assert len(kept.sources) == MAX_SOURCES
    assert kept.more_sources == many - MAX_SOURCES
    assert [len(view) for view in kept.titles] == [MAX_TITLES] * TITLE_VIEWS
    assert kept.more_titles == many - TITLE_VIEWS * MAX_TITLES
    assert len(kept.encode()) + sum(len(view) for _, view in kept.changed_titles(Activity())) < 64 * 1024
    assert kept.after(1, 1, {"source 0": _NONE.seen(T0 + 1)}, {"title 0": 1}).more_titles == kept.more_titles
