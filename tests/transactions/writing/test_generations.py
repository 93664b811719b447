"""Engines that share a server, and generations of one engine, do not see each other."""

import pytest

from signal_engine.engine.ports.store import Marks
from signal_engine.engine.ports.transaction import Applied, Outbox, Outgoing, Positions, TopicRead, Transaction
from signal_engine.wire.storage.building import Building
from tests.transactions.places import Place
from tests.transactions.writing.test_fence import full


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
    await place.store("p:g0:", 0).apply(full(0, 0, None, b"of an engine with a strange prefix"))
    await place.store("p:", 10).apply(full(0, 0, None, b"of a generation that begins alike"))
    before = await place.snapshot()
    old = generations.store(0)
    for partition in range(3):
        await old.apply(full(partition, 0, TopicRead("signals.intent", 0, 9), b"old"))
        await old.apply(Transaction(partition=partition, counter=1, ranks={"other list": {"a": 1.0}}))
        await old.on_disk(partition, 1)
        await generations.fit_changes(0).write(partition, 7, {"acme.com": b"row"})
    await generations.controls(0).replace("worker:one", None, b"token")
    await generations.drop(0)
    assert await place.snapshot() == before
    await generations.drop(0)


async def test_the_served_generation_is_not_dropped(place: Place) -> None:
    generations = place.generations()
    await generations.swap(None, 3)
    await generations.store(3).apply(
        Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: [Outgoing("a", "b", None)]})
    )
    before = await place.snapshot()
    with pytest.raises(ValueError, match="being served"):
        await generations.drop(3)
    assert await place.snapshot() == before


def building(generation: int = 5, began_at: int = 1_767_225_600_000) -> Building:
    return Building(generation, began_at, {"signals.intent": [10, 0]}, needs_fit=False, moved=True)


class TestOneThatIsBeingBuilt:
    async def test_it_is_worked_on_while_another_is_served_and_then_served_at_once(self, place: Place) -> None:
        generations = place.generations("p:")
        await generations.swap(None, 2)
        assert await generations.marks() == Marks(2, None, ())
        assert (await generations.marks()).worked_on == 2
        assert await generations.begin(2, building())
        assert await generations.marks() == Marks(2, building(), ())
        assert (await generations.marks()).worked_on == 5
        assert await generations.finish(building())
        assert await generations.marks() == Marks(5, None, (2,))
        assert not await generations.finish(building()), "once"
        assert await place.generations().marks() == Marks(None, None, ()), "another engine"

    @pytest.mark.parametrize("served", [None, 2])
    async def test_there_is_one_at_most(self, place: Place, served: int | None) -> None:
        generations = place.generations()
        if served is not None:
            await generations.swap(None, served)
        assert not await generations.begin(9, building()), "another one is served"
        assert await generations.begin(served, building())
        assert not await generations.begin(served, building(6))
        assert not await generations.swap(served, 7), "who swaps would serve what nobody works on"
        assert (await generations.marks()).building == building()

    async def test_where_nothing_was_served_nothing_is_outdated(self, place: Place) -> None:
        generations = place.generations()
        assert await generations.begin(None, building())
        assert await generations.finish(building())
        assert await generations.marks() == Marks(5, None, ())

    async def test_it_can_be_given_up_and_is_dropped_later(self, place: Place) -> None:
        generations = place.generations()
        await generations.swap(None, 2)
        await generations.begin(2, building())
        await generations.store(5).apply(Transaction(partition=0, counter=0, counts={"applied": 1}))
        with pytest.raises(ValueError, match="being served or built"):
            await generations.drop(5)
        assert not await generations.give_up(building(began_at=1)), "another one"
        assert await generations.give_up(building())
        assert not await generations.finish(building())
        assert await generations.marks() == Marks(2, None, (5,))
        await generations.drop(5)
        assert await generations.marks() == Marks(2, None, ())
        assert await generations.store(5).counts(0) == {}

    async def test_a_prefix_that_looks_like_a_pattern_drops_its_own_only(self, place: Place) -> None:
        for prefix in ("a*[b]?", "axxb?", "a*b?"):
            await place.store(prefix, 0).apply(Transaction(partition=0, counter=0, counts={"applied": 1}))
        await place.generations("a*[b]?").drop(0)
        left = [(await place.store(p, 0).counts(0)).get("applied") for p in ("a*[b]?", "axxb?", "a*b?")]
        assert left == [None, 1, 1]
