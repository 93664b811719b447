"""Records that are unusual and allowed: Kafka has them afterwards as they were sent."""

import asyncio
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.engine.ports.event_log import Level, LogEvent
from signal_engine.engine.ports.producer import TooLarge, ToSend
from testing.servers.finding import KafkaServer

LARGEST = 200_000


class Silent:
    """An event log in which nothing but information is expected."""

    def write(self, event: LogEvent) -> None:
        assert event.level is Level.INFO, event


@pytest.fixture
async def topic(kafka: KafkaServer, prefix: str) -> str:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    name = f"{prefix}signals.dlq"
    await admin.create_topics([NewTopic(name, 2, 1, topic_configs={"max.message.bytes": str(LARGEST)})])
    await admin.close()
    return name


async def read(kafka: KafkaServer, topic: str, partition: int = 1) -> list[tuple[Any, ...]]:
    async with asyncio.timeout(30), WholeTopic(KafkaConnection(kafka.address), topic, [partition]) as whole:
        return [
            (one.key, one.value, list(one.headers)) async for _, records in whole.read() for one in records
        ]  # fmt: skip


async def test_order_and_bytes_stay_whatever_is_null(kafka: KafkaServer, topic: str) -> None:
    records = [
        ToSend(topic, 1, b"k", b"first"),
        ToSend(topic, 1, None, None, [("dlq.reason", b"not_json")]),
        ToSend(topic, 1, None, b"after", [("n", None), ("", b""), ("ü\u202e\u200b", b"\xff"), ("n", b"again")]),
        ToSend(topic, 1, b"tombstone", None),
        ToSend(topic, 1, None, None),
        ToSend(topic, 1, b"many", b"v", [(f"h{number}", b"x" * 5) for number in range(1_000)]),
    ]
    async with asyncio.timeout(30), KafkaProducer(KafkaConnection(kafka.address), Silent(), LARGEST) as producer:
        await producer.send(records)
        await producer.send(records[:2])
    assert await read(kafka, topic) == [(r.key, r.value, list(r.headers)) for r in (*records, *records[:2])]
    assert await read(kafka, topic, 0) == []


async def test_after_one_that_the_broker_does_not_take_the_next_are_taken_without_trouble(
    apache_kafka: KafkaServer, topic: str
) -> None:
    connection = KafkaConnection(apache_kafka.address)
    async with asyncio.timeout(30), KafkaProducer(connection, Silent(), 10 * LARGEST) as producer:
        await producer.send([ToSend(topic, 1, b"k", b"before")])
        for bytes_too_many in (LARGEST, 20 * LARGEST):  # the broker's word, and our own producer's
            with pytest.raises(TooLarge):
                await producer.send([ToSend(topic, 1, b"k", b"x" * bytes_too_many)])
            await producer.send([ToSend(topic, 1, b"k", b"after")])
    assert [value for _, value, _ in await read(apache_kafka, topic)] == [b"before", b"after", b"after"]
