"""Read a few topics from their beginning, without consumer group or commits."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import as_no_connection

_WAIT_MS: Final = 200


class Tail:
    """Reads on as records arrive. A context manager, bound to its event loop. Raises `NoConnection`."""

    def __init__(self, connection: KafkaConnection, topics: Sequence[str], partitions: int) -> None:
        """`partitions` is the number of partitions of each topic."""
        self._protocol = connection.protocol
        self._places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        self._client = AIOKafkaConsumer(**connection.options(), auto_offset_reset="earliest")

    async def __aenter__(self) -> Self:
        try:
            with as_no_connection(self._protocol):
                await self._client.start()
        except BaseException:
            await self._client.stop()
            raise
        self._client.assign(self._places)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.stop()

    async def read(self) -> list[Any]:
        """The records since the last call, as aiokafka's; waits briefly for the first."""
        with as_no_connection(self._protocol):
            came = await self._client.getmany(timeout_ms=_WAIT_MS)
        return [record for records in came.values() for record in records]

    async def at_end(self) -> bool:
        """Whether all records have been read."""
        with as_no_connection(self._protocol):
            ends = await self._client.end_offsets(self._places)
            return all([await self._client.position(place) >= end for place, end in ends.items()])
