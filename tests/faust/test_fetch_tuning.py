"""A broker gathers for a while only while records come."""

import asyncio
from itertools import count
from types import SimpleNamespace

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.faust.fetch_tuning import FetchTuning
from signal_engine.adapters.faust.group import FETCH_WAIT_S
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, make_topics, running

AT_ONCE, GATHERED = (1, FETCH_WAIT_S * 1000), (64 * 1024, 10)


@pytest.mark.parametrize(
    ("answers", "asked", "because"),
    [
        ([(0, 3)], AT_ONCE, "the first after a silence"),
        ([(0, 1), (0.006, 1), (0.012, 1)], AT_ONCE, "one by one, 170 a second"),
        ([(0, 1), (0.004, 1)], GATHERED, "closer than that"),
        ([(0, 1), (0.050, 20)], GATHERED, "further apart, but more at once"),
        ([(0, 1), (0.004, 1), (0.014, 3)], GATHERED, "as long as there is something to gather"),
        ([(0, 1), (0.004, 1), (0.014, 1)], AT_ONCE, "one at a time again"),
        ([(0, 1), (0.004, 1), (0.104, 0)], AT_ONCE, "a silence"),
        ([(0, 1), (0.001, 0), (0.002, 0), (0.003, 1)], GATHERED, "an empty answer is none"),
    ],
)
def test_records_are_gathered_while_they_come_close_together(answers, asked, because):
    tuning, fetcher = FetchTuning(), SimpleNamespace(_fetch_min_bytes=1, _fetch_max_wait_ms=500)
    for at, records in answers:
        tuning.came(SimpleNamespace(_fetcher=fetcher), records, at)
    assert (fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms) == asked, because
    assert tuning.waits(1.0) == (1.0 if asked == AT_ONCE else 0.1)


async def test_a_broker_gathers_while_records_come_and_answers_at_once_after_a_silence(
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
        await worker.until(lambda: asked() == GATHERED)
        coming.cancel()
        await worker.until(lambda: asked() == AT_ONCE)
        await producer.send_and_wait(topic, b"one more", b"key", 0)
        await worker.until(lambda: b"one more" in engine.values(topic))
