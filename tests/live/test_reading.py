"""How workers read their topics: in the order of time, past a flood of refusals, and within bounds of memory.

a backlog of three days on six topics, two workers, clocks two minutes apart     levels and alerts as replay has them
a topic-partition that is mostly refused; the worker restarted while it waits     paused, not forgotten, let go on
300,000 events that lie there                                                     memory within its bound, no rebalance
"""

import asyncio
import json
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.engine.dead_letters.paused_topics import all_paused, resume
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant
from testing.engine import OUTCOMES
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from testing.topics import KINDS
from testing.worker import Worker
from tests.live.engine import Engine, engine
from tests.live.feed import DAY, real_events
from tests.live.judging import replayed, same_alerts, same_levels, same_order_and_scores, sent_once
from tests.live.test_live_engine import Lists, easily_hot, live_scoring, prepared
from tests.replay.real_data import needs_real_data

APART = 61_000
"""ms between two events of an account on different topics: only to a minute is their order kept."""
SKEW = 120


@pytest.fixture
def seed() -> int:
    """Printed when a test fails."""
    made = random.SystemRandom().randrange(1_000_000)
    print(f"seed {made}")  # noqa: T201 (pytest shows it when the test fails)
    return made


def days_of_backlog(days: float, many: int, seed: int, partitions: int) -> list[ToProduce]:
    """Real events that arrived in the last days, most of them late, up to two months; accounts on several topics."""
    now, dice, partition_of = int(time.time() * 1000) - 60_000, random.Random(seed), partitioner(partitions)
    events = real_events(now - round(days * DAY), 60, many, seed)
    dice.shuffle(events)
    arrivals = sorted(dice.randrange(now - round(days * DAY), now) for _ in events)
    last: dict[str, tuple[int, str]] = {}
    made = []
    for event, at in zip(events, arrivals, strict=True):
        account = normalise(event["account_id"])
        before = last.get(str(account), (0, event["kind"]))
        if isinstance(account, NotAnAccount) or (before[1] != event["kind"] and at - before[0] < APART):
            continue
        last[account] = (at, event["kind"])
        if dice.random() < 0.5:
            event["occurred_at"] = format_instant(at - dice.randrange(1000))
        made.append(
            ToProduce(event["kind"], partition_of(account), account.encode(), json.dumps(event).encode(), event, at)
        )
    return made


def soon_cold(folder: Path) -> Path:
    """As `easily_hot`, with half-lives that end levels within a day or two."""
    path = easily_hot(folder)
    scoring = json.loads(path.read_text())
    for spec in scoring["kinds"].values():
        spec["half_life_days"] = 2
    scoring["alerts"]["cooldown_days"] = 1
    path.write_text(json.dumps(scoring))
    return path


@needs_real_data
async def test_a_backlog_of_days_gives_the_alerts_and_levels_that_the_days_would_have_given(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(soon_cold(tmp_path)))
        await live.make_topics_of_create_time()
        prepared(live)
        produced = await live.produce(days_of_backlog(3, 4000, seed, live.partitions))
        live.worker()
        live.clocked(SKEW)
        await live.caught_up()
        read_until = int(time.time() * 1000)
        await live.complete(read_until)

        def equal_replay(lists: Lists) -> None:
            for name in ("all", "b2b", "grown-up"):
                judged = replayed(tmp_path, produced, lists[name]["generated_at"], live_scoring(live))
                same_order_and_scores(lists[name]["entries"], judged["lists"][name])
                same_levels(lists[name]["entries"], judged["lists"][name])

        await live.agrees(equal_replay)
        judged = replayed(tmp_path, produced, format_instant(read_until), live_scoring(live))

        async def all_alerts() -> None:
            result = sent_once(await live.read("alerts"), repeats_allowed=True)  # a partition moved
            same_alerts(result, judged)

        await live.holds(all_alerts)
        types = Counter(alert["type"] for alert in judged["alerts"])
        assert types["cooled"] > 3
        assert types["entered_hot"] > 10
        counts = await live.counts()
        assert {o: counts[o] for o in OUTCOMES} == {o: judged["counts"][o] for o in OUTCOMES}
        for worker in live.workers:
            asked = time.monotonic()
            assert worker.end() == 0, live.log_tails()
            assert time.monotonic() - asked < 10


def made_up(many: int, partitions: int, accounts: int) -> list[tuple[str, int, bytes, bytes]]:
    """Topic's kind, partition, key, value."""
    now, partition_of, dice = format_instant(int(time.time() * 1000)), partitioner(partitions), random.Random(1)
    more: dict[str, dict[str, Any]] = {
        "intent": {"topic": "crm", "score": 85}, "hiring": {"title": "VP Sales"}, "funding": {"round": "seed"},
        "engagement": {"activity": "page_view"}, "technographic": {"technology": "HubSpot", "change": "adopted"},
        "leadership": {"role": "VP Sales", "change": "joined"},
    }  # fmt: skip
    made = []
    for number in range(many):
        kind, account = KINDS[number % len(KINDS)], f"account-{dice.randrange(accounts)}.com"
        event = {"event_id": f"made-up-{number}", "account_id": account, "occurred_at": now, **more[kind]}
        event |= {"source": "a provider of signals", "source_url": f"https://signals.example.com/{number}"}
        made.append((kind, partition_of(account), account.encode(), json.dumps(event).encode()))
    return made


async def send(live: Engine, records: list[tuple[str, int, bytes, bytes]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=live.kafka, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    try:
        for start in range(0, len(records), 20_000):
            some = records[start : start + 20_000]
            sent = [await producer.send(live.topic(kind), value, key, number) for kind, number, key, value in some]
            await asyncio.gather(*sent)
    finally:
        await producer.stop()


async def test_a_flood_of_refusals_pauses_one_topic_partition_until_it_is_let_go_on(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        signals, flooded = [live.topic(kind) for kind in KINDS], live.topic("intent")
        good = made_up(1200, live.partitions, 50)
        await send(live, [("intent", 0, b"key", b"{")] * 700 + good)
        worker = live.worker()
        others = [one for one in good if (one[0], one[1]) != ("intent", 0)]

        async def others_read() -> bool:
            return (await live.counts())["applied"] == len(others)

        async def paused() -> list[tuple[str, int, int, int]]:
            async with live.store() as store:
                found = await all_paused(store, range(live.partitions), signals)
            return [(topic, number, why.refused, why.offset) for topic, number, why in found]

        await live.until(others_read, 60, "the others do not go on")
        assert await paused() == [(flooded, 0, 200, 200)]
        (said,) = [line for line in worker.said() if line["event"] == "topic_paused"]
        assert (said["topic"], said["partition"], said["reasons"]) == (flooded, 0, "not_json 200")
        assert len(await live.read("signals.dlq")) == 200, "nothing beyond is refused"
        assert worker.end() == 0

        again = live.worker()

        async def says_so() -> bool:
            return "topic_paused" in again.words()

        await live.until(says_so, 30, "it was forgotten")
        more = made_up(1250, live.partitions, 50)[1200:]
        await send(live, more)
        more_others = [one for one in more if (one[0], one[1]) != ("intent", 0)]

        async def more_read() -> bool:
            return (await live.counts())["applied"] == len(others) + len(more_others)

        await live.until(more_read, 30, "the others do not go on after a restart")
        await live.complete(int(time.time() * 1000))  # it holds up no timer
        assert (await paused(), (await live.positions())[flooded, 0]) == ([(flooded, 0, 200, 200)], 200)
        for many in (400, 600, None):  # it is 700 that are refused, then the good ones make less than half
            async with live.store() as store:
                assert await resume(store, 0, flooded)

            async def paused_again_or_done(many: int | None = many) -> bool:
                return await (live.has_caught_up() if many is None else _at(live, flooded, many))

            await live.until(paused_again_or_done, 30, f"it does not go on to {many}")
        counts = await live.counts()
        assert (counts["rejected"], counts["applied"]) == (700, len(good) + len(more))
        assert len(await live.read("signals.dlq")) == 700
        assert again.words().count("partitions_taken") == 1
        assert again.end() == 0


async def _at(live: Engine, topic: str, offset: int) -> bool:
    async with live.store() as store:
        found = await all_paused(store, [0], [topic])
    return bool(found) and found[0].why.offset == offset


def resident(worker: Worker) -> float:
    """Megabytes."""
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024


async def test_a_worker_with_a_large_backlog_stays_within_its_bound_and_keeps_its_partitions(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    megabytes, many, accounts = 16, 300_000, 2_000
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(FETCH_MEGABYTES=str(megabytes))
        live.run("topics", "create")
        worker = live.worker()
        warm = made_up(20_000, live.partitions, accounts)  # every account is known, every module loaded
        await send(live, warm)
        await live.caught_up()
        before = resident(worker)
        worker.end()
        await send(live, made_up(many, live.partitions, accounts)[len(warm) :])
        worker, most = live.worker(), 0.0

        async def caught_up() -> bool:
            nonlocal most
            most = max(most, resident(worker))
            return (await live.counts())["applied"] >= many

        await live.until(caught_up, 120, "the backlog is not read")
        print(f"resident: {before:.0f} MB before, {most:.0f} MB at most")  # noqa: T201 (pytest shows it when it fails)
        # As objects; the answer being read; the accounts' own 150 signals each; what the allocator keeps. On two cores
        # 62 to 86 MB, and 150 where the bound is no bound (512).
        assert most - before < 3 * megabytes + 56
        assert worker.words().count("partitions_taken") == 1
        assert "partitions_released" not in worker.words()
        asked = time.monotonic()
        assert worker.end() == 0
        assert time.monotonic() - asked < 10
