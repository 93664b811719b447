"""A partition that does not hold what its transactions wrote is found, and no transaction goes on with it."""

from typing import Any

import pytest

from signal_engine.engine.ports.store import HEAD, Damage, Damaged, Fresh, Store
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, TopicRead, Transaction, parts
from tests.transactions.places import Place
from tests.transactions.writing.test_fence import full

PARTS = parts(full(0, 0, None, b""))
INTENT = "signals.intent"


def transaction(counter: int) -> Transaction:
    return full(0, counter, TopicRead(INTENT, counter, counter + 1), b"%d" % counter)


@pytest.fixture
async def store(place: Place) -> Store:
    """Three transactions, and what others than transactions do to the same keys."""
    store = place.store()
    for counter in range(3):
        assert await store.apply(transaction(counter)) == Applied(counter + 1)
    await store.remove(0, Outbox.ALERTS, [(await store.waiting(0, Outbox.ALERTS, 1))[0].entry])
    assert await store.refresh(0, "all", [Fresh("acme.com", 2.0, b"2", None)]) == 1
    return store


def found(damages: list[Damage]) -> list[str]:
    return [damage.part for damage in damages]


async def test_what_transactions_outboxes_and_publishers_leave_is_no_damage(store: Store) -> None:
    assert await store.damages(0) == []
    await store.apply(Transaction(partition=0, counter=3))
    await store.apply(Transaction(partition=0, counter=4, states={"acme.com": None}, due={"acme.com": None}))
    for waiting in await store.waiting(0, Outbox.ALERTS, 9):
        await store.remove(0, Outbox.ALERTS, [waiting.entry])
    assert await store.damages(0) == [], "empty is not missing"
    assert await store.damages(1) == [], "never written is not missing"


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_that_goes_missing_alone_is_found(place: Place, store: Store, part: str) -> None:
    await place.lose(0, part)
    assert found(await store.damages(0)) == [part]


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_of_an_earlier_transaction_beside_later_ones_is_found(
    place: Place, store: Store, part: str
) -> None:
    before = await place.copy(0, part)
    assert await store.apply(transaction(3)) == Applied(4)
    assert await store.damages(0) == []
    await place.put_back(0, part, before)
    assert found(await store.damages(0)) == [part]


async def test_a_head_that_goes_missing_alone_is_found(place: Place, store: Store) -> None:
    await place.lose(0, HEAD)
    assert await store.apply(transaction(3)) == NotApplied("stale_counter", 0)  # type: ignore[arg-type]
    assert found(await store.damages(0)) == [HEAD]


@pytest.mark.parametrize("how", ["missing", "older"])
@pytest.mark.parametrize("part", PARTS)
async def test_a_transaction_that_writes_a_damaged_part_before_anybody_looked_does_not_hide_it(
    place: Place, store: Store, part: str, how: str
) -> None:
    before = await place.copy(0, part)
    await store.apply(transaction(3))
    if how == "missing":
        await place.lose(0, part)
    else:
        await place.put_back(0, part, before)
    with pytest.raises(Damaged) as caught:
        await store.apply(transaction(4))
    assert found(list(caught.value.damages)) == [part]
    assert part in str(caught.value)
    await damaged_for_good(store, 4)


async def damaged_for_good(store: Store, counter: int) -> None:
    """Counter and positions stand, whoever looks finds a half-written transaction, and no other one is let in."""
    positions = await store.positions(0)
    assert (positions.counter, positions.topics[INTENT]) == (counter, counter)
    assert found(await store.damages(0))[0] == HEAD
    for later in (Transaction(partition=0, counter=counter), transaction(counter), transaction(counter + 1)):
        with pytest.raises(Damaged, match="half-way"):
            await store.apply(later)
    assert (await store.positions(0)).counter == counter


async def test_damage_of_one_partition_is_not_another_ones(place: Place, store: Store) -> None:
    other: Any = place.store()
    await other.apply(Transaction(partition=1, counter=0, states={"a": b"1"}))
    await place.lose(0, "states")
    assert await store.damages(1) == []
    assert await store.apply(Transaction(partition=1, counter=1, states={"a": b"2"})) == Applied(2)
