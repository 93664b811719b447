"""The topic of alerts as a member of a consumer group of its own reads it. Positions are the ledger's; the group's
offsets follow them."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.engine.ports.delivery.alert_topic import TakeAlerts, TopicReach
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable, OutputBatchUnreadable

_WAIT_MS: Final = 100
_PAUSE_S: Final = 1.0
_MAX_RECORDS: Final = 1_000
_SESSION_MS: Final = 10_000
_HEARTBEAT_MS: Final = 1_000
_POLL_MS: Final = 60_000
_READ_WITHIN_MS: Final = 5_000

Taken = Callable[[Iterable[int]], Awaitable[Mapping[int, int]]]
GivenUp = Callable[[Iterable[int]], Awaitable[None]]


class AlertGroup:
    """`engine.ports.delivery.alert_topic.AlertReader`."""

    def __init__(self, connection: KafkaConnection, topic: str, group: str, instance: str, event_log: EventLog) -> None:
        """`instance` is a stable name of this member; empty: an ordinary one."""
        self._connection = connection
        self._topic = topic
        self._group = group
        self._instance = instance or None
        self._event_log = event_log
        self._client: Any = None
        self._again: set[int] = set()

    async def reach(self, partition: int) -> TopicReach:
        """See `AlertReader`."""
        place = TopicPartition(self._topic, partition)
        committed = await self._client.committed(place)
        places = [TopicPartition(self._topic, one) for one in self._client.partitions_for_topic(self._topic) or ()]
        known = committed is not None or any([await self._client.committed(one) is not None for one in places])
        async with self._other() as client:
            beginning = (await client.beginning_offsets([place]))[place]
            end = (await client.end_offsets([place]))[place]
        return TopicReach(committed, known, beginning, end)

    async def offset_at(self, partition: int, at: int) -> int:
        """See `AlertReader`."""
        place = TopicPartition(self._topic, partition)
        async with self._other() as client:
            found = (await client.offsets_for_times({place: at}))[place]
            return int((await client.end_offsets([place]))[place] if found is None else found.offset)

    async def time_before(self, partition: int, offset: int) -> int | None:
        """See `AlertReader`."""
        place = TopicPartition(self._topic, partition)
        async with self._other() as client:
            first = (await client.beginning_offsets([place]))[place]
            at = min(offset, (await client.end_offsets([place]))[place]) - 1
            while at >= first:  # the last offsets may have no records
                client.assign([place])
                client.seek(place, at)
                records = (await client.getmany(place, timeout_ms=_READ_WITHIN_MS, max_records=1)).get(place, ())
                if records:
                    return int(records[0].timestamp)
                at -= 1
        return None

    def begin_anew(self, partition: int) -> None:
        """See `AlertReader`."""
        self._again.add(partition)

    async def run(self, taken: Taken, given_up: GivenUp, take: TakeAlerts) -> None:
        """See `AlertReader`. An unreachable Kafka is waited for."""
        while True:
            skipping = SkippingConsumer()
            client = AIOKafkaConsumer(
                **self._connection.options(),
                group_id=self._group,
                group_instance_id=self._instance,
                value_deserializer=skipping.plain,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level="read_committed",
                session_timeout_ms=_SESSION_MS,
                heartbeat_interval_ms=_HEARTBEAT_MS,
                max_poll_interval_ms=_POLL_MS,
            )
            self._client = client
            listener = _Listener(client, self._topic, taken, given_up, self._again)
            client.subscribe([self._topic], listener=listener)
            try:
                await client.start()
                while True:
                    await self._read(client, skipping, listener, take)
            except KafkaError as error:
                self._event_log.write(KafkaUnavailable(reason=words(error, self._connection.protocol)))
                await given_up(range(len(client.partitions_for_topic(self._topic) or ())))
                await asyncio.sleep(_PAUSE_S)
            finally:
                await client.stop()

    async def _read(self, client: Any, skipping: SkippingConsumer, listener: "_Listener", take: TakeAlerts) -> None:
        again = [TopicPartition(self._topic, one) for one in self._again]
        self._again.clear()
        if again:
            await listener.take([place for place in again if place in client.assignment()])
        came = await client.getmany(timeout_ms=_WAIT_MS, max_records=_MAX_RECORDS)
        times = listener.times
        for place, records in came.items():
            if listener.times != times:  # assigned anew: what was fetched before may lie behind a gap
                break
            position = await take(place.partition, records)
            if position is None or listener.times != times or place not in client.assignment():
                continue
            if position != records[-1].offset + 1:
                client.seek(place, position)
            await self._commit(client, place, position)
        skipping.read_on(client)
        for place, batch in skipping.passed_over:
            self._event_log.write(
                OutputBatchUnreadable(topic=self._topic, partition=place.partition, why=batch.in_words())
            )
        skipping.passed_over.clear()

    async def _commit(self, client: Any, place: TopicPartition, offset: int) -> None:
        try:
            await client.commit({place: offset})
        except (CommitFailedError, IllegalStateError):  # it was given to somebody else meanwhile, who commits
            return

    @asynccontextmanager
    async def _other(self) -> Any:
        """A consumer without a group, for one question."""
        client = AIOKafkaConsumer(
            **self._connection.options(),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            value_deserializer=SkippingConsumer().plain,
        )
        try:
            await client.start()
            yield client
        finally:
            await client.stop()


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    """Takes partitions where the ledger says, and tells the group where it stands."""

    def __init__(self, client: Any, topic: str, taken: Taken, given_up: GivenUp, again: set[int]) -> None:
        """`again` gets the partitions that could not be taken: whoever reads takes them then."""
        self._client, self._topic, self._taken, self._given_up = client, topic, taken, given_up
        self._again = again
        self.times = 0
        """How often partitions were taken or given up."""

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """As aiokafka calls it, before others get them."""
        self.times += 1
        await self._given_up(sorted(place.partition for place in revoked))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """As aiokafka calls it, before anything is fetched.

        It would log what fails here and go on as if the partitions were taken: nobody would deliver their alerts.
        """
        try:
            await self.take(assigned)
        except Exception:  # noqa: BLE001 (whoever reads meets it again, and says so)
            self._again.update(place.partition for place in assigned)

    async def take(self, places: Iterable[TopicPartition]) -> None:
        """Read each on from where its ledger says."""
        positions = await self._taken(sorted(place.partition for place in places))
        self.times += 1
        offsets = {TopicPartition(self._topic, partition): offset for partition, offset in positions.items()}
        for place, offset in offsets.items():
            self._client.seek(place, offset)
        if offsets:
            await self._client.commit(offsets)
