"""Accounts loads on a real broker: whole or not at all, one at a time; and on a broker without transactions."""

import asyncio
from collections.abc import Sequence

import pytest

from signal_engine.adapters.kafka import fit_topics
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.adapters.kafka.load_writer import LoadFailed, LoadWriter
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.topics.creation import Topic
from signal_engine.engine.ports.loaded_accounts import LoadedRecord, LoadReplaced
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.topics import TopicNames, topic_names
from testing.servers.finding import KafkaServer
from testing.servers.kafka import Tansu
from testing.topics import Topics
from tests.build import T0
from tests.engine.stand import Said, until
from tests.kafka.test_rules_topic import all_retrieved


async def made(connection: KafkaConnection, names: TopicNames) -> KafkaLoads:
    async with connected(connection) as cluster:
        wanted = [
            Topic(names.fit_accounts, 2, {}, {}),
            Topic(names.fit_history, 2, {}, {}),
            Topic(names.rules, 1, {}, {}),
        ]
        await cluster.create(wanted, None)
    return KafkaLoads(connection, names)


def rows(*accounts: str) -> list[LoadedRecord]:
    return [LoadedRecord(account, b"{}") for account in accounts]


async def finish(writer: LoadWriter, number: int, before: Sequence[int] = (0, 0)) -> int:
    return await writer.finish(AccountsLoad(number, T0, 1, writer.ends(before)))


async def read(loads: KafkaLoads) -> set[str]:
    """The accounts of the last whole load."""
    latest = await loads.latest()
    assert latest is not None
    there: dict[str, bytes | None] = {}
    for number, end in enumerate(latest.load.ends):
        async for records in loads.read(number, end):
            there.update(records)
    return {account for account, value in there.items() if value is not None}


async def half(writer: LoadWriter, *accounts: str) -> None:
    """A load that dies before its end."""
    async with writer:
        await writer.write(rows(*accounts))
        raise InterruptedError


async def test_a_load_is_read_when_it_is_whole_and_half_a_load_never(apache_kafka: KafkaServer, prefix: str) -> None:
    connection, names = KafkaConnection(apache_kafka.address), topic_names(prefix)
    loads = await made(connection, names)
    assert (await loads.partitions(), await loads.latest()) == (2, None)
    async with LoadWriter(connection, names, prefix, 2) as writer:
        assert writer.transactional
        await writer.write(rows("a.com", "b.com", "c.com", "d.com"))
        assert await loads.latest() is None
        await finish(writer, 1)
    ends = await loads.ends(names.fit_accounts, 2)
    with pytest.raises(InterruptedError):
        await half(LoadWriter(connection, names, prefix, 2), "half.com", "a.com")
    assert await read(loads) == {"a.com", "b.com", "c.com", "d.com"}
    async with LoadWriter(connection, names, prefix, 2) as writer:
        await writer.write([*rows("e.com"), LoadedRecord("a.com", None)])
        assert await finish(writer, 2, await loads.ends(names.fit_accounts, 2)) > 0
    assert max(ends) > 0
    assert await read(loads) == {"b.com", "c.com", "d.com", "e.com"}, "nothing of the half one"
    history = await Topics(apache_kafka.address, prefix, 2).read("fit.history")
    assert sorted(record.key for record in history) == [b"a.com", b"a.com", b"b.com", b"c.com", b"d.com", b"e.com"]


async def test_whoever_loads_later_fences_off_a_load_that_still_runs(apache_kafka: KafkaServer, prefix: str) -> None:
    connection, names = KafkaConnection(apache_kafka.address), topic_names(prefix)
    loads = await made(connection, names)
    refused = pytest.raises(LoadFailed, match="another load was started meanwhile; nothing of this one is in force")
    with all_retrieved():
        async with LoadWriter(connection, names, prefix, 2) as first:
            await first.write(rows("first.com"))
            async with LoadWriter(connection, names, prefix, 2) as second:
                await second.write(rows("second.com"))
                await finish(second, 1)
            with refused:
                await finish(first, 2)
        async with LoadWriter(connection, names, prefix, 2) as first:
            async with LoadWriter(connection, names, prefix, 2) as second:
                await finish(second, 2, await loads.ends(names.fit_accounts, 2))
            with refused:  # all of its records at once
                await first.write(rows("a.com", "b.com", "c.com", "d.com"))
        del first, second
    assert await read(loads) == {"second.com"}


async def test_without_transactions_rows_come_first_and_the_record_last() -> None:
    broker = await asyncio.to_thread(Tansu().start)
    try:
        connection, names = KafkaConnection(broker.address), topic_names("t.")
        loads = await made(connection, names)
        async with LoadWriter(connection, names, "t.", 2) as writer:
            assert not writer.transactional
            await writer.write(rows("a.com", "b.com"))
            await finish(writer, 1)
        with pytest.raises(InterruptedError):
            await half(LoadWriter(connection, names, "t.", 2), "half.com")
        assert await read(loads) == {"a.com", "b.com"}
    finally:
        await asyncio.to_thread(broker.stop)


async def test_missing_topics_and_lost_rows_are_said(
    kafka: KafkaServer, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_topics, "_SILENCE_TIMEOUT_S", 0.5)
    connection, names = KafkaConnection(kafka.address), topic_names(prefix)
    assert await KafkaLoads(connection, names).partitions() is None
    loads = await made(connection, names)
    with pytest.raises(NoConnection, match=r"partition 1 of .* ends at 0, and the load in force reaches to 7"):
        _ = [records async for records in loads.read(1, 7)]


async def test_a_record_that_is_no_load_is_said_and_the_one_before_counts(kafka: KafkaServer, prefix: str) -> None:
    connection, names, said = KafkaConnection(kafka.address), topic_names(prefix), Said()
    await made(connection, names)
    async with LoadWriter(connection, names, prefix, 2) as writer:
        await finish(writer, 1)
    async with LoadWriter(connection, names, prefix, 2) as writer:
        await writer.finish(AccountsLoad(0, T0, 1, (0, 0)))
    latest = await KafkaLoads(connection, names, said).latest()
    assert latest is not None
    assert latest.load.number == 1
    assert said.words == ["loads_unreadable"]


@pytest.mark.parametrize("away", [0, 1], ids=["it is there", "the broker is away at first"])
async def test_whoever_waits_for_rows_that_are_gone_learns_of_the_load_that_replaces_them(
    kafka: KafkaServer, prefix: str, monkeypatch: pytest.MonkeyPatch, away: int
) -> None:
    monkeypatch.setattr(fit_topics, "_SILENCE_TIMEOUT_S", 0.5)
    connection, names, said = KafkaConnection(kafka.address), topic_names(prefix), Said()
    await made(connection, names)
    async with LoadWriter(connection, names, prefix, 2) as writer:
        await writer.finish(AccountsLoad(1, T0, 1, (7, 7)))  # by a topic that was made anew since

    loads, times = KafkaLoads(connection, names, said), 0
    real = loads.ends

    async def ends(topic: str, partitions: int) -> list[int]:
        nonlocal times
        times += 1
        if times <= away:
            raise NoConnection("Kafka does not answer")
        return await real(topic, partitions)

    async def waiting() -> None:
        _ = [records async for records in loads.read(1, 7)]

    monkeypatch.setattr(loads, "ends", ends)

    reader = asyncio.create_task(waiting())
    await until(lambda: reader.done() or (times > away and said.words == ["kafka_unavailable"]))
    async with LoadWriter(connection, names, prefix, 2) as writer:
        await writer.write(rows("a.com", "b.com"))
        await finish(writer, 2)
    with pytest.raises(LoadReplaced):
        await asyncio.wait_for(reader, 60)
