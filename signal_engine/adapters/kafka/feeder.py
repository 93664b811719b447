"""Records with times of their own to Kafka, and where they went: what the demo feeds the engine with."""

import asyncio
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import told_as_no_connection

Headers = list[tuple[str, bytes]]


class Record(NamedTuple):
    """One record to be sent."""

    topic: str
    key: bytes | None
    """Decides the partition, as in Java (murmur2); None: any."""
    value: bytes
    timestamp: int
    """ms since 1970; it stands where the topic keeps the producer's times."""
    backfill: bool
    """It is history: its alerts are recorded, not sent."""


class FedPartition(NamedTuple):
    """Where a record is."""

    topic: str
    partition: int
    offset: int


_HISTORY: Final[Headers] = [("backfill", b"1")]


class Feeder:
    """Sends in order. Use as a context, in the loop that uses it. Raises `NoConnection`."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._protocol = connection.protocol
        self._client = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=2)

    async def __aenter__(self) -> Self:
        try:
            with told_as_no_connection(self._protocol):
                await self._client.start()
        except BaseException:
            await self._client.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.stop()

    async def send(self, records: list[Record]) -> list[FedPartition]:
        """Where `records` are, when all are there."""
        with told_as_no_connection(self._protocol):
            sent = [await self._client.send(**_arguments(record)) for record in records]
            return [FedPartition(told.topic, told.partition, told.offset) for told in await asyncio.gather(*sent)]


def _arguments(record: Record) -> dict[str, Any]:
    """As aiokafka wants them."""
    return {
        "topic": record.topic,
        "key": record.key,
        "value": record.value,
        "timestamp_ms": record.timestamp,
        "headers": _HISTORY if record.backfill else [],
    }
