"""Check on Kafka that the signal topics are those whose positions the store holds (`engine.ingest`)."""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, SeenCluster, as_no_connection, connected
from signal_engine.adapters.kafka.topics.start_checks import UnusableTopics, compare
from signal_engine.engine.ingest.topic_identity import TopicsReplaced, check_value
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Unreadable
from signal_engine.engine.ports.log_events.servers import RecordNotVerified, TopicsNotVerified
from signal_engine.engine.ports.transaction import LastRecord, Positions
from signal_engine.wire.storage.in_force import TopicsInForce

_ASK_INTERVAL_S: Final = 5.0
"""Seconds between two polls of the metadata."""
_READ_TIMEOUT_S: Final = 10.0
"""Seconds to wait for a record, so that a partition without leader does not delay the others."""
_END_TIMEOUT_S: Final = 3.0
"""Seconds for an end offset to reach a position, since brokers may report one that is a batch behind."""
_MAX_COMPARED_BYTES: Final = 64 * 1024
_ADVICE: Final = (
    "The topic was created anew, its broker came back with an older disk, or this is another cluster. Configure the"
    " right cluster, or start over with `signal-engine rebuild`"
)


class _StoredPosition(NamedTuple):
    """What the store knows of one topic-partition."""

    place: Any
    position: int
    last: LastRecord | None


class KafkaIdentity:
    """`engine.ingest.topic_identity.TopicIdentity` of the signal topics."""

    def __init__(
        self, connection: KafkaConnection, controls: Controls, topics: Collection[str], event_log: EventLog
    ) -> None:
        self._connection = connection
        self._controls = controls
        self._topics = sorted(topics)
        self._event_log = event_log
        self._seen: SeenCluster | None = None

    async def check(self, positions: Mapping[int, Positions]) -> None:
        """See `TopicIdentity`. Compares nothing if Kafka does not answer; then nothing can be read either."""
        known = [*self._known(positions)]
        try:
            async with connected(self._connection) as cluster:
                seen = await cluster.ids(self._topics)
                partitions = {name: topic.partitions for name, topic in (await cluster.topics(self._topics)).items()}
            self._seen = self._seen or seen
            if len(partitions) == len(self._topics) and len(set(partitions.values())) == 1:
                await compare(self._controls, TopicsInForce(next(iter(partitions.values())), seen.ids, seen.cluster))
            else:
                raise TopicsReplaced([_mismatch(partitions, self._topics)])
            await self._compare_records([one for one in known if one.place.partition < partitions[one.place.topic]])
        except UnusableTopics as error:
            raise TopicsReplaced(error.lines) from None
        except NoConnection as error:
            self._event_log.write(TopicsNotVerified(reason=str(error)))

    async def changed(self) -> None:
        """See `TopicIdentity`: another id, leader or epoch, as when a broker has come back."""
        while True:
            await asyncio.sleep(_ASK_INTERVAL_S)
            try:
                async with connected(self._connection) as cluster:
                    seen = await cluster.ids(self._topics)
            except NoConnection:  # the consumer reports it
                continue
            before, self._seen = self._seen, seen
            if before is not None and before != seen:
                return

    def _known(self, positions: Mapping[int, Positions]) -> Iterator[_StoredPosition]:
        for number, stored in positions.items():
            for topic in self._topics:
                if (position := stored.topics.get(topic)) is not None:
                    yield _StoredPosition(TopicPartition(topic, number), position, stored.last.get(topic))

    async def _compare_records(self, known: list[_StoredPosition]) -> None:
        if not known:
            return
        places, unreadable = [one.place for one in known], dict[Any, Unreadable]()
        with as_no_connection(self._connection.protocol):
            client = AIOKafkaConsumer(
                **self._connection.options(),
                enable_auto_commit=False,
                auto_offset_reset="none",
                max_partition_fetch_bytes=_MAX_COMPARED_BYTES,
                value_deserializer=PlainDeserializer(unreadable.__setitem__),
            )
            try:
                await client.start()
                client.assign(places)
                await self._reach(client, known)
                beginnings = await client.beginning_offsets(places)
                wanted = {one.place: one.last for one in known if one.last is not None}
                for place in [place for place, last in wanted.items() if last.offset < beginnings[place]]:
                    self._unchecked(place, wanted.pop(place), "it is past its retention")
                if problems := [*_unlike(wanted, await self._read(client, wanted, unreadable))]:
                    raise TopicsReplaced([*problems, _ADVICE])
            finally:
                await client.stop()

    async def _reach(self, client: Any, known: list[_StoredPosition]) -> None:
        """Raise `TopicsReplaced` if a topic ends below its position."""
        until = asyncio.get_running_loop().time() + _END_TIMEOUT_S
        while True:
            ends = await client.end_offsets([one.place for one in known])
            short = [one for one in known if ends[one.place] < one.position]
            if not short:
                return
            if asyncio.get_running_loop().time() > until:
                shortfalls = [
                    f"topic {one.place.topic}/{one.place.partition} ends at {ends[one.place]}, and the stored position"
                    f" is {one.position}"
                    for one in short
                ]
                raise TopicsReplaced([*shortfalls, _ADVICE])
            await asyncio.sleep(0.2)

    async def _read(
        self, client: Any, wanted: Mapping[Any, LastRecord], unreadable: Mapping[Any, Unreadable]
    ) -> dict[Any, Any]:
        """The first record at or above each wanted offset; those that turn out to be `unreadable` hold up no others."""
        found: dict[Any, Any] = {}
        client.pause(*[place for place in client.assignment() if place not in wanted])
        for place, last in wanted.items():
            client.seek(place, last.offset)
        until = asyncio.get_running_loop().time() + _READ_TIMEOUT_S
        while left := [place for place in wanted if place not in found and place not in unreadable]:
            if asyncio.get_running_loop().time() > until:
                for place in left:
                    self._unchecked(place, wanted[place], "it could not be read in time")
                return found
            came = await client.getmany(*left, timeout_ms=200, max_records=len(left))
            for place, records in came.items():
                if records:
                    found[place] = records[0]
                    client.pause(place)
        for place in [place for place in wanted if place not in found]:
            self._unchecked(place, wanted[place], unreadable[place].in_words())
        return found

    def _unchecked(self, place: Any, last: LastRecord, why: str) -> None:
        """Log that only the ids could be compared."""
        self._event_log.write(
            RecordNotVerified(topic=place.topic, partition=place.partition, offset=last.offset, why=why)
        )


def _unlike(wanted: Mapping[Any, LastRecord], found: Mapping[Any, Any]) -> Iterator[str]:
    for place, record in found.items():
        last = wanted[place]
        if (record.offset, record.timestamp, check_value(record)) != last:
            yield f"topic {place.topic}/{place.partition} has another record at {last.offset} than the one read before"


def _mismatch(partitions: Mapping[str, int], wanted: Iterable[str]) -> str:
    missing = [name for name in wanted if name not in partitions]
    if missing:
        return f"topic {missing[0]} is missing; create it with `signal-engine topics create`"
    counts = ", ".join(f"{name} {number}" for name, number in partitions.items())
    return f"signal topics must have the same number of partitions: {counts}"
