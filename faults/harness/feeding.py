"""Events sent at a rate while things break: what cannot be sent is sent again until it is there."""

import asyncio
import json
import random
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from faults.harness.market import Event
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.events.account_names import normalise
from testing.records import ToProduce
from tests.live.engine import Engine

_TICK_S: Final = 0.05
"""Seconds between two sendings."""
_BROKEN: Final = (None, b"", b"\xff\xfe", b'{"event_id": ', b"[]", b'{"event_id": "x", "account_id": "10.1.2.3"}')


def records(events: Iterable[Event], partitions: int, dirt: random.Random | None = None) -> Iterator[ToProduce]:
    """Each event on its right partition; with `dirt`, one in ten told again, and one in fifty followed by garbage."""
    partition_of = partitioner(partitions)
    for event in events:
        account = str(normalise(event["account_id"]))
        one = ToProduce(
            event["kind"], partition_of(account), account.encode(), json.dumps(event).encode(), event
        )  # fmt: skip
        yield one
        if dirt is not None and dirt.random() < 0.1:
            yield one
        if dirt is not None and dirt.random() < 0.02:
            yield one._replace(value=dirt.choice(_BROKEN), event=None)


class Feed:
    """Sends records in order, from `start` until they end or `stop`."""

    def __init__(self, engine: Engine, feed: Iterator[ToProduce], rate: float, codec: str | None = None) -> None:
        """`rate` is in records a second; `codec` compresses them."""
        self._engine, self._feed, self._rate, self._codec = engine, feed, rate, codec
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.sent = 0

    def start(self) -> "Feed":
        """Begins."""
        self._task = asyncio.create_task(self._run())
        return self

    async def stop(self) -> int:
        """Ends after what is on its way; how many were sent."""
        self._stopping.set()
        await self.ended()
        return self.sent

    async def ended(self) -> None:
        """Waits for the end of the feed."""
        if self._task is not None:
            await self._task

    def cancel(self) -> None:
        """Ends it at once: the run has failed."""
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        began, producer = time.monotonic(), None
        try:
            while not self._stopping.is_set():
                due = int((time.monotonic() - began) * self._rate) - self.sent
                chunk = list(islice(self._feed, max(0, due)))
                if due > 0 and not chunk:
                    return
                while chunk:
                    try:
                        producer = producer or await self._producer()
                        await self._send(producer, chunk)
                        break
                    except (KafkaError, OSError, TimeoutError):
                        await _closed(producer)
                        producer = None
                        await asyncio.sleep(_TICK_S)
                self.sent += len(chunk)
                await asyncio.sleep(_TICK_S)
        finally:
            await _closed(producer)

    async def _producer(self) -> Any:
        producer = AIOKafkaProducer(
            bootstrap_servers=self._engine.kafka,
            enable_idempotence=True,
            request_timeout_ms=10_000,
            compression_type=self._codec,
            linger_ms=5,
        )
        try:
            await producer.start()
        except BaseException:
            await producer.stop()
            raise
        return producer

    async def _send(self, producer: Any, chunk: list[ToProduce]) -> None:
        sent = [
            await producer.send(
                self._engine.topic(one.kind), one.value, one.key, one.partition, one.timestamp,
                headers=list(one.headers),
            )
            for one in chunk
        ]  # fmt: skip
        async with asyncio.timeout(30):
            await asyncio.gather(*sent)


async def _closed(producer: Any) -> None:
    if producer is not None:
        try:
            async with asyncio.timeout(2):
                await producer.stop()
        except (KafkaError, OSError, TimeoutError):
            return
