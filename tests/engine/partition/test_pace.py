"""How many records a step takes: so many that it does not hold the loop for longer than its budget."""

from signal_engine.engine.partition.batch_size import BUDGET_S, MAX_RECORDS, MIN_RECORDS, BatchSize
from signal_engine.engine.partition.process_batch import process_batch
from tests.build import T0
from tests.engine.stand import Rec, Stand, event_bytes, fetch


def settled(microseconds: float) -> int:
    """What a pace comes to when a record takes so long, whatever it takes at once."""
    pace = BatchSize()
    for _ in range(30):
        pace.took(pace.records, pace.records * microseconds / 1e6)
    return pace.records


def test_a_step_takes_what_fits_into_its_budget():
    assert abs(settled(100) - BUDGET_S / 100e-6) <= 1


def test_it_is_never_more_than_is_worth_it_nor_so_few_that_steps_are_all_there_is():
    assert settled(1) == MAX_RECORDS
    assert settled(100_000) == MIN_RECORDS


def test_one_slow_step_does_not_make_all_later_ones_small():
    pace = BatchSize()
    pace.took(1_000, 1_000.0)
    assert pace.records >= 500


def test_what_a_few_records_took_says_nothing():
    pace = BatchSize()
    before = pace.records
    pace.took(MIN_RECORDS - 1, 10.0)
    pace.took(1_000, 0.0)
    assert pace.records == before


async def test_what_is_measured_is_what_was_applied() -> None:
    stand = Stand()
    partition = await stand.partition()
    before = partition.pace.records
    records = [Rec(n, T0, event_bytes(event_id=f"{n}")) for n in range(2 * MIN_RECORDS)]
    assert await process_batch(stand.context, partition, fetch(*records)) == []
    assert partition.pace.records != before
