"""Topics read back to their end, on a real broker."""

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.output_topics import KafkaOutput, OffsetRange, reaches
from testing.servers.finding import KafkaServer
from tests.engine.stand import Said


async def produce(kafka: KafkaServer, topic: str, *records: tuple[bytes, bytes | None, int]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address)
    await producer.start()
    try:
        for key, value, partition in records:
            await producer.send_and_wait(topic, value, key, partition)
    finally:
        await producer.stop()


async def make(kafka: KafkaServer, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 2, 1)])
    finally:
        await admin.close()


async def test_a_topic_is_read_to_its_end_and_read_on(kafka: KafkaServer, prefix: str) -> None:
    topic, connection, said = f"{prefix}alerts", KafkaConnection(kafka.address), Said()
    await make(kafka, topic)
    output = KafkaOutput(connection, said)
    got: list[tuple[bytes | None, bytes | None]] = []

    def take(key: bytes | None, value: bytes | None) -> None:
        got.append((key, value))

    assert await output.partitions(topic) == 2
    assert await output.read(topic, 0, 0, take) == 0
    await produce(kafka, topic, (b"a", b"1", 0), (b"b", None, 0), (b"x", b"2", 1))
    end = await output.read(topic, 0, 0, take)
    assert (end, got) == (2, [(b"a", b"1"), (b"b", None)]), "tombstones, too, and no other partition"
    await produce(kafka, topic, (b"c", b"3", 0))
    assert await output.read(topic, 0, end, take) == 3
    assert got[2:] == [(b"c", b"3")]
    assert said.words == []


async def test_how_far_topics_reach(kafka: KafkaServer, prefix: str) -> None:
    topic, connection = f"{prefix}alerts", KafkaConnection(kafka.address)
    assert await reaches(connection, [topic]) == {}
    await make(kafka, topic)
    await produce(kafka, topic, (b"a", b"1", 0), (b"b", b"1", 0))
    found = await reaches(connection, [topic, f"{prefix}not-there"])
    assert found == {topic: [OffsetRange(0, 2), OffsetRange(0, 0)]}
    assert [reach.records for reach in found[topic]] == [2, 0]
