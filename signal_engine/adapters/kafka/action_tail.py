"""Follow the topic of account actions with one consumer, without group or commits."""

import asyncio
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.engine.actions.seen_actions import TakeSeen
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable

_WAIT_MS: Final = 100
"""Within this time a partition that was added is read."""
_PAUSE_S: Final = 1.0


class KafkaActionTail:
    """`engine.actions.seen_actions.ActionTail`."""

    def __init__(self, connection: KafkaConnection, topic: str, event_log: EventLog) -> None:
        self._connection = connection
        self._topic = topic
        self._event_log = event_log
        self._next: dict[int, int] = {}
        """Partition -> the offset to read on from."""
        self._assigned: set[int] = set()

    def follow(self, partition: int, start: int) -> None:
        """See `ActionTail`."""
        self._next[partition] = start
        self._assigned.discard(partition)

    def leave(self, partition: int) -> None:
        """See `ActionTail`."""
        self._next.pop(partition, None)

    async def run(self, take: TakeSeen) -> None:
        """See `ActionTail`."""
        while True:
            client = AIOKafkaConsumer(
                **self._connection.options(),
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level="read_committed",
            )
            self._assigned.clear()
            try:
                await client.start()
                while True:
                    await self._read(client, take)
            except KafkaError as error:
                self._event_log.write(KafkaUnavailable(reason=words(error, self._connection.protocol)))
                await asyncio.sleep(_PAUSE_S)
            finally:
                await client.stop()

    async def _read(self, client: AIOKafkaConsumer, take: TakeSeen) -> None:
        if self._assigned != self._next.keys():
            client.assign([TopicPartition(self._topic, number) for number in self._next])
            for number, start in self._next.items():
                client.seek(TopicPartition(self._topic, number), start)
            self._assigned = {*self._next}
        if not self._assigned:
            await asyncio.sleep(_WAIT_MS / 1000)
            return
        for place, records in (await client.getmany(timeout_ms=_WAIT_MS)).items():
            if place.partition in self._next and place.partition in self._assigned:
                self._next[place.partition] = records[-1].offset + 1
                take(place.partition, records)
