"""Engines that share a server, and generations of one engine, do not see each other."""

import pytest

from signal_engine.engine.steps import Applied, Outbox, Outgoing, Positions, Step, TopicRead
from tests.steps.places import Place
from tests.steps.test_fence import full


@pytest.mark.parametrize("other", [("tenant:", 0), ("", 1), ("g0:", 0), ("", 10)])
async def test_another_prefix_or_generation_starts_from_nothing(place: Place, other: tuple[str, int]) -> None:
    mine, theirs = place.store(), place.store(*other)
    await mine.apply(full(0, 0, TopicRead("signals.intent", 0, 10), b"mine"))
    assert await theirs.positions(0) == Positions(0, {}, {})
    assert (await theirs.load(0, ["acme.com"])).states == [None]
    assert await theirs.waiting(0, Outbox.ALERTS, 10) == []
    assert await theirs.top("all", [0], 10) == []
    assert await theirs.due(0, 2**50, 10) == []
    assert await theirs.counts(0) == {}
    assert await theirs.views(0, ["recent:acme.com"]) == [None]
    assert await theirs.apply(full(0, 0, TopicRead("signals.intent", 0, 3), b"theirs")) == Applied(1)
    assert (await mine.load(0, ["acme.com"])).states == [b"mine"]


async def test_the_served_generation_moves_by_compare_and_swap(place: Place) -> None:
    generations = place.generations("p:")
    assert await generations.current() is None
    assert await generations.swap(None, 0)
    assert not await generations.swap(None, 5)
    assert await generations.current() == 0
    assert await generations.swap(0, 1)
    assert not await generations.swap(0, 2)
    assert await generations.current() == 1
    assert await place.generations("").current() is None


async def test_a_generation_is_dropped_whole_and_no_other(place: Place) -> None:
    generations = place.generations("p:")
    await generations.swap(None, 1)
    await place.store("p:", 1).apply(full(0, 0, None, b"served"))
    before = await place.snapshot()
    old = generations.store(0)
    for partition in range(3):
        await old.apply(full(partition, 0, TopicRead("signals.intent", 0, 9), b"old"))
        await old.apply(Step(partition=partition, counter=1, ranks={"other list": {"a": 1.0}}))
        await old.wait_for_disk(partition, await old.waiting(partition, Outbox.ALERTS, 1), 1)
    await generations.drop(0, range(3))
    assert await place.snapshot() == before


async def test_the_served_generation_is_not_dropped(place: Place) -> None:
    generations = place.generations()
    await generations.swap(None, 3)
    await generations.store(3).apply(Step(partition=0, counter=0, outbox={Outbox.ALERTS: [Outgoing("a", "b", None)]}))
    before = await place.snapshot()
    with pytest.raises(ValueError, match="being served"):
        await generations.drop(3, [0])
    assert await place.snapshot() == before
