"""The topic `rules`: read it to its end, write a publication in one Kafka transaction, follow it.

The transactional id is the topic's name. Whoever connects with it last fences those before: their transaction is taken
back, and their next write fails. So a publisher connects first, then reads what there is, decides, and writes.
A broker without transactions, such as the embedded one, takes the records one by one, `current` last.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    InvalidProducerEpoch,
    KafkaError,
    ProducerFenced,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
    UnknownError,
    UnsupportedVersionError,
)

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.connecting.quiet import stop_producer, take_failures, without_senders_log
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable, OutputBatchUnreadable
from signal_engine.engine.ports.rules_topic import Decide, RuleRecord, TakeRules, ToPublish, Written

_TIMEOUT_S: Final = 15.0
"""Seconds for Kafka to answer one step of a publication."""
_FIRST_TRANSACTION_S: Final = 60.0
"""Seconds to get a transactional id: for the first of its life a broker makes a topic of 50 partitions."""
_TRANSACTION_MS: Final = 10_000
"""ms after which Kafka takes back what a publisher that died left half written."""
_LARGEST_BYTES: Final = 1024 * 1024
_POLL_MS: Final = 1_000
_PAUSE_S: Final = 1.0
_COMMITTED: Final = "read_committed"
_ONLY: Final = 0
"""The partition."""


class PublicationFenced(SignalEngineError):
    """Somebody else began to publish meanwhile; nothing of this publication was written."""


class _NotPublished(SignalEngineError):
    """Kafka refused, or did not confirm in time; the message says what is known."""


class RulesTopic:
    """`engine.ports.rules_topic.RulesPublisher`; raises `NoConnection`, also if the topic is missing."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        self._connection = connection
        self._topic = topic

    async def exists(self) -> bool:
        """Whether the topic is there."""
        async with connected(self._connection) as cluster:
            return bool(await cluster.topics([self._topic]))

    async def read(self) -> list[RuleRecord]:
        """All that is there, in order; what a transaction in progress holds is not."""
        if not await self.exists():
            raise NoConnection(f"topic {self._topic} is missing; create it with `signal-engine topics create`")
        async with WholeTopic(self._connection, self._topic, [_ONLY], committed=True) as whole:
            return [_plain(one) async for batch in whole.read() for one in batch.records]

    async def publish(self, decide: Decide) -> Written | None:
        """See `RulesPublisher`. Raises `PublicationFenced`, `_NotPublished`, and what `decide` does."""
        await self.read()  # a missing topic is said before anybody is fenced
        async with self._producer() as (client, in_transaction):
            records = decide(await self.read())
            if not records:
                return None
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    send = self._in_transaction if in_transaction else self._one_by_one
                    return Written(await send(client, records), in_transaction)
            except (ProducerFenced, InvalidProducerEpoch):
                raise PublicationFenced(
                    "somebody else published at the same time, and nothing of this was written: look at what is in"
                    " force now, and publish again"
                ) from None
            except TopicAuthorizationFailedError:
                raise _NotPublished(f"this user may not write to topic {self._topic}; nothing was published") from None
            except (KafkaError, OSError, TimeoutError) as error:
                return await self._look_again(records, error, in_transaction=in_transaction)

    async def _in_transaction(self, client: Any, records: Sequence[ToPublish]) -> int:
        async with client.transaction():
            try:
                return await self._one_by_one(client, records)
            except KafkaError:
                take_failures(client)  # taking the transaction back replaces its waiter
                raise

    async def _one_by_one(self, client: Any, records: Sequence[ToPublish]) -> int:
        offset = 0
        for one in records:
            sent = await client.send_and_wait(self._topic, one.value, one.key.encode(), _ONLY)
            offset = sent.offset
        return int(offset)

    async def _look_again(self, records: Sequence[ToPublish], error: Exception, *, in_transaction: bool) -> Written:
        """Whether it was written after all: an answer may have been lost."""
        last = records[-1]
        for one in reversed(await self.read()):
            if one.key == last.key.encode():
                if one.value == last.value:
                    return Written(one.offset, in_transaction)
                break
        raise _NotPublished(
            f"Kafka did not confirm the publication: {words(error, self._connection.protocol)}; it is not in force."
            " Look at what is in force in a minute, and publish again"
        ) from None

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[tuple[Any, bool]]:
        """A connected producer, and whether it writes in transactions; nobody else's does from then on."""
        client = None
        try:
            with without_senders_log():
                for in_transaction in (True, False):
                    client = self._client(in_transaction=in_transaction)
                    try:
                        async with asyncio.timeout(_FIRST_TRANSACTION_S if in_transaction else _TIMEOUT_S):
                            await client.start()
                        break
                    except (UnknownError, UnsupportedVersionError):  # so a broker without transactions answers
                        await stop_producer(client)
                        if not in_transaction:
                            raise
        except TransactionalIdAuthorizationFailed:
            await _stop(client)
            raise _NotPublished(
                f"this user may not use the transactional id {self._topic}; nothing was published"
            ) from None
        except (KafkaError, OSError, TimeoutError) as error:
            await _stop(client)
            raise NoConnection(f"Kafka does not answer: {words(error, self._connection.protocol)}") from None
        try:
            yield client, in_transaction
        finally:
            await _stop(client)

    def _client(self, *, in_transaction: bool) -> Any:
        more = {"transactional_id": self._topic, "transaction_timeout_ms": _TRANSACTION_MS} if in_transaction else {}
        return AIOKafkaProducer(
            **self._connection.options(),
            acks="all",
            max_request_size=_LARGEST_BYTES,
            request_timeout_ms=round(_TIMEOUT_S * 1_000),
            **more,
        )


class KafkaRulesTail:
    """`engine.ports.rules_topic.RulesTail`."""

    def __init__(self, connection: KafkaConnection, topic: str, event_log: EventLog) -> None:
        self._connection = connection
        self._place = TopicPartition(topic, _ONLY)
        self._event_log = event_log
        self._next = 0
        self._away = False

    async def run(self, take: TakeRules) -> None:
        """See `RulesTail`."""
        self._next = 0
        while True:
            skipping = SkippingConsumer()
            client = AIOKafkaConsumer(
                **self._connection.options(),
                value_deserializer=skipping.plain,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                isolation_level=_COMMITTED,
            )
            try:
                await client.start()
                client.assign([self._place])
                client.seek(self._place, self._next)
                self._away = False
                while True:
                    await self._read(client, skipping, take)
            except KafkaError as error:
                if not self._away:
                    self._event_log.write(KafkaUnavailable(reason=words(error, self._connection.protocol)))
                self._away = True
                await asyncio.sleep(_PAUSE_S)
            finally:
                await client.stop()

    async def end(self) -> int:
        """See `RulesTail`. Raises `KafkaError`."""
        client = AIOKafkaConsumer(**self._connection.options(), enable_auto_commit=False, isolation_level=_COMMITTED)
        try:
            await client.start()
            return int((await client.end_offsets([self._place]))[self._place])
        finally:
            await client.stop()

    async def _read(self, client: Any, skipping: SkippingConsumer, take: TakeRules) -> None:
        """Hand over what came; nothing only where there is no more, or a half-read topic would pass for all of it."""
        came = (await client.getmany(self._place, timeout_ms=_POLL_MS)).get(self._place, ())
        skipping.read_on(client)  # as whoever reads the topic as a whole does
        for place, batch in skipping.passed_over:
            self._event_log.write(
                OutputBatchUnreadable(topic=place.topic, partition=place.partition, why=batch.in_words())
            )
        skipping.passed_over.clear()
        if came:
            self._next = came[-1].offset + 1
            await take([_plain(one) for one in came])
        elif await client.position(self._place) >= (await client.end_offsets([self._place]))[self._place]:
            await take([])


def _plain(record: Any) -> RuleRecord:
    return RuleRecord(record.offset, record.timestamp, record.key, record.value)


async def _stop(client: Any) -> None:
    if client is not None:
        await stop_producer(client)
