"""The pause of a topic-partition is seen and lifted in a transaction, on every server alike."""

from typing import Any

import pytest

from signal_engine.engine.dead_letters.paused_topics import Paused, PausedTopic, TooManyConflicts, all_paused, resume
from signal_engine.engine.ports import views
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Applied, Positions, TopicRead, Transaction

WHY = Paused(1_767_225_600_000, 612, 1000, {"schema": 612}, 4711)


async def pause(store: Store, topic: str, partition: int = 0) -> None:
    counter = (await store.positions(partition)).counter
    transaction = Transaction(partition=partition, counter=counter, views={views.paused(topic): WHY.encode()})
    assert isinstance(await store.apply(transaction), Applied)


async def test_what_is_paused_is_seen_with_all_that_the_worker_told(store: Store) -> None:
    assert await all_paused(store, [0, 1], ["a", "b"]) == []
    await pause(store, "b")
    await pause(store, "a", 1)
    assert await all_paused(store, [0, 1], ["a", "b"]) == [PausedTopic("a", 1, WHY), PausedTopic("b", 0, WHY)]
    assert await all_paused(store, [0], ["a"]) == []


async def test_resuming_lifts_one_pause_and_moves_nothing_else(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead("a", 0, 7)], views={"read_until": b"1"}))
    await pause(store, "a")
    await pause(store, "b")
    assert await resume(store, 0, "a") == PausedTopic("a", 0, WHY)
    assert await all_paused(store, [0], ["a", "b"]) == [PausedTopic("b", 0, WHY)]
    assert await store.views(0, ["read_until"]) == [b"1"]
    assert (await store.positions(0)).topics == {"a": 7}


async def test_what_is_not_paused_is_left_alone(store: Store) -> None:
    assert await resume(store, 0, "a") is None
    assert (await store.positions(0)).counter == 0


class Busy:
    """Somebody else makes a transaction after each of the first looks at the counter."""

    def __init__(self, store: Store, times: int) -> None:
        self.store, self.times = store, times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    async def positions(self, partition: int) -> Positions:
        seen = await self.store.positions(partition)
        if self.times:
            self.times -= 1
            await self.store.apply(Transaction(partition=partition, counter=seen.counter, counts={"applied": 1}))
        return seen


async def test_a_transaction_of_a_worker_in_between_is_no_obstacle(store: Store) -> None:
    await pause(store, "a")
    assert await resume(Busy(store, 3), 0, "a") == PausedTopic("a", 0, WHY)
    assert await store.counts(0) == {"applied": 3}
    assert await all_paused(store, [0], ["a"]) == []


async def test_a_partition_without_a_pause_in_between_ends_with_words(store: Store) -> None:
    await pause(store, "a")
    with pytest.raises(TooManyConflicts, match="a/0 is too busy"):
        await resume(Busy(store, 1000), 0, "a")
