"""The topic of rules on a real broker: publications whole or not at all, and one publisher at a time."""

import asyncio
import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.rules_topic import KafkaRulesTail, PublicationFenced, RulesTopic
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.engine.ports.rules_topic import RuleRecord, ToPublish
from testing.servers.finding import KafkaServer
from testing.servers.kafka import Tansu
from tests.engine.stand import Said, until
from tests.kafka.following.test_partition_tail import send_unreadable
from tests.kafka.test_output_topics import make

VERSION, CURRENT = ToPublish("icp/saas/1/abc", b"a version"), ToPublish("current/icp", b"it")


def pairs(records: Sequence[RuleRecord]) -> list[tuple[str, bytes | None]]:
    return [((one.key or b"").decode(), one.value) for one in records]


@contextmanager
def all_retrieved() -> Iterator[None]:
    """A context after which no future with an exception was thrown away: each is a traceback on standard error."""
    loop = asyncio.get_running_loop()
    before, said = loop.get_exception_handler(), list[dict[str, Any]]()
    gc.collect()
    loop.set_exception_handler(lambda _, context: said.append(context))
    try:
        yield
        gc.collect()
        assert [(one["message"], one.get("exception")) for one in said] == []
    finally:
        loop.set_exception_handler(before)


async def test_a_publication_is_written_whole_and_read_back(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}rules"
    await make(kafka, name)
    topic = RulesTopic(KafkaConnection(kafka.address), name)
    assert await topic.publish(lambda there: []) is None
    written = await topic.publish(lambda there: [VERSION, CURRENT] if not there else [])
    assert written is not None
    assert written.in_transaction == kafka.apache
    assert await topic.publish(lambda there: [] if pairs(there) == [VERSION, CURRENT] else [CURRENT]) is None
    read = await topic.read()
    assert pairs(read) == [VERSION, CURRENT]
    assert read[-1].offset == written.offset


async def test_a_missing_topic_is_said_and_not_made(kafka: KafkaServer, prefix: str) -> None:
    topic = RulesTopic(KafkaConnection(kafka.address), f"{prefix}rules")
    for attempt in (topic.read(), topic.publish(lambda there: [VERSION])):
        with pytest.raises(NoConnection, match="is missing; create it with `signal-engine topics create`"):
            await attempt
    assert not await topic.exists()


async def test_what_was_decided_against_is_not_written(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}rules"
    await make(kafka, name)
    topic = RulesTopic(KafkaConnection(kafka.address), name)

    def refuse(there: Sequence[RuleRecord]) -> Sequence[ToPublish]:
        raise PublicationFenced("not yours")

    with pytest.raises(PublicationFenced, match="not yours"):
        await topic.publish(refuse)
    assert await topic.read() == []


async def test_of_two_publishers_at_once_the_first_is_refused_and_nothing_of_it_is_there(
    apache_kafka: KafkaServer, prefix: str
) -> None:
    name = f"{prefix}rules"
    await make(apache_kafka, name)
    mine, theirs = (RulesTopic(KafkaConnection(apache_kafka.address), name) for _ in range(2))
    decided, written = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    async def slow() -> None:
        """Publishes, and is kept from writing until the other one has."""

        def decide(there: Sequence[RuleRecord]) -> Sequence[ToPublish]:
            loop.call_soon(decided.set)
            return [ToPublish("icp/saas/2/mine", b"mine"), ToPublish("current/icp", b"mine")]

        in_transaction = mine._in_transaction

        async def later(client: object, records: Sequence[ToPublish]) -> int:
            await written.wait()
            return await in_transaction(client, records)

        mine._in_transaction = later  # type: ignore[method-assign]
        await mine.publish(decide)

    with all_retrieved():
        first, deciding = asyncio.create_task(slow()), asyncio.create_task(decided.wait())
        async with asyncio.timeout(180):  # a broker's first transaction takes seconds, on a busy machine many
            await asyncio.wait((first, deciding), return_when=asyncio.FIRST_COMPLETED)
            assert not first.done(), first.exception()
            await theirs.publish(lambda there: [VERSION, CURRENT])
            written.set()
            with pytest.raises(PublicationFenced, match="nothing of this was written"):
                await first
        del first
    assert pairs(await theirs.read()) == [VERSION, CURRENT]


async def test_half_a_publication_is_not_read_and_the_next_publisher_takes_it_back(
    apache_kafka: KafkaServer, prefix: str
) -> None:
    name = f"{prefix}rules"
    await make(apache_kafka, name)
    topic = RulesTopic(KafkaConnection(apache_kafka.address), name)
    died = AIOKafkaProducer(bootstrap_servers=apache_kafka.address, transactional_id=name)
    await died.start()
    try:
        await died.begin_transaction()
        await died.send_and_wait(name, b"half", b"icp/saas/9/half", 0)
        assert await topic.read() == [], "a transaction in progress"
        async with asyncio.timeout(30):
            assert await topic.publish(lambda there: [VERSION, CURRENT]) is not None
    finally:
        await died.stop()
    assert pairs(await topic.read()) == [VERSION, CURRENT]


async def test_a_tail_gets_everything_from_the_beginning_and_what_comes_later(kafka: KafkaServer, prefix: str) -> None:
    name, connection = f"{prefix}rules", KafkaConnection(kafka.address)
    await make(kafka, name)
    topic = RulesTopic(connection, name)
    await topic.publish(lambda there: [VERSION])
    got: list[RuleRecord] = []
    at_end = asyncio.Event()

    async def take(records: Sequence[RuleRecord]) -> None:
        got.extend(records)
        if not records:
            at_end.set()

    tail = KafkaRulesTail(connection, name, Said())
    running = asyncio.create_task(tail.run(take))
    try:
        async with asyncio.timeout(60):
            await at_end.wait()
            assert pairs(got) == [VERSION], "all there was, before the end is told"
            await topic.publish(lambda there: [CURRENT])
            while len(got) < 2:
                at_end.clear()
                await at_end.wait()
            assert await tail.end() > got[-1].offset
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert pairs(got) == [VERSION, CURRENT]


async def test_a_batch_that_cannot_be_read_is_said_once_and_holds_up_no_later_rule(
    kafka: KafkaServer, prefix: str
) -> None:
    name, connection, said = f"{prefix}rules", KafkaConnection(kafka.address), Said()
    await make(kafka, name)
    topic, got, ends = RulesTopic(connection, name), list[RuleRecord](), 0
    await topic.publish(lambda there: [VERSION])
    await send_unreadable(kafka, name, 0)
    await topic.publish(lambda there: [CURRENT])

    async def take(records: Sequence[RuleRecord]) -> None:
        nonlocal ends
        got.extend(records)
        ends += not records

    running = asyncio.create_task(KafkaRulesTail(connection, name, said).run(take))
    try:
        await until(lambda: ends > 1)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert pairs(got) == [VERSION, CURRENT] == pairs(await topic.read())
    assert said.words == ["output_batch_unreadable"]


async def test_a_broker_without_transactions_gets_the_records_one_by_one() -> None:
    broker = await asyncio.to_thread(Tansu().start)
    try:
        await make(KafkaServer(broker.address, "", apache=False), "rules")
        topic = RulesTopic(KafkaConnection(broker.address), "rules")
        written = await topic.publish(lambda there: [VERSION, CURRENT])
        assert written is not None
        assert not written.in_transaction
        async with asyncio.timeout(30):
            while pairs(await topic.read()) != [VERSION, CURRENT]:  # noqa: ASYNC110 (its ends can be a batch behind)
                await asyncio.sleep(0.1)
    finally:
        await asyncio.to_thread(broker.stop)
