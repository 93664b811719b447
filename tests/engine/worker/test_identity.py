"""A worker reads nothing of topics that are not those whose positions the store holds."""

import asyncio
from collections.abc import Mapping

import pytest

from signal_engine.engine.ingest.topic_identity import TopicsReplaced, last_record
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.ports.transaction import Positions
from signal_engine.engine.worker.live_engine import LiveEngine
from tests import build
from tests.engine.stand import INTENT, Rec, Stand, event_bytes, fetch, until
from tests.engine.worker.test_damage import Quiet


class Kafka:
    """Topics that become others when a test says so."""

    def __init__(self) -> None:
        self.others = False
        self.store_away = 0
        """How often the store does not answer when it is asked about the topics."""
        self.news = asyncio.Event()
        self.asked: list[Mapping[int, Positions]] = []

    async def check(self, positions: Mapping[int, Positions]) -> None:
        self.asked.append(positions)
        if self.store_away:
            self.store_away -= 1
            raise StoreUnreachable("connection refused")
        if self.others:
            raise TopicsReplaced(["another record", "name the right cluster"])

    async def changed(self) -> None:
        await self.news.wait()
        self.news.clear()


@pytest.fixture
async def stand() -> Stand:
    stand = Stand()
    stand.context.identity = Kafka()
    return stand


def kafka(stand: Stand) -> Kafka:
    assert isinstance(stand.context.identity, Kafka)
    return stand.context.identity


async def refused(engine: LiveEngine) -> None:
    with pytest.raises(TopicsReplaced, match="another record; name the right cluster"):
        async with asyncio.timeout(30):
            await engine.failed()
    await engine.stop()


RECORDS = [Rec(n, build.T0 + n, event_bytes(at=build.T0 + n)) for n in range(3)]


async def test_a_step_keeps_the_last_record_of_what_it_read(stand: Stand) -> None:
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(*RECORDS))
    assert (await stand.memory.positions(0)).last == {INTENT: last_record(RECORDS[-1])}
    assert partition.positions.last == {INTENT: last_record(RECORDS[-1])}
    await process_batch(stand.context, partition, fetch(start=3)._replace(end=5))
    assert (await stand.memory.positions(0)).topics[INTENT] == 5
    assert (await stand.memory.positions(0)).last == {INTENT: last_record(RECORDS[-1])}, "markers are no records"


async def test_it_is_compared_before_anything_is_read(stand: Stand) -> None:
    await process_batch(stand.context, await stand.partition(), fetch(*RECORDS))
    engine = stand.engine(Quiet())
    await engine.start()
    assert len(await engine.take([0, 1])) == 2 * len(stand.context.kinds)
    ((_, there),) = [asked.items() for asked in kafka(stand).asked]
    assert kafka(stand).asked[0][0].last == {INTENT: last_record(RECORDS[-1])}
    assert there[1] == Positions(0, {}, {})
    await engine.stop()


async def test_a_partition_of_other_topics_is_not_taken(stand: Stand) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    kafka(stand).others = True
    assert await engine.take([0]) == []
    await refused(engine)


async def test_a_store_that_does_not_answer_is_waited_for(stand: Stand) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    kafka(stand).store_away = 2
    assert await engine.take([0])
    kafka(stand).store_away = 2
    kafka(stand).news.set()
    await until(lambda: len(kafka(stand).asked) == 6)
    kafka(stand).others = True
    kafka(stand).news.set()
    await refused(engine)
    assert stand.event_log.words.count("store_recovered") == 2


async def test_topics_that_become_others_end_the_worker(stand: Stand) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    await engine.take([0])
    engine.receive(fetch(*RECORDS))
    await until(lambda: stand.data().topics.get(INTENT) == 3)
    kafka(stand).news.set()
    await until(lambda: len(kafka(stand).asked) == 2)
    assert kafka(stand).asked[-1][0].topics[INTENT] == 3, "compared with where it stands by now"
    kafka(stand).others = True
    kafka(stand).news.set()
    await refused(engine)
