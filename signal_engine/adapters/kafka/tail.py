"""A few topics read from their beginning on by somebody who only looks: no consumer group, nothing committed."""

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import told_as_no_connection

_WAIT_MS: Final = 200


class Tail:
    """Use as a context, in the loop that uses it. Raises `NoConnection`."""

    def __init__(self, connection: KafkaConnection, topics: Sequence[str], partitions: int) -> None:
        """Of `topics` with so many `partitions` each."""
        self._protocol = connection.protocol
        self._places = [TopicPartition(topic, number) for topic in topics for number in range(partitions)]
        self._client = AIOKafkaConsumer(**connection.options(), auto_offset_reset="earliest")

    async def __aenter__(self) -> Self:
        try:
            with told_as_no_connection(self._protocol):
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
        """The records that have come since, as aiokafka has them; waits a moment for the first."""
        with told_as_no_connection(self._protocol):
            came = await self._client.getmany(timeout_ms=_WAIT_MS)
        return [record for records in came.values() for record in records]

    async def at_end(self) -> bool:
        """Whether everything there is has been read."""
        with told_as_no_connection(self._protocol):
            ends = await self._client.end_offsets(self._places)
            return all([await self._client.position(place) >= end for place, end in ends.items()])
