"""What Faust does that is not inherited: one test each, most of them with a real worker on a real broker."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from signal_engine.adapters.faust.consumer import BatchConsumer
from signal_engine.wire.topics import topic_names
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, make_topics, membership, produce, running
from tests.faust.test_pins import an_app


async def committed(address: str, prefix: str, topic: str, partition: int = 0) -> int | None:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=f"{prefix}group", enable_auto_commit=False)
    await consumer.start()
    try:
        return await consumer.committed(TopicPartition(topic, partition))
    finally:
        await consumer.stop()


async def commit(address: str, prefix: str, topic: str, offset: int) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=address, group_id=f"{prefix}group", enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        await consumer.commit({TopicPartition(topic, 0): offset})
    finally:
        await consumer.stop()


async def test_what_fails_stops_the_worker_and_nothing_is_acknowledged(kafka: KafkaServer, prefix: str) -> None:
    """Faust acks in a `finally` and goes on with the next record."""
    await make_topics(kafka.address, prefix)
    engine = NotingEngine(prefix)
    engine.trouble = ZeroDivisionError("our own")
    topic = engine.topics.signals["intent"]
    await produce(kafka.address, topic, [b"1", b"2"])
    async with running(kafka.address, engine, prefix) as worker:
        with pytest.raises(ZeroDivisionError, match="our own"):
            await worker.until(lambda: False)
    handed_over = len(engine.fetched)
    assert handed_over >= 1
    assert await committed(kafka.address, prefix, topic) in {None, 0}
    assert len(engine.fetched) == handed_over, "nothing after a failure"


async def test_bytes_that_are_no_text_and_no_json_pass_through_untouched(kafka: KafkaServer, prefix: str) -> None:
    """Faust logs what it cannot decode, and commits it."""
    await make_topics(kafka.address, prefix)
    engine, values = NotingEngine(prefix), [b"\xff\xfe\x00", b"", None, b"{", b"\x80\x03c__builtin__\neval\n."]
    topic = engine.topics.signals["hiring"]
    await produce(kafka.address, topic, values)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: len(engine.values(topic)) == len(values))
    assert engine.values(topic) == values


async def test_reading_begins_where_the_store_says_and_not_where_the_group_does(
    kafka: KafkaServer, prefix: str
) -> None:
    await make_topics(kafka.address, prefix)
    topics = topic_names(prefix).signals
    engine = NotingEngine(prefix, {(topics["intent"], 0): 1})
    for kind in ("intent", "hiring"):
        await produce(kafka.address, topics[kind], [b"0", b"1", b"2", b"3"])
        await commit(kafka.address, prefix, topics[kind], 3)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: sum(len(one.records) for one in engine.fetched) >= 7)
    assert engine.values(topics["intent"]) == [b"1", b"2", b"3"]
    assert engine.values(topics["hiring"]) == [b"0", b"1", b"2", b"3"], "without a stored position from the beginning"
    assert {(one.topic, one.start) for one in engine.fetched} >= {(topics["intent"], 1), (topics["hiring"], 0)}


async def test_there_is_no_web_server_no_folder_no_table_and_no_topic_of_faust(
    kafka: KafkaServer, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    await make_topics(kafka.address, prefix)
    engine = NotingEngine(prefix)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: bool(engine.taken))
        app = worker.app
        assert not app.conf.web_enabled
        assert not [service for service in app.boot_strategy.server() if "web" in type(service).__module__]
        assert not app.tables.data
        assert not app.tables.changelog_topics
        consumer: BatchConsumer = app.consumer
        assert {place.topic for place in consumer.assignment()} == set(engine.topics.signals.values())
    assert await asyncio.to_thread(os.listdir, tmp_path) == []


async def test_the_same_partition_of_all_topics_is_one_workers() -> None:
    """Without tables and with `table_standby_replicas = 0` Faust deals partitions out topic by topic."""

    class Cluster:
        def partitions_for_topic(self, topic: str) -> set[int]:
            return set(range(5))

    async with an_app() as app:
        assert app.conf.table_standby_replicas == 1
        topics = set(topic_names().signals.values())
        members = {name: app.assignor.metadata(topics) for name in ("one", "two", "three")}
        dealt = app.assignor.assign(Cluster(), members)
        owner_of = {}
        for member, assignment in dealt.items():
            for topic, partitions in _read(assignment):
                owner_of |= {(topic, partition): member for partition in partitions}
        assert len(owner_of) == len(topics) * 5
        assert set(owner_of.values()) == set(members)
        for partition in range(5):
            assert len({owner_of[topic, partition] for topic in topics}) == 1


def _read(assignment: Any) -> list[tuple[str, list[int]]]:
    result: list[tuple[str, list[int]]] = ConsumerProtocolMemberAssignment.decode(assignment.encode()).assignment
    return result


async def test_a_dead_or_wedged_worker_is_replaced_quickly() -> None:
    """Faust's session lasts a minute, and it may go a quarter of an hour without a fetch."""
    options = membership("127.0.0.1:1", "").consumer_options()
    assert 10_000 <= options["session_timeout_ms"] <= 15_000
    assert options["heartbeat_interval_ms"] * 3 <= options["session_timeout_ms"]
    assert options["max_poll_interval_ms"] == 60_000
    assert options["rebalance_timeout_ms"] < options["request_timeout_ms"]
    assert (options["isolation_level"], options["auto_offset_reset"]) == ("read_committed", "none")
    assert options["enable_auto_commit"] is False
    async with an_app() as app:
        assert app.conf.broker_session_timeout * 1000 == options["session_timeout_ms"]
        assert app.conf.broker_max_poll_interval * 1000 == options["max_poll_interval_ms"]
        consumer = app.consumer._thread._create_worker_consumer(app.transport)
        app.consumer._thread.thread_loop.close()
        try:
            assert consumer._group_id == app.conf.id
            assert consumer._partition_assignment_strategy == [app.assignor], "the one that keeps partitions together"
        finally:
            await consumer.stop()
