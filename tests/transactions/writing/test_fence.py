"""The fence: a transaction of a writer that does not know how things stand changes nothing, whatever it holds."""

import pytest

from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import (
    Applied,
    Conflict,
    NotApplied,
    Outbox,
    Outgoing,
    TopicPartition,
    TopicRead,
    Transaction,
)
from tests.transactions.places import Place

INTENT, HIRING = "signals.intent", "signals.hiring"


def full(partition: int, counter: int, read: TopicRead | None, mark: bytes, *more: TopicRead) -> Transaction:
    """A transaction that writes everything a transaction can write."""
    return Transaction(
        partition=partition,
        counter=counter,
        reads=[*([read] if read else []), *more],
        states={"acme.com": mark, "gone.com": None},
        fits={"acme.com": mark, "gone.com": None},
        ranks={"all": {"acme.com": 1.0 + len(mark), "gone.com": None}},
        due={"acme.com": len(mark), "gone.com": None},
        outbox={Outbox.ALERTS: [Outgoing("alerts", "acme.com", mark)], Outbox.LISTS: [Outgoing("lists", "all", None)]},
        counts={"received": 1},
        origins={TopicPartition(INTENT, 5): len(mark)},
        views={"recent:acme.com": mark, "recent:gone.com": None},
    )


async def test_each_transaction_moves_the_counter_by_one(store: Store) -> None:
    assert (await store.positions(3)).counter == 0
    for counter in range(3):
        assert await store.apply(Transaction(partition=3, counter=counter)) == Applied(counter + 1)
    assert (await store.positions(3)).counter == 3


async def test_partitions_have_counters_of_their_own(store: Store) -> None:
    await store.apply(Transaction(partition=1, counter=0))
    assert await store.apply(Transaction(partition=2, counter=0)) == Applied(1)
    assert await store.apply(Transaction(partition=12, counter=0)) == Applied(1)


@pytest.mark.parametrize("counter", [0, 2, 2**53 - 1])
async def test_a_transaction_with_another_counter_leaves_every_key_as_it_was(place: Place, counter: int) -> None:
    store = place.store()
    await store.apply(full(0, 0, TopicRead(INTENT, 0, 10), b"first"))
    before = await place.snapshot()
    answer = await store.apply(full(0, counter, TopicRead(INTENT, 10, 20), b"second one"))
    assert answer == NotApplied(Conflict.STALE_COUNTER, 1)
    assert await place.snapshot() == before


@pytest.mark.parametrize("start", [0, 9, 11, 2**53 - 2])
async def test_a_transaction_that_read_from_another_position_leaves_every_key_as_it_was(
    place: Place, start: int
) -> None:
    store = place.store()
    await store.apply(full(0, 0, TopicRead(INTENT, 0, 10), b"first"))
    before = await place.snapshot()
    answer = await store.apply(full(0, 1, TopicRead(INTENT, start, 2**53 - 1), b"second one"))
    assert answer == NotApplied(Conflict.STALE_POSITION, 1)
    assert await place.snapshot() == before


@pytest.mark.parametrize("wrong", [0, 1, 2])
async def test_one_topic_of_several_that_was_read_from_elsewhere_refuses_all(place: Place, wrong: int) -> None:
    store = place.store()
    topics = [INTENT, HIRING, "signals.funding"]
    first, *more = (TopicRead(topic, 0, 10) for topic in topics)
    await store.apply(full(0, 0, first, b"first", *more))
    assert (await store.positions(0)).topics == dict.fromkeys(topics, 10)
    before = await place.snapshot()
    first, *more = (TopicRead(topic, 9 if number == wrong else 10, 20) for number, topic in enumerate(topics))
    assert await store.apply(full(0, 1, first, b"second one", *more)) == NotApplied(Conflict.STALE_POSITION, 1)
    assert await place.snapshot() == before


async def test_a_refused_first_transaction_leaves_nothing(place: Place) -> None:
    await place.store().apply(full(0, 7, TopicRead(INTENT, 0, 10), b"late"))
    assert await place.snapshot() == {}


async def test_a_topic_without_a_position_is_read_from_wherever_its_beginning_is(store: Store) -> None:
    assert await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 4711, 4720)])) == Applied(1)
    assert (await store.positions(0)).topics == {INTENT: 4720}


async def test_a_gap_in_the_offsets_does_not_matter_since_the_start_of_the_fetch_is_compared(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 0, 10)]))
    assert await store.apply(Transaction(partition=0, counter=1, reads=[TopicRead(INTENT, 10, 99)])) == Applied(2)
    assert await store.apply(Transaction(partition=0, counter=2, reads=[TopicRead(INTENT, 99, 99)])) == Applied(3)


async def test_a_writer_that_wakes_late_is_refused_whatever_topic_it_holds(place: Place) -> None:
    """Its own topic has not moved, so comparing positions would let it in with a state that lacks other events."""
    store = place.store()
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(HIRING, 0, 5)]))
    asleep = full(0, 1, TopicRead(HIRING, 5, 6), b"without intent")
    intent = Transaction(partition=0, counter=1, reads=[TopicRead(INTENT, 0, 5)], states={"acme.com": b"with intent"})
    await store.apply(intent)
    before = await place.snapshot()
    assert await store.apply(asleep) == NotApplied(Conflict.STALE_COUNTER, 2)
    assert await place.snapshot() == before


async def test_a_timer_that_wakes_late_is_refused_too(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 0, 5)]))
    assert await store.apply(Transaction(partition=0, counter=0, due={"acme.com": None})) == NotApplied(
        Conflict.STALE_COUNTER, 1
    )


async def test_a_refused_writer_that_reads_again_goes_on(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 0, 5)]))
    assert isinstance(
        await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 0, 7)])), NotApplied
    )
    known = await store.positions(0)
    again = Transaction(partition=0, counter=known.counter, reads=[TopicRead(INTENT, known.topics[INTENT], 7)])
    assert await store.apply(again) == Applied(2)


async def test_the_same_transaction_sent_twice_counts_once(store: Store) -> None:
    """As after a connection that broke before the answer came."""
    transaction = full(0, 0, TopicRead(INTENT, 0, 10), b"first")
    await store.apply(transaction)
    assert await store.apply(transaction) == NotApplied(Conflict.STALE_COUNTER, 1)
    assert await store.counts(0) == {"received": 1}
