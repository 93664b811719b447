"""Garbage collection of the live engine: what has decayed to nothing goes, with its history."""

from signal_engine.engine.maintenance.garbage_collection import GarbageCollection
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.history import AccountHistory
from tests.build import ACME, DAY, T0, after, fit
from tests.engine.stand import Rec, Stand, event_bytes, fetch


async def test_an_account_that_has_decayed_to_nothing_goes_with_its_history() -> None:
    stand = Stand()
    await stand.fits(fit())
    partition = await stand.partition()
    records = [Rec(0, T0, event_bytes(points=10)), Rec(1, T0, event_bytes(account="busy.com", points=90))]
    assert await process_batch(stand.context, partition, fetch(*records)) == []
    collection = GarbageCollection(stand.context, partition)
    assert await collection.go_on() == 0, "both are alive"
    stand.now = after(400)
    assert await collection.go_on() == 1
    assert stand.data().states.keys() == {"busy.com"}, "that one has had a level"
    assert await stand.memory.history(0, ACME, [T0 // DAY]) == AccountHistory([], [], {})
    assert (await stand.memory.history(0, "busy.com", [])).signals
