"""The records of one partition by the load in force: what its accounts are decided by, and what reports look at."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from signal_engine.engine.ports.loaded_accounts import LoadedAccounts, LoadedRecord
from signal_engine.wire.storage.in_force import FitInForce

_RECORDS_AT_ONCE: Final = 100
"""Records that are handed over together: to decide them takes about 5 ms."""


async def records_of(
    loads: LoadedAccounts, in_force: FitInForce, number: int, partitions: int, partition_of: Callable[[str], int]
) -> AsyncIterator[Sequence[LoadedRecord]]:
    """The records of partition `number` of `partitions`, a few at a time; none if the version has no load.

    A topic with another number of partitions, as before a rebuild, is read whole.
    """
    ends = in_force.load.ends if in_force.load is not None else ()
    moved = len(ends) != partitions
    for place in range(len(ends)) if moved else [number]:
        async for records in loads.read(place, ends[place]):
            for start in range(0, len(records), _RECORDS_AT_ONCE):
                some = records[start : start + _RECORDS_AT_ONCE]
                yield [one for one in some if partition_of(one.account) == number] if moved else some
