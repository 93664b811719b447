"""The one loop of a partition: in the order of time, each record once, and nobody waits who need not."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.engine.partition import batch_size, consumer_loop, evaluate_batch
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.transaction import Transaction
from tests.build import SECOND, T0
from tests.engine.partition.reads import Reads, records
from tests.engine.stand import HIRING, INTENT, TOPICS, Rec, event_bytes, fetch, until

MINUTE = 60 * SECOND
ORIGIN = {"topic": INTENT.encode(), "partition": b"1", "offset": b"7", "timestamp": str(T0).encode()}
COPY = [(f"origin.{name}", value) for name, value in ORIGIN.items()]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_loop, "_RECHECK_S", 0.01)


async def test_topics_are_read_together_and_one_is_cut_where_it_gets_ahead_of_another() -> None:
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0, T0 + 50 * SECOND, T0 + 2 * MINUTE, T0 + 6 * MINUTE)))
        reads.reader.receive(fetch(*records(T0, T0 + 4 * MINUTE), topic=HIRING))
        await reads.all_read(6)
    assert reads.noted.steps == [
        [(INTENT, 0, 3), (HIRING, 0, 2)],  # what comes next of hiring is not before 4 minutes
        [(INTENT, 3, 4)],
    ]
    assert reads.stand.reading.made_room == [(INTENT, 0, 3), (HIRING, 0, 2), (INTENT, 0, 4)]


async def test_what_is_read_together_is_judged_in_order_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    judged, whole = [], evaluate_batch.advance

    def notes(account, event, now, *rest):
        judged.append((event.kind, now))
        return whole(account, event, now, *rest)

    monkeypatch.setattr(evaluate_batch, "advance", notes)
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0 + 2, T0 + 2, T0 + 5)))
        hiring = [Rec(n, T0 + t, event_bytes("hiring", T0, event_id=f"{n}")) for n, t in enumerate((0, 2, 3))]
        reads.reader.receive(fetch(*hiring, topic=HIRING))
        await reads.all_read(6)
    assert len(reads.noted.steps) == 1
    assert [(kind, now - T0) for kind, now in judged] == [
        ("hiring", 0), ("hiring", 2), ("intent", 2), ("intent", 2), ("hiring", 3), ("intent", 5),
    ]  # fmt: skip


async def test_one_that_may_have_more_holds_up_the_others_until_it_is_here_or_at_its_end() -> None:
    reads = Reads()
    reads.behind.add(HIRING)
    async with reads.running():
        reads.reader.receive(fetch(*records(T0)))
        with pytest.raises(AssertionError):
            await until(lambda: bool(reads.noted.read), 0.1)
        reads.reader.receive(fetch(*records(T0 - 10 * MINUTE), topic=HIRING))
        await until(lambda: reads.noted.read == [(HIRING, 0, 1)])
        reads.behind.clear()
        await reads.all_read(2)


async def test_what_has_been_read_within_a_minute_holds_up_nobody() -> None:
    reads = Reads()
    async with reads.running():
        reads.reader.receive(fetch(*records(T0), topic=HIRING))
        await reads.all_read(1)
        reads.behind.add(HIRING)
        reads.reader.receive(fetch(*records(T0 + MINUTE)))
        await reads.all_read(2)


async def test_an_event_is_applied_at_once_while_the_other_topics_are_at_their_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_loop, "_RECHECK_S", 60.0)
    async with Reads().running() as reads, asyncio.timeout(30):
        for n in range(3):
            reads.reader.receive(fetch(*records(T0 + n * 10 * MINUTE, start=n)))
            await reads.all_read(n + 1)


async def test_while_the_worker_is_idle_each_event_is_applied_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_loop, "_MOST_APART_S", 60.0)
    async with Reads().running() as reads, asyncio.timeout(30):
        for n in range(20):
            reads.reader.receive(fetch(*records(T0, start=n)))
            await reads.all_read(n + 1)
    assert len(reads.noted.steps) == 20


async def test_while_it_is_busy_steps_with_little_in_them_are_some_time_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_loop, "_MOST_APART_S", 0.05)
    time, reads = asyncio.get_running_loop().time, Reads()
    reads.cpu_per_step = 1000.0
    async with reads.running():
        began = time()
        for n in range(5):
            reads.reader.receive(fetch(*records(T0, start=n)))
            await reads.all_read(n + 1)
        assert time() - began >= 3 * 0.05  # how busy it is, is known from the second on
    assert len(reads.noted.steps) == 5


async def test_a_busy_one_takes_what_came_meanwhile_and_much_is_not_kept_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_loop, "_MOST_APART_S", 60.0)
    monkeypatch.setattr(consumer_loop, "_ENOUGH_RECORDS", 3)
    reads = Reads()
    reads.cpu_per_step = 1000.0
    async with reads.running(), asyncio.timeout(30):
        for n in range(2):
            reads.reader.receive(fetch(*records(T0, start=n)))
            await reads.all_read(n + 1)
        reads.reader.receive(fetch(*records(T0, start=2)))
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(reads.noted.steps) == 2
        reads.reader.receive(fetch(*records(T0, T0), topic=HIRING))
        await reads.all_read(5)
    assert reads.noted.steps[2:] == [[(INTENT, 2, 3), (HIRING, 0, 2)]]


async def test_a_copy_is_read_where_it_lies_and_not_where_it_came_from() -> None:
    async with Reads().running() as reads:
        late = records(T0 + 9 * MINUTE)
        late[0].headers = COPY
        reads.reader.receive(fetch(*late))
        reads.reader.receive(fetch(*records(T0 + MINUTE, T0 + 5 * MINUTE), topic=HIRING))
        await reads.all_read(3)
    assert reads.noted.read == [(HIRING, 0, 2), (INTENT, 0, 1)]


async def test_a_copy_among_producers_times_counts_as_come_with_the_one_before() -> None:
    async with Reads().running() as reads:
        mixed = records(T0, T0 + 10**8, T0 + SECOND, type_=0)
        mixed[1].headers = COPY
        reads.reader.receive(fetch(*mixed))
        reads.reader.receive(fetch(*records(T0 + 5 * MINUTE, type_=0), topic=HIRING))
        await reads.all_read(4)
    assert reads.noted.read == [(INTENT, 0, 3), (HIRING, 0, 1)]


async def test_a_step_has_only_so_many_records(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "_FIRST_RECORDS", 2)
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0, T0, T0, T0, T0)))
        await reads.all_read(5)
    assert [end - start for _, start, end in reads.noted.read] == [2, 2, 1]


async def test_topics_that_are_read_together_share_the_records_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size, "_FIRST_RECORDS", 3)
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0, T0, T0, T0)))
        reads.reader.receive(fetch(*records(T0, T0), topic=HIRING))
        await reads.all_read(6)
    assert reads.noted.steps == [
        [(INTENT, 0, 2), (HIRING, 0, 1)],
        [(INTENT, 2, 4), (HIRING, 1, 2)],
    ]


async def test_gaps_and_fetches_without_records_are_passed_over() -> None:
    async with Reads().running() as reads:
        reads.reader.receive(Fetched(INTENT, 0, 0, 5, []))
        reads.reader.receive(Fetched(INTENT, 0, 5, 20, [records(T0, start=8)[0], *records(T0 + 9 * MINUTE, start=14)]))
        reads.reader.receive(fetch(*records(T0), topic=HIRING))
        await until(lambda: len(reads.noted.read) == 4)
    assert reads.noted.read == [(INTENT, 0, 5), (INTENT, 5, 9), (HIRING, 0, 1), (INTENT, 9, 20)]


async def test_after_a_step_of_somebody_else_everything_is_read_again_and_what_was_here_is_dropped() -> None:
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0)))
        await reads.all_read(1)
        counter = (await reads.stand.memory.positions(0)).counter
        await reads.stand.memory.apply(Transaction(partition=0, counter=counter, counts={"of somebody else": 1}))
        reads.reader.receive(fetch(*records(T0 + SECOND, start=1)))
        reads.reader.receive(fetch(*records(T0 + 2 * SECOND, start=2)))
        await until(lambda: bool(reads.stand.reading.repositioned))
        assert {p.topic for p in reads.stand.reading.repositioned} == set(TOPICS.signals.values())
        assert next(p for p in reads.stand.reading.repositioned if p.topic == INTENT) == Position(INTENT, 0, 1)
        assert not reads.partition.backlog.topics
        reads.reader.receive(fetch(*records(T0 + SECOND, T0 + 2 * SECOND, start=1)))
        await reads.all_read(3)
    assert reads.noted.read == [(INTENT, 0, 1), (INTENT, 1, 3)]


async def test_a_fetch_that_does_not_follow_is_dropped_and_its_topic_read_again() -> None:
    async with Reads().running() as reads:
        reads.reader.receive(fetch(*records(T0)))
        await reads.all_read(1)
        reads.reader.receive(fetch(*records(T0, start=5)))
        await until(lambda: reads.stand.reading.repositioned == [Position(INTENT, 0, 1)])


async def test_events_wait_for_what_was_in_force_before_and_a_release_ends_that() -> None:
    async with Reads().running(settled=False) as reads:
        reads.reader.receive(fetch(*records(T0)))
        with pytest.raises(AssertionError):
            await until(lambda: bool(reads.noted.read), 0.05)
    assert reads.noted.read == []


FETCHES = st.lists(
    st.tuples(
        st.sampled_from([*TOPICS.signals.values()]),
        st.lists(st.integers(-5 * MINUTE, 5 * MINUTE), min_size=1, max_size=4),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(FETCHES, st.sampled_from([0, 1]), st.lists(st.integers(0, 11), max_size=6))
def test_whatever_the_timestamps_everything_is_read_once_and_in_its_topics_order(
    made: Sequence[tuple[str, list[int]]], type_: int, late: list[int]
) -> None:
    """Nothing is stuck, and no topic that is here is overtaken by more than a minute."""
    asyncio.run(_everything_is_read(made, type_, set(late)))


async def _everything_is_read(made: Sequence[tuple[str, list[int]]], type_: int, late: set[int]) -> None:
    reads, ends, times, held = Reads(), {}, {}, []
    consumer_loop._RECHECK_S = 0.001
    async with reads.running():
        for number, (topic, at) in enumerate(made):
            start = ends.get(topic, 0)
            fetched = fetch(*records(*(T0 + t for t in at), start=start, type_=type_), topic=topic, start=start)
            ends[topic] = fetched.end
            times |= {(topic, record.offset): record.timestamp for record in fetched.records}
            if number in late or topic in reads.behind:
                reads.behind.add(topic)  # it comes when the others are held up, or read
                held.append(fetched)
            else:
                reads.reader.receive(fetched)
        with suppress(AssertionError):
            await until(lambda: len(reads.noted.read) == len(made), 0.02)
        reads.behind.clear()
        for fetched in held:
            reads.reader.receive(fetched)
        await reads.all_read(len(times))
    for topic, end in ends.items():
        fetches = [(start, its) for name, start, its in reads.noted.read if name == topic]
        assert [start for start, _ in fetches] == [0, *(its for _, its in fetches[:-1])]
        assert fetches[-1][1] == end
    if not held:
        _never_overtaken(reads.noted.steps, times, ends)


def _never_overtaken(
    steps: Sequence[Sequence[tuple[str, int, int]]], times: dict[tuple[str, int], int], ends: dict[str, int]
) -> None:
    """By what is read in the same step nobody is: it is judged in order of time."""
    at = dict.fromkeys(ends, 0)
    for step in steps:
        at |= {topic: end for topic, _, end in step}
        for topic, start, end in step:
            others = [times[name, n] for name, n in at.items() if name != topic and n < ends[name]]
            if others:
                assert max(times[topic, n] for n in range(start, end)) <= min(others) + MINUTE
