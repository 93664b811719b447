"""A producer that is stopped leaves no failure behind that nobody asked for: each is a traceback on standard error."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError

from signal_engine.adapters.kafka.connecting.quiet import stop_producer
from testing.servers.finding import KafkaServer
from tests.kafka.test_output_topics import make
from tests.kafka.test_rules_topic import all_retrieved

_LONG_MS = 60_000
"""Far longer than the test takes: nothing is sent by itself."""


async def test_what_was_never_sent_is_said_to_its_sender_alone(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}stopping"
    await make(kafka, name)
    with all_retrieved():
        producer = AIOKafkaProducer(bootstrap_servers=kafka.address, linger_ms=_LONG_MS)
        await producer.start()
        try:
            sent = await producer.send(name, b"value", partition=0)
            producer._message_accumulator.fail_all(KafkaConnectionError())  # so it ends when its own task fails
        finally:
            await stop_producer(producer)
        with pytest.raises(KafkaConnectionError):
            await sent
        del producer, sent


async def test_one_that_never_started_can_be_stopped(kafka: KafkaServer) -> None:
    with all_retrieved():
        await stop_producer(AIOKafkaProducer(bootstrap_servers=kafka.address))
