"""Read a whole topic, from its beginning to its present end, without consumer group or commits."""

import time
from collections.abc import AsyncIterator, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, as_no_connection
from signal_engine.engine.ports.fetched import FetchedRecord, Unreadable

_WAIT_MS: Final = 200
_SILENCE_TIMEOUT_S: Final = 15.0
"""Seconds without a record after which Kafka counts as unreachable."""
_BATCH_RECORDS: Final = 500


class RecordBatch(NamedTuple):
    """Consecutive records of one partition."""

    partition: int
    records: Sequence[FetchedRecord]


class WholeTopic:
    """Reads a whole topic. A context manager, bound to its event loop. Raises `NoConnection`."""

    def __init__(
        self, connection: KafkaConnection, topic: str, partitions: Sequence[int], *, committed: bool = False
    ) -> None:
        """`partitions` are those to read; they must exist. `committed`: what a transaction in progress holds is not
        there yet, nor what is behind it.
        """
        self._protocol = connection.protocol
        self._places = [TopicPartition(topic, number) for number in partitions]
        self._passing = SkippingConsumer()
        self._client = AIOKafkaConsumer(
            **connection.options(),
            auto_offset_reset="earliest",
            value_deserializer=self._passing.plain,
            isolation_level="read_committed" if committed else "read_uncommitted",
        )
        self._ends: dict[Any, int] = {}
        self.beginnings: dict[int, int] = {}
        """Partition -> its first offset now."""

    async def __aenter__(self) -> Self:
        try:
            with as_no_connection(self._protocol):
                await self._client.start()
                self._client.assign(self._places)
                self._ends = await self._client.end_offsets(self._places)
                begins = await self._client.beginning_offsets(self._places)
        except BaseException:
            await self._client.stop()
            raise
        self.beginnings = {place.partition: offset for place, offset in begins.items()}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.stop()

    @property
    def unreadable(self) -> list[tuple[int, Unreadable]]:
        """(partition, batch) of each unreadable batch that was skipped."""
        return [(place.partition, what) for place, what in dict.fromkeys(self._passing.passed_over)]

    async def read(self) -> AsyncIterator[RecordBatch]:
        """Yield all records in the order of each partition, without those that arrived after entering the context.

        A repeated call yields the same, except for records removed by retention.
        """
        with as_no_connection(self._protocol):
            await self._client.seek_to_beginning(*self._places)
        heard = time.monotonic()
        while not await self._at_end():
            with as_no_connection(self._protocol):
                came = await self._client.getmany(timeout_ms=_WAIT_MS, max_records=_BATCH_RECORDS)
                self._passing.read_on(self._client)
            for place, records in came.items():
                yield RecordBatch(place.partition, [one for one in records if one.offset < self._ends[place]])
            if came:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE_TIMEOUT_S:
                raise NoConnection(
                    f"Kafka does not answer: no record of {self._places[0].topic} in {_SILENCE_TIMEOUT_S:g} s"
                )

    async def _at_end(self) -> bool:
        with as_no_connection(self._protocol):
            left = [(place, end) for place, end in self._ends.items() if place not in self._passing.ended]
            return all([await self._client.position(place) >= end for place, end in left])
