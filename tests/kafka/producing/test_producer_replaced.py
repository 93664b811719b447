"""A client is replaced when a record is too large; what others have sent through it is answered all the same."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from aiokafka.errors import KafkaConnectionError, MessageSizeTooLargeError

from signal_engine.adapters.kafka import producer as module
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.engine.ports.producer import TooLarge, ToSend
from tests.engine.stand import Said
from tests.kafka.test_what_kafka_takes import Silent

FITS = ToSend("topic", 0, b"k", b"v", [])
BARE = ToSend("topic", 0, None, None, [])
AWAY = ToSend("topic", 2, b"k", b"w", [])
HUGE = ToSend("topic", 1, b"k", b"v" * 100, [])


class Fake:
    """aiokafka's, whose first client never answers for what fits, not even when it is stopped."""

    made: ClassVar[list["Fake"]] = []

    def __init__(self, **_: Any) -> None:
        self.sent: list[bytes | None] = []
        self.has_sent = asyncio.Event()
        self.stopped = False
        self._message_accumulator, self._txn_manager = SimpleNamespace(_batches={}), None
        Fake.made.append(self)

    async def start(self) -> None: ...

    async def stop(self) -> None:
        self.stopped = True

    async def send(self, topic: str, value: bytes | None, **_: Any) -> "asyncio.Future[None]":
        del topic
        answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.sent.append(value)
        self.has_sent.set()
        if value == HUGE.value:
            answer.set_exception(MessageSizeTooLargeError())
        elif value == AWAY.value and len(Fake.made) < 3:
            answer.set_exception(KafkaConnectionError())
        elif len(Fake.made) > 1:
            answer.set_result(None)
        return answer

    def create_batch(self) -> Any:
        class Batch:
            def append(self, **_: Any) -> None: ...

            def close(self) -> None: ...

        return Batch()

    async def send_batch(self, batch: Any, topic: str, partition: int) -> "asyncio.Future[None]":
        del batch, partition
        return await self.send(topic, None)


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Fake]]:
    monkeypatch.setattr(module, "AIOKafkaProducer", Fake)
    Fake.made = []
    yield Fake.made
    Fake.made = []


@pytest.mark.parametrize("record", [FITS, BARE], ids=["queued with others", "a batch of its own"])
async def test_what_waits_for_a_client_that_is_replaced_is_sent_again_and_nobody_is_told_that_kafka_was_away(
    record: ToSend, fakes: list[Fake]
) -> None:
    async with asyncio.timeout(30), KafkaProducer(KafkaConnection("127.0.0.1:1"), Silent(), 1_000) as producer:
        waits = asyncio.create_task(producer.send([record]))
        await asyncio.sleep(0)
        await fakes[0].has_sent.wait()
        with pytest.raises(TooLarge):
            await producer.send([HUGE])
        await waits
    assert [fake.sent for fake in fakes] == [[record.value, HUGE.value], [record.value]]
    assert all(fake.stopped for fake in fakes)


async def test_two_that_are_too_large_at_once_replace_a_client_once(fakes: list[Fake]) -> None:
    async with asyncio.timeout(30), KafkaProducer(KafkaConnection("127.0.0.1:1"), Silent(), 1_000) as producer:
        both = await asyncio.gather(producer.send([HUGE]), producer.send([HUGE]), return_exceptions=True)
        assert [type(one) for one in both] == [TooLarge, TooLarge]
        await producer.send([FITS])
    assert len(fakes) == 2


async def test_what_is_never_answered_can_be_given_up(fakes: list[Fake]) -> None:
    async with asyncio.timeout(30), KafkaProducer(KafkaConnection("127.0.0.1:1"), Silent(), 1_000) as producer:
        waits = asyncio.create_task(producer.send([FITS]))
        await asyncio.sleep(0)
        await fakes[0].has_sent.wait()
        waits.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waits


@pytest.mark.parametrize("tries", [1, 2, 3])
async def test_what_is_no_longer_to_be_sent_is_not_tried_again(fakes: list[Fake], tries: int) -> None:
    async def still() -> bool:
        return len(fakes) < tries

    async with asyncio.timeout(30), KafkaProducer(KafkaConnection("127.0.0.1:1"), Said(), 1_000) as producer:
        assert await producer.send([AWAY], still) is (tries == 3)
    assert len(fakes) == tries
