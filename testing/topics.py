"""The topics of one engine, as any producer and consumer sees them."""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownError

from testing.records import Produced, ToProduce

ACTIONS: Final = "account.actions"
"""What stands in the place of a kind for a record of account actions."""
OUTCOMES: Final = "outcomes"
"""The same of the topic of outcomes."""
_SHOWS_WITHIN_S: Final = 60.0
KINDS: Final = ("intent", "hiring", "funding", "engagement", "technographic", "leadership")


class Topics:
    """Those of one cluster whose names begin with `prefix`; each signal topic has so many `partitions`."""

    def __init__(self, kafka: str, prefix: str, partitions: int) -> None:
        self.kafka, self.prefix, self.partitions = kafka, prefix, partitions

    def topic(self, kind: str) -> str:
        """The topic of a kind, of account actions, or of outcomes."""
        return self.prefix + (kind if kind in {ACTIONS, OUTCOMES} else f"signals.{kind}")

    async def make_topics_of_create_time(self) -> None:
        """Signal topics, and one of account actions, on which a producer's timestamps stand."""
        settings = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
        await self._make([self.topic(kind) for kind in (*KINDS, ACTIONS)], settings)

    async def make_all_but_actions(self) -> None:
        """Every topic that a worker needs, with what it needs of it; not the one of account actions."""
        await self._make([self.topic(kind) for kind in KINDS], {"message.timestamp.type": "LogAppendTime"})
        others = ("priority.lists", "priority.accounts", "alerts", "signals.dlq")
        await self._make([self.prefix + name for name in others], {"max.message.bytes": str(2 * 1024 * 1024)})

    async def _make(self, names: Sequence[str], settings: dict[str, str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(name, self.partitions, 1, topic_configs=settings) for name in names])
            async with asyncio.timeout(_SHOWS_WITHIN_S):  # a broker hears of them a moment later
                while not {*names} <= {one["topic"] for one in await admin.describe_topics()}:  # noqa: ASYNC110 (brokers do not call)
                    await asyncio.sleep(0.05)
        finally:
            await admin.close()

    async def produce(self, records: Sequence[ToProduce]) -> list[Produced]:
        """Produces in order; returns where each record is, with the timestamp it has there."""
        producer = await self._producer()
        try:
            sent = [
                await producer.send(
                    self.topic(r.kind), r.value, r.key, r.partition, r.timestamp, headers=list(r.headers)
                )
                for r in records
            ]
            places = await asyncio.gather(*sent)
        finally:
            await producer.stop()
        return [
            Produced(r, place.offset, r.timestamp if place.timestamp_type == 0 and r.timestamp else place.timestamp)
            for r, place in zip(records, places, strict=True)
        ]

    async def _producer(self) -> AIOKafkaProducer:
        """One that does not repeat itself, where the broker gives producer ids (the one out of the wheel does not)."""
        for idempotent in (True, False):
            producer = AIOKafkaProducer(
                bootstrap_servers=self.kafka, enable_idempotence=idempotent, acks="all", linger_ms=5
            )
            try:
                await producer.start()
            except UnknownError:
                await producer.stop()
            else:
                return producer
        raise AssertionError("the broker takes no producer")

    async def read(self, topic: str) -> list[Any]:
        """Every record of a topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, isolation_level="read_committed")
        await consumer.start()
        try:
            name = self.prefix + topic
            places = [TopicPartition(name, number) for number in await _partitions(consumer, name)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends, records = await consumer.end_offsets(places), []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
            return records
        finally:
            await consumer.stop()

    async def ends(self) -> dict[tuple[str, int], int]:
        """Topic, partition -> end, of the signal topics."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka)
        await consumer.start()
        try:
            places = [TopicPartition(self.topic(k), n) for k in KINDS for n in range(self.partitions)]
            return {(p.topic, p.partition): end for p, end in (await consumer.end_offsets(places)).items()}
        finally:
            await consumer.stop()


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    await consumer._client.force_metadata_update()  # noqa: SLF001 (no other way to ask anew)
    await consumer.topics()
    return sorted(consumer.partitions_for_topic(topic) or ())
