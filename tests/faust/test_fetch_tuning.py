"""A broker gathers for a while only while answers would keep the worker busy."""

import asyncio
from itertools import count
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.faust.fetch_tuning import FetchTuning
from signal_engine.adapters.faust.group import FETCH_WAIT_S
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, make_topics, running

AT_ONCE = (1, FETCH_WAIT_S * 1000)
ENOUGH = 64 * 1024


class Tuned:
    """The tuning of a consumer, whose CPU is told."""

    def __init__(self) -> None:
        self._at, self._cpu = 50.0, 0.0
        self.tuning = FetchTuning(lambda: self._cpu)
        self._consumer = SimpleNamespace(_fetcher=SimpleNamespace(_fetch_min_bytes=1, _fetch_max_wait_ms=500))
        self.came(1, after=0, busy=0)

    def came(self, records: int, *, after: float, busy: float) -> tuple[int, int]:
        """What is asked next, when so many records came after so many seconds of which the process was busy `busy`."""
        self._at += after
        self._cpu += busy
        self.tuning.came(self._consumer, records, self._at)
        return self._consumer._fetcher._fetch_min_bytes, self._consumer._fetcher._fetch_max_wait_ms


def test_while_the_worker_is_idle_a_broker_answers_each_event_at_once() -> None:
    tuned = Tuned()
    asked = [tuned.came(1, after=0.01, busy=0.003) for _ in range(100)]  # 100 a second, and 30 % of a core
    assert asked == [AT_ONCE] * 100
    assert tuned.tuning.waits(1.0) == 1.0


def test_answers_that_would_keep_it_busy_are_gathered_so_long_that_two_thirds_are_left() -> None:
    tuned = Tuned()
    assert tuned.came(5, after=0.004, busy=0.004) == (ENOUGH, 8)
    assert tuned.tuning.waits(1.0) == pytest.approx(3 * 0.008)
    assert tuned.came(15, after=0.012, busy=0.005) == (ENOUGH, 11)


def test_nothing_is_gathered_for_longer_than_the_longest_time() -> None:
    tuned = Tuned()
    asked = [tuned.came(5000, after=0.2, busy=0.25) for _ in range(10)]
    assert asked == [(ENOUGH, 25)] * 10


def test_a_silence_ends_it() -> None:
    tuned = Tuned()
    tuned.came(5000, after=0.2, busy=0.2)
    assert tuned.came(0, after=0.03, busy=0.02) == AT_ONCE
    assert tuned.tuning.waits(1.0) == 1.0


async def test_a_broker_gathers_while_records_keep_the_worker_busy_and_answers_at_once_after_a_silence(
    kafka: KafkaServer, prefix: str
) -> None:
    address = kafka.address
    await make_topics(address, prefix)
    engine = NotingEngine(prefix)
    topic = engine.topics.signals["intent"]
    async with running(address, engine, prefix) as worker, AIOKafkaProducer(bootstrap_servers=address) as producer:
        await worker.until(lambda: worker.app.consumer is not None and worker.app.consumer.taken)

        def asked() -> tuple[int, int]:
            for fetched in engine.fetched:  # else there is no room for more
                worker.worker.applied(fetched.topic, fetched.partition, fetched.end)
            fetcher = worker.app.consumer._thread._consumer._fetcher
            return fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms

        async def keep_coming() -> None:
            for number in count():
                for _ in range(10):
                    await producer.send(topic, b"%d" % number, b"key", number % 2)
                await asyncio.sleep(0.001)

        coming = asyncio.create_task(keep_coming())
        await worker.until(lambda: asked()[0] == ENOUGH)
        coming.cancel()
        await worker.until(lambda: asked() == AT_ONCE)
        await producer.send_and_wait(topic, b"one more", b"key", 0)
        await worker.until(lambda: b"one more" in engine.values(topic))
