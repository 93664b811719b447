"""A tail beside the consumer group, on a real broker: it follows what it is told to, past what cannot be read."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.partition_tail import KafkaPartitionTail
from signal_engine.adapters.kafka.records.batches import MAX_BATCH_BYTES
from signal_engine.engine.ports.fetched import FetchedRecord
from testing.servers.finding import KafkaServer
from tests.engine.stand import Said, until
from tests.kafka.raw_batches import send_packed
from tests.kafka.test_output_topics import make


class Following:
    """A tail, and what it handed over by partition."""

    def __init__(self, kafka: KafkaServer, topic: str) -> None:
        self.said = Said()
        self.tail = KafkaPartitionTail(KafkaConnection(kafka.address), topic, self.said)
        self.taken: dict[int, list[bytes | None]] = {0: [], 1: []}

    async def take(self, number: int, records: Sequence[FetchedRecord]) -> None:
        self.taken[number] += [one.value for one in records]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.tail.run(self.take))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def skipped(self) -> list[Any]:
        return [one for one in self.said.words if one == "output_batch_unreadable"]


async def send(kafka: KafkaServer, topic: str, partition: int, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka.address) as client:
        await client.send_and_wait(topic, value, b"acme.com", partition)


async def send_unreadable(kafka: KafkaServer, topic: str, partition: int) -> None:
    """A batch that unpacks to more than is read."""
    await send_packed(kafka.address, topic, partition, "zstd", [bytes(1 << 20)] * (MAX_BATCH_BYTES // (1 << 20) + 1))


async def test_a_batch_that_cannot_be_read_is_said_once_and_what_follows_is_handed_over(
    kafka: KafkaServer, prefix: str
) -> None:
    name = f"{prefix}account.actions"
    await make(kafka, name)
    await send(kafka, name, 0, b"before")
    await send_unreadable(kafka, name, 0)
    await send(kafka, name, 0, b"after")
    await send(kafka, name, 1, b"elsewhere")
    one = Following(kafka, name)
    one.tail.follow(0, 0)
    one.tail.follow(1, 0)
    async with one.running():
        await until(lambda: one.taken == {0: [b"before", b"after"], 1: [b"elsewhere"]}, 30)
        assert len(one.skipped()) == 1
        one.tail.leave(1)  # every other partition is sought anew then
        await send(kafka, name, 0, b"later")
        await until(lambda: one.taken[0] == [b"before", b"after", b"later"], 30)
        assert len(one.skipped()) == 1
    assert "kafka_unavailable" not in one.said.words


async def test_a_partition_that_ends_with_such_a_batch_goes_on_behind_it_with_the_next_client(
    kafka: KafkaServer, prefix: str
) -> None:
    name = f"{prefix}account.actions"
    await make(kafka, name)
    await send_unreadable(kafka, name, 0)
    one = Following(kafka, name)
    one.tail.follow(0, 0)
    async with one.running():
        await until(lambda: len(one.skipped()) == 1, 30)
    async with one.running():
        await send(kafka, name, 0, b"after")
        await until(lambda: one.taken[0] == [b"after"], 30)
        assert len(one.skipped()) == 1
