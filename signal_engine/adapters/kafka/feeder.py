"""Send records with their own timestamps to Kafka and report their positions: feeds the demo."""

import asyncio
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.quiet import stop_producer
from signal_engine.adapters.kafka.topics.cluster import as_no_connection

Headers = list[tuple[str, bytes]]


class FedRecord(NamedTuple):
    """A record to send."""

    topic: str
    key: bytes | None
    """Determines the partition, as in Java (murmur2); None: any partition."""
    value: bytes
    timestamp: int
    """ms since 1970; kept if the topic stores the producer's timestamps."""
    backfill: bool
    """Whether it is history, whose alerts are recorded and not sent."""


class FedPartition(NamedTuple):
    """The position of a record that was sent."""

    topic: str
    partition: int
    offset: int


_HISTORY: Final[Headers] = [("backfill", b"1")]


class Feeder:
    """Sends records in order. A context manager, bound to its event loop. Raises `NoConnection`."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._protocol = connection.protocol
        self._client = AIOKafkaProducer(**connection.options(), acks="all", linger_ms=2)

    async def __aenter__(self) -> Self:
        try:
            with as_no_connection(self._protocol):
                await self._client.start()
        except BaseException:
            await stop_producer(self._client)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await stop_producer(self._client)

    async def send(self, records: list[FedRecord]) -> list[FedPartition]:
        """Send `records`; return their positions once all are acknowledged."""
        with as_no_connection(self._protocol):
            sent = [await self._client.send(**_arguments(record)) for record in records]
            return [
                FedPartition(sent_record.topic, sent_record.partition, sent_record.offset)
                for sent_record in await asyncio.gather(*sent)
            ]


def _arguments(record: FedRecord) -> dict[str, Any]:
    """The arguments of aiokafka's `send`."""
    return {
        "topic": record.topic,
        "key": record.key,
        "value": record.value,
        "timestamp_ms": record.timestamp,
        "headers": _HISTORY if record.backfill else [],
    }
