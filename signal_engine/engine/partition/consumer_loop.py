"""The loop of a partition number: process batches of its six topics in order of time, one at a time.

Fetches are queued, and queueing never waits: waiting there for another topic could block the very fetch it waits for.
The consumer limits how much can be queued.
"""

import asyncio
import contextlib
from typing import Final

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.fetched import Fetched

_SETTLE_TIMEOUT_S: Final = 20.0
"""Seconds for which events of a newly taken partition wait for the fit table and the rules in force."""
_RECHECK_S: Final = 0.1
"""Seconds between polls whether a topic that holds up others has been read to its end."""
_APART_S: Final = 0.02
"""Seconds between the starts of two transactions of a partition while little is queued. A transaction has a fixed cost,
and fetches arrive topic by topic: at 1,500 events/s, 750 transactions of two records took most of a core and starved
fetching. With 20 ms events wait half as long as with none, and less than with 5 or 10."""
_FEW_RECORDS: Final = 200
"""Records from which on the fixed cost of a transaction does not matter."""


class ConsumerLoop:
    """Processes the fetched records of one partition."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._came = asyncio.Event()

    def receive(self, fetched: Fetched) -> None:
        """Queue a fetch for processing. Never waits."""
        self._partition.backlog.put(fetched)
        self._came.set()

    def wake(self) -> None:
        """Wake the loop because something has changed."""
        self._came.set()

    async def run(self) -> None:
        """Run until the partition is released."""
        partition = self._partition
        # A very large table: events may not wait for ever, but history is judged by what is in force, however long.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if self._context.building else _SETTLE_TIMEOUT_S):
                await partition.settled.wait()
        began = -_APART_S
        while partition.open:
            await self._until_worth_it(began + _APART_S)
            self._came.clear()
            if not partition.open:
                return
            if not (fetches := partition.next_fetches()):
                await self._wait()
                continue
            began = asyncio.get_running_loop().time()
            read_on = await process_batch(self._context, partition, *fetches)
            if read_on:
                for position in read_on:
                    partition.backlog.drop(position.topic)
                await self._context.reading.reposition(read_on)
            elsewhere = {position.topic for position in read_on}
            for fetched in fetches:
                if partition.open and fetched.topic not in elsewhere:
                    self._context.reading.applied(fetched.topic, fetched.partition, fetched.end)

    async def _until_worth_it(self, at: float) -> None:
        """Wait until the loop time `at`, or until enough records are queued."""
        partition = self._partition
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(at):
                while partition.open and partition.backlog.records < _FEW_RECORDS:
                    self._came.clear()
                    await self._came.wait()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RECHECK_S if self._partition.backlog.topics else None):
                await self._came.wait()
