"""Follow some partitions of a topic with one consumer, without group or commits.

A batch that cannot be read is logged and skipped: what comes after it, and every other partition, goes on. The consumer
group stops there until somebody decides (`dead_letters.paused_topics`); a tail decides nothing.
"""

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import TakeRecords, Unreadable
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable, OutputBatchUnreadable

_WAIT_MS: Final = 100
"""Within this time a partition that was added is read."""
_PAUSE_S: Final = 1.0
_MAX_RECORDS: Final = 2_000
"""Records taken over at once, so that memory stays bounded while a topic is read from its beginning."""


class KafkaPartitionTail:
    """`engine.ports.fetched.PartitionTail`."""

    def __init__(self, connection: KafkaConnection, topic: str, event_log: EventLog) -> None:
        self._connection = connection
        self._topic = topic
        self._event_log = event_log
        self._next: dict[int, int] = {}
        """Partition -> the offset to read on from."""
        self._assigned: set[int] = set()

    def follow(self, partition: int, start: int) -> None:
        """See `PartitionTail`."""
        self._next[partition] = start
        self._assigned.discard(partition)

    def leave(self, partition: int) -> None:
        """See `PartitionTail`."""
        self._next.pop(partition, None)

    async def run(self, take: TakeRecords) -> None:
        """See `PartitionTail`."""
        while True:
            skipping = SkippingConsumer()
            client = AIOKafkaConsumer(
                **self._connection.options(),
                value_deserializer=skipping.plain,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level="read_committed",
            )
            self._assigned.clear()
            try:
                await client.start()
                while True:
                    await self._read(client, skipping, take)
            except KafkaError as error:
                self._event_log.write(KafkaUnavailable(reason=words(error, self._connection.protocol)))
                await asyncio.sleep(_PAUSE_S)
            finally:
                await client.stop()

    async def _read(self, client: AIOKafkaConsumer, skipping: SkippingConsumer, take: TakeRecords) -> None:
        if self._assigned != self._next.keys():
            client.assign([TopicPartition(self._topic, number) for number in self._next])
            for number, start in self._next.items():
                client.seek(TopicPartition(self._topic, number), start)
            self._assigned = {*self._next}
        if not self._assigned:
            await asyncio.sleep(_WAIT_MS / 1000)
            return
        came = await client.getmany(timeout_ms=_WAIT_MS, max_records=_MAX_RECORDS)
        for place, records in came.items():
            if place.partition in self._next and place.partition in self._assigned:
                self._next[place.partition] = records[-1].offset + 1
                await take(place.partition, records)
        skipping.read_on(client)
        for place, batch in skipping.passed_over:
            self._skipped(place.partition, batch)
        skipping.passed_over.clear()

    def _skipped(self, number: int, batch: Unreadable) -> None:
        """Read on behind the batch also with the next client; where its end is unknown, the partition ends there."""
        self._event_log.write(OutputBatchUnreadable(topic=self._topic, partition=number, why=batch.in_words()))
        if batch.end is not None and number in self._next:
            self._next[number] = max(self._next[number], batch.end)
