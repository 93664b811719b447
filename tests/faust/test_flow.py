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
from signal_engine.engine.ports.fetched import Fetched, Position
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


async def test_what_was_fetched_at_once_is_handed_over_at_once_but_for_what_is_from_before(
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
    handed_over = [(place, [(f.fetched.topic, f.fetched.partition) for f in message.value]) for place, message in got]
    assert handed_over == [((INTENT, 0), [(INTENT, 0), (INTENT, 1), (HIRING, 1)])]


async def test_a_position_set_back_while_a_message_is_handed_over_is_read_from(monkeypatch: pytest.MonkeyPatch) -> None:
    consumer = _consumer()
    consumer.resume_flow()
    fetches = iter([(0, 10, 1), (3, 7, 2)])  # start, end, epoch: set back to 3 while 0 to 10 is handed over
    got: list[tuple[int, int]] = []
    both = asyncio.Event()

    async def fetched(_: float) -> Any:
        if (one := next(fetches, None)) is None:
            await asyncio.Event().wait()
            raise AssertionError
        start, end, epoch = one
        return {PLACE: Fetch(Fetched(INTENT, 0, start, end, [Rec(start, 0, b"{}")]), epoch)}, None

    async def hand_over(message: Any) -> None:
        (fetch,) = message.value
        got.append((fetch.fetched.start, fetch.fetched.end))
        if len(got) == 1:
            await consumer.reposition([Position(INTENT, 0, 3)])
        else:
            both.set()

    async def stand_at(positions: Any, epochs: Any) -> dict[Any, int]:
        del positions, epochs
        return {}

    monkeypatch.setattr(consumer, "_wait_next_records", fetched)
    monkeypatch.setattr(consumer._thread, "stand_at", stand_at)
    consumer.callback = hand_over
    consumer._epochs[PLACE] = 1
    draining = asyncio.create_task(consumer._drain_messages(consumer))
    async with asyncio.timeout(30):
        await both.wait()
    draining.cancel()
    assert got == [(0, 10), (3, 7)]
