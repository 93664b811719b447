"""The loop of a partition number: process batches of its topics in order of time, one at a time.

Fetches are queued, and queueing never waits: waiting there for another topic could block the very fetch it waits for.
The consumer limits how much can be queued.
"""

import asyncio
import contextlib
from typing import Final

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ingest.busy_share import BusyShare
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.fetched import Fetched

_SETTLE_TIMEOUT_S: Final = 20.0
"""Seconds for which events of a newly taken partition wait for the fit table and the rules in force."""
_RECHECK_S: Final = 0.1
"""Seconds between polls whether a topic that holds up others has been read to its end."""
_SHARE: Final = 1 / 2
"""Of a core, up to which transactions are made as soon as there is something for them. More than a broker's share
(`adapters.faust.fetch_tuning`), which keeps most of them rare enough: this one is for many brokers, and other work."""
_MOST_APART_S: Final = 0.02
"""Seconds for which records are gathered at most, since a transaction has a fixed cost: at 1,500 events/s, 750
transactions of two records took most of a core and starved fetching."""
_ENOUGH_RECORDS: Final = 200
"""Records from which on the fixed cost of a transaction does not matter."""


class ConsumerLoop:
    """Processes the fetched records of one partition."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._came = asyncio.Event()
        self._busy = BusyShare(_SHARE, _MOST_APART_S, context.cpu)

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
        # A very large table: events may not wait for ever, but history is judged by what is in force, however long,
        # and so are events of a partition that would otherwise be judged by no table at all.
        fit = self._context.fit
        underived = fit is not None and fit.load is not None and not partition.at(FIT_VERSION)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if self._context.building or underived else _SETTLE_TIMEOUT_S):
                await partition.settled.wait()
        time, gather_until = asyncio.get_running_loop().time, 0.0
        while partition.open:
            await self._gather(gather_until)
            self._came.clear()
            if not partition.open:
                return
            if not (fetches := partition.next_fetches()):
                await self._wait()
                continue
            read_on = await process_batch(self._context, partition, *fetches)
            if read_on:
                for position in read_on:
                    partition.backlog.drop(position.topic)
                await self._context.reading.reposition(read_on)
            elsewhere = {position.topic for position in read_on}
            for fetched in fetches:
                if partition.open and fetched.topic not in elsewhere:
                    self._context.reading.applied(fetched.topic, fetched.partition, fetched.end)
            gather_until = (now := time()) + self._busy.noted(now)

    async def _gather(self, until: float) -> None:
        """Wait until the loop time `until`, or until enough records are queued."""
        partition = self._partition
        if until <= asyncio.get_running_loop().time():
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                while partition.open and partition.backlog.records < _ENOUGH_RECORDS:
                    self._came.clear()
                    await self._came.wait()

    async def _wait(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_RECHECK_S if self._partition.backlog.topics else None):
                await self._came.wait()
