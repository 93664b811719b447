"""A transaction left open counts as behind: what lies beyond it has not been read, and somebody is told."""

import time

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.faust import consumer
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, Running, make_topics, produce, running


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "_POLL_INTERVAL_S", 0.2)


def apply_all(one: Running) -> None:
    for fetched in one.engine.fetched:
        one.worker.applied(fetched.topic, fetched.partition, fetched.end)


async def test_what_lies_behind_an_open_transaction_counts_as_not_read(apache_kafka: KafkaServer, prefix: str) -> None:
    await make_topics(apache_kafka.address, prefix)
    engine = NotingEngine(prefix)
    topic = engine.topics.signals["intent"]
    await produce(apache_kafka.address, topic, [b"before"])
    async with (
        AIOKafkaProducer(bootstrap_servers=apache_kafka.address, transactional_id=f"{prefix}producer") as producer,
        running(apache_kafka.address, engine, prefix) as one,
    ):

        def at_end() -> int | None:
            apply_all(one)
            return one.worker.read_to_end_at(topic, 0)

        await one.until(lambda: engine.values(topic) == [b"before"] and at_end() is not None)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"in it", partition=0)
        await produce(apache_kafka.address, topic, [b"behind"])
        sent = int(time.time() * 1000)
        said = one.worker._event_log
        await one.until(lambda: "transaction_hanging" in said.words)
        assert engine.values(topic) == [b"before"]
        assert at_end() is None, "there is more, though nobody can read it"
        (line,) = [line for line in said.lines if line[1] == "transaction_hanging"]
        assert (line[0], line[2]["topic"], line[2]["partition"], line[2]["offset"]) == ("warning", topic, 0, 1)
        assert one.worker.read_to_end_at(engine.topics.signals["hiring"], 0) is not None, "the others are read"
        await producer.commit_transaction()
        await one.until(lambda: (at_end() or 0) > sent)
        assert engine.values(topic) == [b"before", b"in it", b"behind"]
        assert said.words.count("transaction_hanging") == 1
