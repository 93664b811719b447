"""What lies in a worker is bounded where it is fetched, and room is used as soon as there is some."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median

import pytest
from aiokafka import AIOKafkaProducer, TopicPartition

from signal_engine.adapters.faust.fetch_budget import FETCHES_PER_PARTITION, FetchBudget
from signal_engine.adapters.faust.group import FETCHES_KEPT, Membership
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.engine.ports.fetched import Position
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, Running, make_topics, produce, running

A, B = TopicPartition("a", 0), TopicPartition("b", 0)
MB = 1024 * 1024


def test_there_is_room_until_so_many_fetches_are_handed_over_and_again_when_one_is_applied() -> None:
    room = FetchBudget()
    for end in (10, 20):
        assert A in room
        room.hand_over(A, end)
    assert A not in room
    assert B in room
    room.applied(A, 9)
    assert A not in room, "in the middle of the first"
    room.applied(A, 10)
    assert A in room
    room.hand_over(A, 30)
    room.applied(A, 30)
    assert A in room
    room.applied(B, 5)


def test_what_is_dropped_makes_room() -> None:
    room = FetchBudget()
    for end in (10, 20):
        room.hand_over(A, end)
    room.anew(A)
    assert A in room
    room.hand_over(A, 5)
    room.hand_over(A, 10)
    assert A not in room


@pytest.mark.parametrize(
    ("megabytes", "owned", "bytes_"),
    [
        (128, 6, 2 * MB),  # more would block the loop
        (128, 72, 128 * MB // 216),
        (128, 0, 2 * MB),  # nothing yet
        (128, 10_000, 64 * 1024),  # less is not worth a fetch
        (1024, 72, 2 * MB),
    ],
)
def test_the_bound_is_dealt_out_over_what_is_owned(megabytes: int, owned: int, bytes_: int) -> None:
    member = Membership(KafkaConnection("127.0.0.1:1"), "group", "", megabytes)
    assert member.bytes_per_fetch(owned) == bytes_
    if bytes_ > 64 * 1024:
        assert bytes_ * FETCHES_KEPT * owned <= megabytes * MB


async def backlog(address: str, topics: Sequence[str], many: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, linger_ms=5)
    await producer.start()
    try:
        sent = [await producer.send(topic, b"%d" % n, b"key", 0) for n in range(many) for topic in topics]
        await asyncio.gather(*sent)
    finally:
        await producer.stop()


def fetches_of(worker: Running, topic: str) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in worker.engine.fetched if one.topic == topic]


async def test_no_more_is_handed_over_than_there_is_room_for_and_then_at_once(kafka: KafkaServer, prefix: str) -> None:
    await make_topics(kafka.address, prefix, 1)
    engine = NotingEngine(prefix)
    slow, quick, other = (engine.topics.signals[kind] for kind in ("intent", "hiring", "funding"))
    await backlog(kafka.address, [slow, quick], 30_000)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(
            lambda: len(fetches_of(worker, slow)) == len(fetches_of(worker, quick)) == FETCHES_PER_PARTITION
        )
        worker.worker.applied(slow, 0, fetches_of(worker, slow)[0][1] - 1)  # in the middle of the first
        waits = []
        while fetches_of(worker, quick)[-1][1] < 30_000:  # the other one never applies, and holds up nobody
            seen = len(fetches_of(worker, quick))
            asked = time.monotonic()
            worker.worker.applied(quick, 0, fetches_of(worker, quick)[-1][1])
            await worker.until(lambda n=seen: len(fetches_of(worker, quick)) > n, 5)
            waits.append(time.monotonic() - asked)
        assert median(waits) < 0.8, f"it waits for each fetch to run out: {waits}"  # one may find the machine busy
        assert len(fetches_of(worker, slow)) == FETCHES_PER_PARTITION
        await produce(kafka.address, other, [b"1"])
        await worker.until(lambda: engine.values(other) == [b"1"], 2)
        assert worker.worker.read_to_end_at(slow, 0) is None
        ends = [(start, end) for start, end in fetches_of(worker, quick)]
        assert [start for start, _ in ends] == [0, *(end for _, end in ends[:-1])]


async def test_with_no_room_at_all_it_waits_without_leaving_the_group_and_goes_on(
    kafka: KafkaServer, prefix: str
) -> None:
    await make_topics(kafka.address, prefix, 1)
    engine = NotingEngine(prefix)
    topics = [*engine.topics.signals.values()]
    await backlog(kafka.address, topics, 12_000)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: all(len(fetches_of(worker, topic)) == FETCHES_PER_PARTITION for topic in topics))
        subscription = worker.app.consumer._thread._consumer._subscription
        for _ in range(2):  # what a wedged worker would not do
            last = subscription._last_fetch_ended
            await worker.until(lambda its=last: subscription._last_fetch_ended != its, 3)
        asked = time.monotonic()
        for topic in topics:
            worker.worker.applied(topic, 0, fetches_of(worker, topic)[-1][1])
        await worker.until(lambda: all(len(fetches_of(worker, topic)) > FETCHES_PER_PARTITION for topic in topics), 5)
        assert time.monotonic() - asked < 2
        assert engine.taken == [0]


async def test_a_record_is_handed_over_at_once_while_the_other_topics_are_idle(kafka: KafkaServer, prefix: str) -> None:
    await make_topics(kafka.address, prefix, 1)
    engine, took = NotingEngine(prefix), []
    topic = engine.topics.signals["intent"]
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: all(worker.worker.read_to_end_at(t, 0) for t in engine.topics.signals.values()))
        for number in range(7):
            await produce(kafka.address, topic, [b"%d" % number])
            asked = time.monotonic()
            await worker.until(lambda n=number: len(engine.values(topic)) > n, 5)
            worker.worker.applied(topic, 0, number + 1)
            took.append(time.monotonic() - asked)
    print(f"handed over after {[round(1000 * one) for one in sorted(took)]} ms")  # noqa: T201 (pytest shows it)
    assert sorted(took)[3] < 0.2


async def test_what_is_held_is_not_fetched_until_it_is_let_go_on(kafka: KafkaServer, prefix: str) -> None:
    await make_topics(kafka.address, prefix, 1)
    engine = NotingEngine(prefix)
    held, other = (engine.topics.signals[kind] for kind in ("intent", "hiring"))
    await produce(kafka.address, held, [b"0", b"1", b"2"])
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: engine.values(held) == [b"0", b"1", b"2"])
        await worker.worker.reposition([Position(held, 0, 1, held=True)])
        await produce(kafka.address, held, [b"3"])
        await produce(kafka.address, other, [b"another"])
        await worker.until(lambda: engine.values(other) == [b"another"])
        assert len(engine.values(held)) == 3
        await worker.worker.reposition([Position(held, 0, 1)])
        await worker.until(lambda: engine.values(held)[3:] == [b"1", b"2", b"3"], 3)
