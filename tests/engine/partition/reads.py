"""A reader of one partition, and what it has read, step by step."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from signal_engine.engine.context.retry import retrying
from signal_engine.engine.partition.consumer_loop import ConsumerLoop
from signal_engine.engine.ports.transaction import Applied, NotApplied, Transaction
from tests.build import T0
from tests.engine.stand import Rec, Stand, event_bytes, until


class Noted:
    """A store that notes the stretches that were read, step by step."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.steps: list[list[tuple[str, int, int]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stand.memory, name)

    async def apply(self, step: Transaction) -> Applied | NotApplied:
        answer = await self._stand.memory.apply(step)
        if step.reads and isinstance(answer, Applied):
            self.steps.append([read[:3] for read in step.reads])
        return answer

    @property
    def read(self) -> list[tuple[str, int, int]]:
        return [read for step in self.steps for read in step]


class Reads:
    """A reader of partition 0, its stand, and what it has read."""

    def __init__(self) -> None:
        self.stand = Stand(now=T0 + 10**9)
        self.noted = Noted(self.stand)
        self.stand.context.store = retrying(self.noted, self.stand.context.retry)
        self.stand.context.cpu = self._looks_at_cpu
        self.behind = self.stand.reading.behind
        self.cpu_per_step = 0.0
        """Seconds of CPU that the process has taken at each look, since the one before."""
        self._cpu = 0.0

    def _looks_at_cpu(self) -> float:
        self._cpu += self.cpu_per_step
        return self._cpu

    @asynccontextmanager
    async def running(self, *, settled: bool = True) -> AsyncIterator["Reads"]:
        self.partition = await self.stand.partition()
        self.reader = ConsumerLoop(self.stand.context, self.partition)
        if settled:
            self.partition.settled.set()
        task = asyncio.create_task(self.reader.run())
        try:
            yield self
        finally:
            self.partition.open = False
            self.partition.settled.set()
            self.reader.wake()
            await task

    async def all_read(self, records: int) -> None:
        await until(lambda: sum(end - start for _, start, end in self.noted.read) >= records)


def records(*at: int, start: int = 0, type_: int = 1) -> list[Rec]:
    return [
        Rec(start + n, t, event_bytes(at=T0, event_id=f"{start + n}"), timestamp_type=type_) for n, t in enumerate(at)
    ]
