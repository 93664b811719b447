"""An engine that starts over, for tests: a generation that is served, and another that is built."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

from signal_engine.adapters.memory.store import MemoryGenerations
from signal_engine.engine.context.generation import OwnGeneration
from signal_engine.engine.fit.handover import copy_fit
from signal_engine.engine.ports.controls import REBUILT
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.wire.storage.building import Building
from tests.build import T0
from tests.engine.stand import TOPICS, FakeOutput, Stand, alerts_of, until
from tests.engine.worker.test_live import Looks

NEW = 5
"""The generation that is built."""


class Restart:
    """An engine on generation 0, and then one on another."""

    def __init__(self, now: int = T0) -> None:
        self.stand = Stand(now=now)
        self.generations = MemoryGenerations(self.stand.server)
        self.looks = Looks()

    async def served(self) -> None:
        await self.generations.swap(None, 0)

    async def begin(self, ends: dict[str, list[int]] | None = None, **more: Any) -> Building:
        marks = {"needs_fit": False, "moved": False, "began_at": self.stand.now, **more}
        ends = {topic: [0, 0] for topic in TOPICS.signals.values()} | (ends or {})
        building = Building(NEW, ends=ends, **marks)
        served = await self.generations.current()
        if served is not None:
            await copy_fit(self.generations, served, NEW, 2, self.stand.context.partition_of)
        assert await self.generations.begin(served, building)
        return building

    async def own(self) -> OwnGeneration:
        return OwnGeneration(self.generations, await self.generations.marks())

    async def context(self) -> Any:
        own = await self.own()
        assert own.number is not None
        return replace(
            self.stand.context,
            store=self.generations.store(own.number),
            controls=self.generations.controls(own.number),
            fit_changes=self.generations.fit_changes(own.number),
            generation=own,
            partitions=2,
            output=FakeOutput(self.stand),
            fit=None,
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[LiveEngine]:
        engine = LiveEngine(await self.context(), self.looks, 0.01)
        await engine.start()
        try:
            yield engine
        finally:
            await engine.stop()

    async def applied(self, engine: LiveEngine, fetched: Fetched) -> None:
        """Hands a fetch over and waits until it has been applied."""
        engine.receive(fetched)
        await until(lambda: (fetched.topic, fetched.partition, fetched.end) in self.stand.reading.made_room)

    async def dropped(self) -> None:
        """Waits until the old generation is gone: the leader drops it a little after the new one is served."""
        deadline = time.monotonic() + 5
        while (await self.generations.marks()).outdated:
            assert time.monotonic() < deadline, "the old one has not been dropped"
            await asyncio.sleep(0.002)

    async def at(self, number: int = 0) -> int | None:
        return (await self.generations.store(NEW).positions(number)).topics.get(REBUILT)

    def alerts(self) -> list[str]:
        return [alert["type"] for alert in alerts_of(self.stand.producer.to(TOPICS.alerts))]
