"""Outcomes on real servers: kept once each, whatever dies, and read again wherever they were lost.

doubled and broken records, a worker killed half way      every outcome once, in order; what was refused is said
a rebuild, a store that was emptied                       the same again, with nobody doing anything
a topic that is missing, and then made                    off, and kept from then on
"""

import json
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import appeared
from signal_engine.adapters.redis.connecting.channel import Channel
from testing.processes import ROOT
from testing.servers.finding import KafkaServer
from testing.servers.redis import ValkeyServer
from tests.live.engine import Engine, engine
from tests.live.outcomes.outcoming import all_kept, must_be_kept, outcomes_of

ACCOUNTS = [f"company-{number}.com" for number in range(60)]


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A server that may be emptied."""
    with ValkeyServer() as server:
        yield server.url


@pytest.fixture
def live(kafka: KafkaServer, own_redis: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, own_redis, prefix, tmp_path) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        yield made


@pytest.fixture
def dice() -> random.Random:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 (pytest shows it when the test fails)
    return random.Random(seed)


async def test_every_outcome_is_kept_once_whatever_dies_and_is_back_after_a_rebuild_and_a_loss(
    live: Engine, dice: random.Random
) -> None:
    live.run("topics", "create")
    now = int(time.time() * 1000)
    crashing = live.crashing("after_outcomes", 3)
    records = outcomes_of(ACCOUNTS, 2_000, now, dice, live.partitions)
    await live.produce(records[:1_100])
    assert crashing.process.wait(60) == -signal.SIGKILL
    worker = live.worker()
    await live.produce(records[1_100:])
    await all_kept(live, records)
    refused = [line for line in worker.said() if line["event"] == "outcomes_refused"]
    assert sum(line["records"] for line in refused) > 0
    positions = {place for place in await live.positions() if "outcomes" in place[0]}
    assert not positions, "the position of outcomes is none of judging's"
    assert not any((await live.counts()).values()), "outcomes are not counted as events"

    live.run("rebuild", "--yes", "--no-wait")
    more = outcomes_of(ACCOUNTS, 300, now, dice, live.partitions)
    await live.produce(more)

    async def rebuilt() -> bool:
        marks = await live.marks()
        return marks.building is None and marks.served != 0

    await live.until(rebuilt, 90, "the rebuild was not served")
    await all_kept(live, [*records, *more])
    async with Channel(live.redis_url) as channel:
        await channel.call("FLUSHALL")
    await all_kept(live, [*records, *more])


async def test_two_workers_keep_what_one_of_them_alone_would(live: Engine, dice: random.Random) -> None:
    live.run("topics", "create")
    live.worker()
    now, sent = int(time.time() * 1000), []
    for turn in range(4):
        some = outcomes_of(ACCOUNTS, 400, now, dice, live.partitions)
        await live.produce(some)
        sent += some
        if turn == 0:
            second = live.worker()
        elif turn == 2:
            assert second.end(signal.SIGKILL) == -signal.SIGKILL
    await all_kept(live, sent, 90)


async def test_a_worker_without_the_topic_starts_says_so_and_keeps_outcomes_once_it_is_there(
    live: Engine, dice: random.Random
) -> None:
    await live.make_all_but_actions()
    for name in ("priority.lists", "priority.accounts", "alerts", "signals.dlq"):
        await appeared(KafkaConnection(live.kafka), live.prefix + name)
    worker = live.worker()

    async def off() -> bool:
        return {"outcomes_off", "partitions_taken"} <= set(worker.words())

    await live.until(off, 60, "it did not start without the topic")
    live.run("topics", "create")

    async def restarted() -> bool:
        words = worker.words()
        return "worker_restarting" in words and words.count("partitions_taken") > 1

    await live.until(restarted, 90, "it did not start over once the topic was there")
    records = outcomes_of(ACCOUNTS[:3], 30, int(time.time() * 1000), dice, live.partitions)
    await live.produce(records)
    await all_kept(live, records)
    told = json.loads(live.run("explain", ACCOUNTS[0], "--json"))["outcomes"]
    ids = [one["outcome_id"] for deal in told["opportunities"] for one in deal["outcomes"]]
    assert {*ids, *(one["outcome_id"] for one in told["as_customer"])} == {*must_be_kept(records)[ACCOUNTS[0]]}
    assert "Opportunities" in live.run("explain", ACCOUNTS[0])
