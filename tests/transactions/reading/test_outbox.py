"""Records wait in the order in which they were decided, until they are removed and no longer."""

from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Outbox, Outgoing, Transaction


def records(*names: str) -> list[Outgoing]:
    return [Outgoing("alerts", name, name.encode() * 2) for name in names]


async def keys(store: Store, outbox: Outbox = Outbox.ALERTS, partition: int = 0, limit: int = 100) -> str:
    return "".join(waiting.record.key for waiting in await store.waiting(partition, outbox, limit))


async def test_records_leave_in_the_order_of_transactions_and_within_a_transaction_as_they_were_given(
    store: Store,
) -> None:
    for counter, names in enumerate(["cab", "", "d", "aZ"]):
        await store.apply(Transaction(partition=0, counter=counter, outbox={Outbox.ALERTS: records(*names)}))
    assert await keys(store) == "cabdaZ"
    assert await keys(store, limit=2) == "ca"


async def test_a_record_is_read_as_it_was_written(store: Store) -> None:
    written = [Outgoing("alerts", "münchen.de", b"\x00\r\n\xff"), Outgoing("priority.accounts", "all/a.com", None),
               Outgoing("t", "", b"")]  # fmt: skip
    await store.apply(Transaction(partition=0, counter=0, outbox={Outbox.LISTS: written}))
    assert [waiting.record for waiting in await store.waiting(0, Outbox.LISTS, 10)] == written


async def test_what_came_behind_a_record_can_be_read_alone_also_when_that_one_is_gone(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: records("a", "b", "c", "d")}))
    first, second, third, fourth = await store.waiting(0, Outbox.ALERTS, 10)
    assert await store.waiting(0, Outbox.ALERTS, 10, first.entry) == [second, third, fourth]
    assert await store.waiting(0, Outbox.ALERTS, 2, first.entry) == [second, third]
    await store.remove(0, Outbox.ALERTS, [first.entry, second.entry])
    assert await store.waiting(0, Outbox.ALERTS, 10, first.entry) == [third, fourth]
    assert await store.waiting(0, Outbox.ALERTS, 10, fourth.entry) == []


async def test_a_record_stays_until_it_is_removed(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: records("a", "b", "c")}))
    first = await store.waiting(0, Outbox.ALERTS, 10)
    assert await store.waiting(0, Outbox.ALERTS, 10) == first
    assert await store.remove(0, Outbox.ALERTS, [first[0].entry, first[2].entry]) == 2
    assert await store.waiting(0, Outbox.ALERTS, 10) == [first[1]]


async def test_removing_twice_or_what_is_not_there_does_no_harm(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: records("a")}))
    entries = [waiting.entry for waiting in await store.waiting(0, Outbox.ALERTS, 10)]
    assert await store.remove(0, Outbox.ALERTS, entries) == 1
    assert await store.remove(0, Outbox.ALERTS, entries) == 0
    assert await store.remove(0, Outbox.ALERTS, []) == 0
    assert await store.remove(7, Outbox.LISTS, entries) == 0


async def test_a_removed_record_does_not_lend_its_name_to_a_later_one(store: Store) -> None:
    seen: set[str] = set()
    for counter in range(20):
        await store.apply(Transaction(partition=0, counter=counter, outbox={Outbox.ALERTS: records("a")}))
        (waiting,) = await store.waiting(0, Outbox.ALERTS, 10)
        assert waiting.entry not in seen
        seen.add(waiting.entry)
        await store.remove(0, Outbox.ALERTS, [waiting.entry])


async def test_outboxes_and_partitions_are_apart(store: Store) -> None:
    both = {Outbox.ALERTS: records("a"), Outbox.LISTS: records("l")}
    await store.apply(Transaction(partition=0, counter=0, outbox=both))
    await store.apply(Transaction(partition=1, counter=0, outbox={Outbox.ALERTS: records("b")}))
    assert [await keys(store), await keys(store, Outbox.LISTS), await keys(store, partition=1)] == ["a", "l", "b"]
    assert await keys(store, Outbox.LISTS, 1) == ""
