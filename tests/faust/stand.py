"""Faust's side alone, on a real broker: a worker around an engine that only notes what it is handed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.faust.worker import FaustWorker
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.wire.topics import topic_names
from tests.engine.stand import Said


class NotingEngine:
    """`adapters.faust.engine_port.Engine`."""

    def __init__(self, prefix: str, stored: dict[tuple[str, int], int] | None = None) -> None:
        self.topics = topic_names(prefix)
        self.stored = stored or {}
        """Topic, partition -> the position that its store has; others have none."""
        self.trouble: Exception | None = None
        self.taken: list[int] = []
        self.fetched: list[Fetched] = []

    async def take(self, partitions: Sequence[int]) -> list[Position]:
        self.taken = list(partitions)
        return [Position(t, n, self.stored.get((t, n))) for n in partitions for t in self.topics.signals.values()]

    def receive(self, fetched: Fetched) -> None:
        self.fetched.append(fetched)
        if self.trouble:
            raise self.trouble

    async def release(self, partitions: Sequence[int]) -> None: ...

    def values(self, topic: str) -> list[bytes | None]:
        return [record.value for one in self.fetched if one.topic == topic for record in one.records]


class Running:
    """A worker that runs, what it was handed, and how to wait for it."""

    def __init__(self, worker: FaustWorker, engine: NotingEngine, ended: "asyncio.Task[None]") -> None:
        self.worker, self.engine, self.ended = worker, engine, ended

    @property
    def app(self) -> Any:
        return self.worker._app

    async def until(self, holds: Callable[[], bool], seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            if self.ended.done():
                self.ended.result()
            await asyncio.sleep(0.01)


def membership(address: str, prefix: str) -> Membership:
    return Membership(KafkaConnection(address), f"{prefix}group")


@asynccontextmanager
async def running(address: str, engine: NotingEngine, prefix: str) -> AsyncIterator[Running]:
    stop = asyncio.Event()
    worker = FaustWorker(membership(address, prefix), engine.topics, Said())
    ended = asyncio.create_task(worker.run(engine, stop, asyncio.Event().wait()))
    try:
        yield Running(worker, engine, ended)
    finally:
        stop.set()
        await asyncio.gather(ended, return_exceptions=True)


async def make_topics(address: str, prefix: str, partitions: int = 2) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(name, partitions, 1) for name in topic_names(prefix).signals.values()])
    finally:
        await admin.close()


async def produce(address: str, topic: str, values: Sequence[bytes | None], partition: int = 0) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, b"key", partition)
    finally:
        await producer.stop()
