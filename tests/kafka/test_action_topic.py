"""Account actions on a real broker: written, read back by account, and given up in time."""

import asyncio
import time

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka import action_topic
from signal_engine.adapters.kafka.action_topic import ActionTopic, NotAcknowledged
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.actions.action import AccountAction
from signal_engine.embedded_servers.server import free_port
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.storage.actions import NO_ACTIONS
from testing.servers.finding import KafkaServer
from tests.build import T0
from tests.kafka.test_output_topics import make

SAM, KIM = "sam@example.com", "kim@example.com"
AFTER_ALL = parse_instant("2099-01-01T00:00:00Z")


def action(number: int, account: str = "acme.com", by: str = SAM) -> AccountAction:
    return AccountAction(account, f"00000000-0000-4000-8000-{number:012}", "claim", T0, by, "cli", until=AFTER_ALL)


def record(topic: str, one: AccountAction) -> ToSend:
    return ToSend(topic, None, one.account.encode(), write_action(one))


async def test_what_is_written_is_read_back_by_account(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}account.actions"
    await make(kafka, name)
    mine = [action(1), action(2, by=KIM), action(1)]
    async with ActionTopic(KafkaConnection(kafka.address), name) as topic:
        assert await topic.past(["acme.com"]) == [NO_ACTIONS]
        await topic.write([record(name, one) for one in (*mine, action(3, "example.de"))])
        acme, example, nobody = await topic.past(["acme.com", "example.de", "example.org"])
        found, elsewhere = [await topic.find(name, mine[0].action_id) for name in ("acme.com", "example.de")]
        places = [one async for one in topic.read({0, 1})]
    assert [one.action for one in acme.log.latest] == mine[:2], "a copy counts once"
    assert acme.in_force.claim is not None
    assert acme.in_force.claim.by == SAM
    assert [one.action.action_id[-1] for one in example.log.latest] == ["3"]
    assert nobody == NO_ACTIONS
    assert found is not None
    assert found.action == mine[0]
    assert elsewhere is None, "an id belongs to its account"
    assert len(places) == 4
    assert all(abs(one.taken.now - time.time() * 1_000) < 60_000 for one in places), "by the record's own time"


async def test_a_record_that_is_no_action_is_passed_over_and_counted(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}account.actions"
    await make(kafka, name)
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address)
    await producer.start()
    try:
        for partition in range(2):
            await producer.send_and_wait(name, b"no JSON", b"acme.com", partition)
    finally:
        await producer.stop()
    async with ActionTopic(KafkaConnection(kafka.address), name) as topic:
        await topic.write([record(name, action(1))])
        (acme,) = await topic.past(["acme.com"])
        assert len(acme.log.latest) == 1
        assert topic.unreadable == 1


async def test_a_topic_that_is_missing_is_said_and_not_made(kafka: KafkaServer, prefix: str) -> None:
    name = f"{prefix}account.actions"
    async with ActionTopic(KafkaConnection(kafka.address), name) as topic:
        for attempt in (topic.write([record(name, action(1))]), topic.past(["acme.com"])):
            with pytest.raises(NoConnection, match="is missing; create it with `signal-engine topics create`"):
                await attempt


async def test_a_broker_that_is_away_is_said_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        asyncio.timeout(30),
        ActionTopic(KafkaConnection(f"127.0.0.1:{free_port()}"), "account.actions") as topic,
    ):
        with pytest.raises(NoConnection):
            await topic.write([record("account.actions", action(1))])
        monkeypatch.setattr(topic, "_partitions", 2)  # as if it had gone away after the first action
        monkeypatch.setattr(action_topic, "_TIMEOUT_S", 1.0)
        with pytest.raises(NotAcknowledged, match="`account log` tells, before you send it again"):
            await topic.write([record("account.actions", action(1))])
