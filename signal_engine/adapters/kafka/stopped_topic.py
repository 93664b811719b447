"""The topic `digests.stopped`: read whole, and a record written once in a while."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.connecting.quiet import stop_producer, without_senders_log
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.core.errors import SignalEngineError
from signal_engine.wire.messages.answers.stopped_digests import StoppedRecord, read_stopped, write_stopped
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf

_ONLY: Final = 0
"""The partition."""
_TIMEOUT_S: Final = 10.0
"""Seconds for Kafka to connect and to take a record: a person waits."""


class _StoppedNotKept(SignalEngineError):
    """Kafka did not confirm a record in time; it may have been written nevertheless."""


class _StoppedUnreadable(SignalEngineError):
    """The topic holds a record that does not say whose digests are stopped."""


class StoppedDigestsTopic:
    """`engine.ports.delivery.stopped_log.StoppedLog`. Connects for each call. Raises `NoConnection`, also if the topic
    is missing."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        self._connection = connection
        self._topic = topic

    async def read(self) -> Mapping[DigestsOf, int | None]:
        """See `StoppedLog`. Raises `_StoppedUnreadable`."""
        await self._exists()
        last: dict[DigestsOf, int | None] = {}
        async with WholeTopic(self._connection, self._topic, [_ONLY]) as whole:
            async for batch in whole.read():
                for record in batch.records:
                    try:
                        one = read_stopped(record.key, record.value)
                    except ValueError as error:
                        where = f"topic {self._topic}: the record at offset {record.offset}"
                        raise _StoppedUnreadable(f"{where} {error}") from None
                    last[one.of] = one.at
            if whole.unreadable:
                raise _StoppedUnreadable(f"topic {self._topic}: {len(whole.unreadable)} batches cannot be read")
        return last

    async def write(self, of: DigestsOf, at: int | None) -> None:
        """See `StoppedLog`. Raises `_StoppedNotKept`."""
        await self._exists()
        key, value = write_stopped(StoppedRecord(of, at))
        client = AIOKafkaProducer(
            **self._connection.options(), acks="all", request_timeout_ms=round(_TIMEOUT_S * 1_000)
        )
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                with without_senders_log():
                    await client.start()
                await client.send_and_wait(self._topic, value, key, _ONLY)
        except (KafkaError, OSError, TimeoutError) as error:
            raise _StoppedNotKept(
                f"Kafka did not confirm a record of topic {self._topic}: {words(error, self._connection.protocol)}"
            ) from None
        finally:
            await stop_producer(client)

    async def _exists(self) -> None:
        async with connected(self._connection) as cluster:
            if self._topic not in await cluster.topics([self._topic]):
                raise NoConnection(f"topic {self._topic} is missing; create it with `signal-engine topics create`")
