"""Fetches that come back while a rebalance has stopped the flow: what was read from the new positions is kept."""

import asyncio
from typing import Any

import pytest
from aiokafka import TopicPartition

from signal_engine.adapters.faust.app import signal_app
from signal_engine.adapters.faust.consumer import BatchConsumer, BatchTransport
from signal_engine.adapters.faust.consumer_thread import Fetch
from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.engine.ports.fetched import Fetched
from tests.engine.stand import INTENT, TOPICS, Rec, Said

PLACE = TopicPartition(INTENT, 0)
HIRING = TOPICS.signals["hiring"]


async def _nothing(*_: Any) -> None: ...


def _consumer() -> BatchConsumer:
    member = Membership(KafkaConnection("127.0.0.1:1"), "group")
    app = signal_app(member, TOPICS, _nothing)
    app.transport = BatchTransport(app, member, None, Said())  # type: ignore[arg-type]
    consumer: BatchConsumer = app.consumer
    consumer._thread.thread_loop.close()  # it has a loop before it has a thread
    return consumer


@pytest.mark.parametrize(("epoch_after", "handed_over"), [(3, 1), (4, 0)])
async def test_a_fetch_that_comes_back_while_the_flow_stands_waits_for_it(
    epoch_after: int, handed_over: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    consumer = _consumer()
    fetch = Fetch(Fetched(INTENT, 0, 0, 1, [Rec(0, 0, b"{}")]), epoch=3)

    async def fetched(_: float) -> Any:
        consumer.stop_flow()  # the group began to change while the fetch was on its way
        consumer._epochs[PLACE] = 3
        return {PLACE: fetch}, None

    monkeypatch.setattr(consumer, "_wait_next_records", fetched)
    got: list[Any] = []

    async def read() -> None:
        got.extend([message async for message in consumer.getmany(0.1)])

    reading = asyncio.create_task(read())
    await asyncio.sleep(0)
    assert not got
    consumer._epochs[PLACE] = epoch_after  # 3: it was read from where reading goes on
    consumer.resume_flow()
    await asyncio.wait_for(reading, 5)
    assert len(got) == handed_over


async def test_what_was_fetched_at_once_is_handed_over_topic_by_topic_but_for_what_is_from_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    consumer = _consumer()
    places = [(INTENT, 0), (HIRING, 0), (INTENT, 1), (HIRING, 1)]
    fetches = {
        TopicPartition(topic, number): Fetch(Fetched(topic, number, 0, 1, [Rec(0, 0, b"{}")]), epoch=1)
        for topic, number in places
    }
    consumer._epochs = dict.fromkeys(fetches, 1) | {TopicPartition(HIRING, 0): 2}  # it is read on from elsewhere
    consumer.resume_flow()

    async def fetched(_: float) -> Any:
        return fetches, None

    monkeypatch.setattr(consumer, "_wait_next_records", fetched)
    got = [(place, message) async for place, message in consumer.getmany(0.1)]
    handed_over = {place: [(f.fetched.topic, f.fetched.partition) for f in message.value] for place, message in got}
    assert handed_over == {(INTENT, 0): [(INTENT, 0), (INTENT, 1)], (HIRING, 1): [(HIRING, 1)]}
