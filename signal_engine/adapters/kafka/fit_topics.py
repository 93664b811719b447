"""The topics of accounts loads: read what whole loads wrote, and write one, in one transaction where the broker can."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, as_no_connection, connected
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.loaded_accounts import LoadedRecord, LoadReplaced
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable, LoadsUnreadable
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.rules.fit_load import FIT_LOAD_KEY, AccountsLoad, read_fit_load
from signal_engine.wire.topics import TopicNames

_WAIT_MS: Final = 500
_BATCH_RECORDS: Final = 1_000
_SILENCE_TIMEOUT_S: Final = 15.0
"""Seconds without a record before what a load says to be there counts as missing."""
_FIRST_PAUSE_S: Final = 0.2
_MAX_PAUSE_S: Final = 5.0


class PlacedLoad(NamedTuple):
    """A load, and the offset of its record in the topic `rules`."""

    load: AccountsLoad
    offset: int


class _RowsMissing(NoConnection):
    """`fit.accounts` ends before the load in force does: it was created anew, or has lost its end."""


class KafkaLoads:
    """`engine.ports.loaded_accounts.LoadedAccounts`. With an event log it waits for Kafka, and for rows that are
    missing until there is another load; else it raises `NoConnection`.
    """

    def __init__(self, connection: KafkaConnection, names: TopicNames, event_log: EventLog | None = None) -> None:
        self._connection = connection
        self._names = names
        self._event_log = event_log

    async def partitions(self) -> int | None:
        """How many partitions `fit.accounts` has; None if it or the topic `rules` is missing. Raises `NoConnection`."""
        async with connected(self._connection) as cluster:
            seen = await cluster.topics([self._names.fit_accounts, self._names.rules])
        return seen[self._names.fit_accounts].partitions if len(seen) > 1 else None

    async def latest(self) -> PlacedLoad | None:
        """The last whole load. A record that this version cannot read is said and is none. Raises `NoConnection`."""
        found: PlacedLoad | None = None
        end = await self.end_of_rules()
        async for records in self._batches(self._names.rules, 0, 0, end):
            for record in records:
                if record.key != FIT_LOAD_KEY or record.value is None:
                    continue
                load = read_fit_load(record.value)
                if isinstance(load, Refusal):
                    self._say(LoadsUnreadable(offset=record.offset, why=load.detail))
                else:
                    found = PlacedLoad(load, record.offset)
        return found

    async def ends(self, topic: str, partitions: int) -> list[int]:
        """The offsets behind what is whole in the partitions of a topic. Raises `NoConnection`."""
        places = [TopicPartition(topic, number) for number in range(partitions)]
        async with self._reader(SkippingConsumer()) as client:
            ends = await client.end_offsets(places)
        return [int(ends[place]) for place in places]

    async def end_of_rules(self) -> int:
        """The offset behind what the topic `rules` holds. Raises `NoConnection`."""
        return (await self.ends(self._names.rules, 1))[0]

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        """See `LoadedAccounts`."""
        async for records in self._batches(self._names.fit_accounts, partition, 0, end):
            keyed = [one for one in records if one.key is not None]
            yield [LoadedRecord(one.key.decode("utf-8", "replace"), one.value) for one in keyed]

    async def _batches(self, topic: str, partition: int, start: int, end: int) -> AsyncIterator[Sequence[Any]]:
        """Whole records from `start` on and before `end`; goes on where it stood after a failure."""
        pause, at = _FIRST_PAUSE_S, start
        while at < end:
            try:
                async for records, reached in self._once(TopicPartition(topic, partition), at, end):
                    yield records
                    at, pause = reached, _FIRST_PAUSE_S
                at = end  # also where a batch that cannot be read hides the rest
            except NoConnection as error:
                if self._event_log is None:
                    raise
                if pause == _FIRST_PAUSE_S:
                    self._say(KafkaUnavailable(reason=str(error)))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_S)
                if isinstance(error, _RowsMissing) and await self._is_replaced(partition, end):
                    raise LoadReplaced(partition) from None

    async def _is_replaced(self, partition: int, end: int) -> bool:
        """Whether the last whole load is not the one that reaches to `end` in a partition of `fit.accounts`; no where
        Kafka does not answer: silence alone looks as if rows were missing.
        """
        try:
            latest = await self.latest()
        except NoConnection:
            return False
        return latest is not None and latest.load.ends[partition : partition + 1] != (end,)

    async def _once(self, place: TopicPartition, start: int, end: int) -> AsyncIterator[tuple[Sequence[Any], int]]:
        passing = SkippingConsumer()
        async with self._reader(passing) as client:
            client.assign([place])
            first = (await client.beginning_offsets([place]))[place]
            at = max(start, first)
            client.seek(place, at)
            heard = time.monotonic()
            while at < end and place not in passing.ended:
                came = await client.getmany(place, timeout_ms=_WAIT_MS, max_records=_BATCH_RECORDS)
                passing.read_on(client)
                records = [one for one in came.get(place, ()) if one.offset < end]
                reached = await client.position(place)  # the last offsets may have no records
                if reached > at:
                    at, heard = reached, time.monotonic()
                    yield records, at
                elif time.monotonic() - heard > _SILENCE_TIMEOUT_S:
                    raise _RowsMissing(
                        f"partition {place.partition} of {place.topic} ends at {at}, and the load in force reaches to "
                        f"{end}: if the topic was created anew, load the accounts again"
                    )

    @asynccontextmanager
    async def _reader(self, passing: SkippingConsumer) -> AsyncIterator[Any]:
        with as_no_connection(self._connection.protocol):
            client = AIOKafkaConsumer(
                **self._connection.options(),
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level="read_committed",
                value_deserializer=passing.plain,
            )
            try:
                await client.start()
                yield client
            finally:
                await client.stop()

    def _say(self, event: Any) -> None:
        if self._event_log is not None:
            self._event_log.write(event)
