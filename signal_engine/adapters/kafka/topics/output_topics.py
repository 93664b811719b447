"""Read topics from an offset to their end, without consumer group; find their first and end offsets."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, as_no_connection, connected
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable, OutputBatchUnreadable
from signal_engine.engine.ports.output_topics import Take

_WAIT_MS: Final = 500
_FIRST_PAUSE_S: Final = 0.2
_MAX_PAUSE_S: Final = 5.0


class OffsetRange(NamedTuple):
    """The first and the end offset of a topic-partition."""

    beginning: int
    end: int

    @property
    def records(self) -> int:
        """Upper limit of the number of records: includes transaction markers and compacted records."""
        return self.end - self.beginning


class KafkaOutput:
    """`engine.ports.output_topics.OutputTopics`; reads one topic-partition at a time."""

    def __init__(self, connection: KafkaConnection, event_log: EventLog) -> None:
        self._connection = connection
        self._event_log = event_log
        self._one = asyncio.Lock()

    async def partitions(self, topic: str) -> int:
        """See `OutputTopics`."""
        pause = _FIRST_PAUSE_S
        while True:
            try:
                async with connected(self._connection) as cluster:
                    return (await cluster.topics([topic]))[topic].partitions
            except NoConnection as error:
                pause = await self._pause(error, pause)

    async def read(self, topic: str, partition: int, start: int, take: Take) -> int:
        """See `OutputTopics`."""
        pause, at = _FIRST_PAUSE_S, start
        async with self._one:
            while True:
                try:
                    passing = SkippingConsumer()
                    async with _reader(self._connection, passing) as client:
                        place = TopicPartition(topic, partition)
                        client.assign([place])
                        end = (await client.end_offsets([place]))[place]
                        at = max(at, (await client.beginning_offsets([place]))[place])
                        client.seek(place, at)
                        while at < end and place not in passing.ended:
                            for record in (await client.getmany(place, timeout_ms=_WAIT_MS)).get(place, ()):
                                take(record.key, record.value)
                                at = record.offset + 1
                            passing.read_on(client)
                            at = max(at, await client.position(place))  # the last offsets may have no records
                        self._say(passing)
                        return int(at)
                except NoConnection as error:
                    pause = await self._pause(error, pause)

    def _say(self, passing: SkippingConsumer) -> None:
        for place, what in passing.passed_over:
            self._event_log.write(
                OutputBatchUnreadable(topic=place.topic, partition=place.partition, why=what.in_words())
            )

    async def _pause(self, error: NoConnection, pause: float) -> float:
        if pause == _FIRST_PAUSE_S:
            self._event_log.write(KafkaUnavailable(reason=str(error)))
        await asyncio.sleep(pause)
        return min(2 * pause, _MAX_PAUSE_S)


async def reaches(connection: KafkaConnection, topics: Iterable[str]) -> dict[str, list[OffsetRange]]:
    """Existing topic -> `OffsetRange` by partition. Raises `NoConnection`."""
    async with connected(connection) as cluster:
        seen = await cluster.topics(topics)
    places = [TopicPartition(topic.name, n) for topic in seen.values() for n in range(topic.partitions)]
    if not places:
        return {}
    async with _reader(connection, SkippingConsumer()) as client:
        beginnings, ends = await client.beginning_offsets(places), await client.end_offsets(places)
    found: dict[str, list[OffsetRange]] = {name: [] for name in seen}
    for place in places:
        found[place.topic].append(OffsetRange(beginnings[place], ends[place]))
    return found


@asynccontextmanager
async def _reader(connection: KafkaConnection, passing: SkippingConsumer) -> AsyncIterator[Any]:
    with as_no_connection(connection.protocol):
        client = AIOKafkaConsumer(
            **connection.options(),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            value_deserializer=passing.plain,
        )
        try:
            await client.start()
            yield client
        finally:
            await client.stop()
