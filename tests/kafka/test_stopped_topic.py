"""The topic `digests.stopped` on a real broker: the last word of each, and what is none of its records."""

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.stopped_topic import StoppedDigestsTopic
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.errors import SignalEngineError
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from testing.servers.finding import KafkaServer
from tests.kafka.test_output_topics import make

ANN, BO = DigestsOf("ann@example.com", "mail"), DigestsOf("bo@example.com", "mail")


async def test_the_last_word_of_each_is_read_back(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}digests.stopped"
    await make(kafka, name)
    topic = StoppedDigestsTopic(KafkaConnection(kafka.address), name)
    assert await topic.read() == {}
    await topic.write(ANN._replace(email="Ann@Example.com"), 7)
    await topic.write(BO, 8)
    assert await topic.read() == {ANN: 7, BO: 8}
    await topic.write(ANN, None)
    assert await topic.read() == {ANN: None, BO: 8}


async def test_a_missing_topic_is_said_and_not_made(kafka: KafkaServer, prefix: str) -> None:
    topic = StoppedDigestsTopic(KafkaConnection(kafka.address), f"{prefix}digests.stopped")
    for attempt in (topic.read(), topic.write(ANN, 7), topic.read()):
        with pytest.raises(NoConnection, match="is missing; create it with `signal-engine topics create`"):
            await attempt


async def test_a_record_of_somebody_else_is_named_and_nobody_is_presumed_to_want_digests(
    kafka: KafkaServer, prefix: str
) -> None:
    name = f"{prefix}digests.stopped"
    await make(kafka, name)
    topic = StoppedDigestsTopic(KafkaConnection(kafka.address), name)
    await topic.write(ANN, 7)
    async with AIOKafkaProducer(bootstrap_servers=kafka.address) as client:
        await client.send_and_wait(name, b"x", b"bo@example.com", 0)
    with pytest.raises(SignalEngineError, match=r"the record at offset 1 does not say whose digests are stopped$"):
        await topic.read()
