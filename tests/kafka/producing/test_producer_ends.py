"""A producer ends soon, also when Kafka does not answer: whoever is told to go has ten seconds for everything."""

import asyncio
import time

from faults.harness.servers import OwnBroker
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.engine.ports.producer import ToSend
from tests.engine.stand import Said, until


async def test_what_a_broker_that_is_frozen_does_not_answer_is_left() -> None:
    broker, event_log, before = OwnBroker(), Said(), asyncio.all_tasks()
    await asyncio.to_thread(broker.start)
    try:
        async with (
            asyncio.timeout(30),
            KafkaProducer(KafkaConnection(broker.address), event_log, 1_000_000) as producer,
        ):
            await producer.send([ToSend("alerts", 0, b"acme.co.uk", b"before")])
            broker.freeze()
            sending = asyncio.create_task(producer.send([ToSend("alerts", 0, b"acme.co.uk", b"after")]))
            _, left = await asyncio.wait((sending,), timeout=0.2)
            assert left, "it is not answered"
            sending.cancel()
            await asyncio.wait((sending,))
            began = time.monotonic()
        assert time.monotonic() - began < 2
        await until(lambda: asyncio.all_tasks() <= before)  # nothing is left of it that sends once the broker answers
    finally:
        broker.thaw()
        await asyncio.to_thread(broker.stop)
    assert event_log.words[-1] == "producer_not_closed"
