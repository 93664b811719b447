"""A broker that gives no producer ids: Tansu, to aiokafka."""

import asyncio

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.tail import Tail
from signal_engine.engine.ports.producer import ToSend
from testing.servers.kafka import Tansu
from tests.engine.stand import Said


async def test_records_are_delivered_all_the_same_and_it_is_said_once() -> None:
    broker = await asyncio.to_thread(Tansu().start)
    try:
        connection, event_log = KafkaConnection(broker.address), Said()
        async with asyncio.timeout(20), KafkaProducer(connection, event_log, 1_000_000) as producer:
            for number in range(3):
                await producer.send([ToSend("alerts", 0, b"acme.co.uk", str(number).encode())])
            async with Tail(connection, ["alerts"], 1) as tail:
                read: list[bytes] = []
                while len(read) < 3:
                    read += [record.value for record in await tail.read()]
                assert await tail.at_end()
    finally:
        await asyncio.to_thread(broker.stop)
    assert read == [b"0", b"1", b"2"]
    warnings = [facts["warning"] for level, _, facts in event_log.lines if level == "warning"]
    assert warnings == ["the broker gives no producer ids: a record sent again is there twice"]
