"""Starting over from Kafka, on real servers, against `replay` of the same records.

by command, with other half-lives           lists by the new file, nothing told twice, the old lists served meanwhile
a store that was emptied, unsent alerts     the same alerts and lists with nobody doing anything, no burst of tombstones
a worker killed half way through            another one finishes; and two at once
"""

import json
import random
import signal
import time
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.wire.instants import format_instant
from testing.processes import ROOT
from testing.records import Produced
from testing.servers.finding import KafkaServer
from testing.servers.redis import ValkeyServer
from tests.live.engine import Engine, engine
from tests.live.feed import one_topic_an_account, real_events
from tests.live.judging import icp_files, replayed, same_alerts, same_levels, same_order_and_scores, sent_once
from tests.replay.real_data import ACCOUNTS, half_lives, levels, needs_real_data

pytestmark = needs_real_data

LISTS = ("all", "b2b", "grown-up")
Place = tuple[int, int, str]
"""Partition, offset, key."""


@pytest.fixture
def seed() -> int:
    """Printed when a test fails."""
    made = random.SystemRandom().randrange(1_000_000)
    print(f"seed {made}")  # noqa: T201 (pytest shows it when the test fails)
    return made


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A server that may be emptied."""
    with ValkeyServer() as server:
        yield server.url


@pytest.fixture
def live(kafka: KafkaServer, own_redis: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, own_redis, prefix, tmp_path) as made:
        yield made


def scoring(folder: Path, days: float, version: int = 1) -> Path:
    """The shipped scoring with thresholds that one signal reaches, and short half-lives."""
    made = half_lives(YAML(typ="safe").load(ROOT / "config" / "scoring.yaml"), days)
    made["levels"] = levels((7.5, 5, 1), (5, 3.5, 1))
    made["version"] = version
    made["alerts"]["cooldown_days"] = 5
    made["lists"]["min_score"] = 2
    path = folder / "scoring.yaml"
    path.write_text(json.dumps(made))
    return path


def load_fit(live: Engine) -> None:
    live.run("fit", "load", str(ACCOUNTS), *icp_files(live.folder), "--yes")


async def prepared(live: Engine, days: float) -> Path:
    path = scoring(live.folder, days)
    live.set(SCORING=str(path))
    await live.make_topics_of_create_time()
    live.run("topics", "create")
    load_fit(live)
    return path


async def as_replayed(live: Engine, produced: list[Produced], path: Path) -> dict[str, dict[str, Any]]:
    """Waits until the lists are those of a replay; returns it as of a moment after everything was read."""
    read_until = int(time.time() * 1000)
    await live.complete(read_until)

    def equal(lists: dict[str, dict[str, Any]]) -> None:
        for name in LISTS:
            judged = replayed(live.folder, produced, lists[name]["generated_at"], path)
            same_order_and_scores(lists[name]["entries"], judged["lists"][name])
            same_levels(lists[name]["entries"], judged["lists"][name])
        assert lists["all"]["entries"], "a test of empty lists shows nothing"

    await live.agrees(equal)
    return replayed(live.folder, produced, format_instant(read_until), path)


async def alerted(live: Engine) -> set[str]:
    """The ids of the alerts that were sent."""
    return {json.loads(record.value)["alert_id"] for record in await live.read("alerts")}


async def published_as_replayed(live: Engine, judged: dict[str, Any], once: Container[str] | None = None) -> None:
    """`once`: alerts from before something broke; others may be there twice then. None: nothing has been broken."""

    async def all_alerts() -> None:
        records = await live.read("alerts")
        same_alerts(sent_once(records, repeats_allowed=once is not None, once=once or ()), judged)

    await live.holds(all_alerts, 40)


async def is_served(live: Engine) -> None:
    async def served() -> bool:
        marks = await live.marks()
        return marks.building is None and marks.served not in {None, 0}

    await live.until(served, 60, "the rebuild did not come to its end")


async def tombstones(live: Engine) -> set[Place]:
    """Where they are, and of whom."""
    records = await live.read("priority.accounts")
    return {(record.partition, record.offset, record.key.decode()) for record in records if record.value is None}


async def left_since(live: Engine, before: set[Place]) -> set[str]:
    """Who got a tombstone."""
    return {key for _, _, key in await tombstones(live) - before}


async def on_lists(live: Engine) -> set[str]:
    return {f"{name}/{e['account_id']}" for name, one in (await live.lists()).items() for e in one["entries"]}


async def entries_of_readers(live: Engine) -> set[str]:
    """Who has an entry by what was sent."""
    last = {record.key.decode(): record.value for record in await live.read("priority.accounts")}
    return {key for key, value in last.items() if value is not None}


async def readers_have(live: Engine) -> set[str]:
    """Who is on the lists by what was sent. What Redis serves is ahead of it by what waits in the outbox: if that is
    lost, who left the lists with it gets the tombstone later.
    """
    last = {record.key.decode(): json.loads(record.value) for record in await live.read("priority.lists")}
    listed = {f"{name}/{entry['account_id']}" for name, one in last.items() for entry in one["entries"]}
    return listed | await entries_of_readers(live)


async def only_who_left_got_tombstones(live: Engine, had: set[str], before: set[Place]) -> None:
    """Since `before`, of those whom readers `had`: nobody who was unknown to them, nobody who is still there."""
    left = await left_since(live, before)
    assert left <= had - await entries_of_readers(live)


async def versions_rise(live: Engine) -> None:
    result: dict[str, list[int]] = {}
    for record in await live.read("priority.lists"):
        result.setdefault(record.key.decode(), []).append(json.loads(record.value)["version"])
    assert all(versions == sorted(set(versions)) for versions in result.values())


async def emptied(live: Engine) -> None:
    async with Channel(live.redis_url) as channel:
        await channel.call("FLUSHALL")


async def test_by_command_with_other_half_lives(live: Engine, seed: int) -> None:
    path = await prepared(live, 8)
    live.worker()
    feed = one_topic_an_account(real_events(int(time.time() * 1000) - 60_000, 60, 6000, seed), live.partitions)
    produced = await live.produce(feed)
    await live.caught_up()
    await published_as_replayed(live, await as_replayed(live, produced, path))
    known, listed_before = await alerted(live), await on_lists(live)
    gone_before, version = await tombstones(live), (await live.list() or {})["config_version"]

    by = ("--by", "dana@example.com", "--reason", "Interest fades faster.", "--yes", "--wait", "0")
    live.run("scoring", "publish", str(scoring(live.folder, 5, 2)), *by)

    async def begun() -> bool:
        return (await live.marks()).building is not None

    await live.until(begun, 60, "other half-lives began no rebuild")
    while (await live.marks()).building is not None:
        served = await live.list() or {}
        if (await live.marks()).building is not None:
            assert served["config_version"] == version, "what is being built was published"
    assert json.loads(live.run("rebuild", "--yes", "--json", code=0))["state"] == "served", "a second one, to its end"

    await as_replayed(live, produced, path)
    assert (await live.list() or {})["config_version"] != version
    result = sent_once(await live.read("alerts"), repeats_allowed=False)
    day_ago = format_instant(int(time.time() * 1000) - 25 * 3_600_000)
    assert all(alert["at"] > day_ago for alert in result if alert["alert_id"] not in known), (
        "nobody is told what is old"
    )
    listed = await on_lists(live)

    async def left() -> None:
        assert await left_since(live, gone_before) == listed_before - listed

    await live.holds(left)
    await versions_rise(live)
    marks = await live.marks()

    async def dropped() -> bool:
        async with Channel(live.redis_url) as channel:
            keys = await channel.call("KEYS", f"{live.prefix}g*")
        return all(key.decode().startswith(f"{live.prefix}g{marks.served}:") for key in keys if b":" in key)

    await live.until(dropped, 30, "the old generations are still there")


async def test_a_store_that_was_emptied_and_alerts_that_were_never_sent(live: Engine, seed: int) -> None:
    path = await prepared(live, 0.3)
    worker = live.worker()
    events = real_events(int(time.time() * 1000) - 60_000, 0.8, 6000, seed)
    feed = one_topic_an_account(events, live.partitions)
    # By account: who has read old records to their end passes time to now, and what comes then is judged then.
    first, second = ([one for one in feed if one.key[0] % 2 == half] for half in (0, 1))
    produced = await live.produce(first)
    await live.caught_up()
    await as_replayed(live, produced, path)
    assert worker.end() == 0
    before = await alerted(live)
    produced += await live.produce(second)
    crashing = live.crashing("before_alerts_produce", 1)
    assert crashing.process.wait(60) == -signal.SIGKILL
    assert await alerted(live) == before, "it was to die with alerts in hand"
    had, gone_before = await readers_have(live), await tombstones(live)

    await emptied(live)
    again = live.worker()

    await is_served(live)
    judged = await as_replayed(live, produced, path)
    await published_as_replayed(live, judged, before)
    assert len(judged["alerts"]) > len(before), "a test without unsent alerts shows little"
    await only_who_left_got_tombstones(live, had, gone_before)
    await versions_rise(live)
    assert again.words().count("rebuild_started") == 1
    before = await alerted(live)

    await emptied(live)  # under it

    async def starts_again() -> bool:
        return again.words().count("rebuild_started") == 2

    await live.until(starts_again, 30, "it did not notice that the store was emptied")
    had, gone_before = await readers_have(live), await tombstones(live)
    await is_served(live)
    await published_as_replayed(live, await as_replayed(live, produced, path), before)
    await only_who_left_got_tombstones(live, had, gone_before)
    await versions_rise(live)
    assert "rebuild_waiting_for_fit" not in again.words(), "the accounts come back from Kafka"
    assert again.end() == 0


async def test_a_worker_killed_half_way_is_followed_by_one_that_finishes(live: Engine, seed: int) -> None:
    path = await prepared(live, 8)
    first = live.worker()
    feed = one_topic_an_account(real_events(int(time.time() * 1000) - 60_000, 60, 6000, seed), live.partitions)
    produced = await live.produce(feed)
    await live.caught_up()
    judged = await as_replayed(live, produced, path)
    await published_as_replayed(live, judged)
    assert first.end() == 0
    before = await alerted(live)

    live.run("rebuild", "--yes", "--no-wait")
    crashing = live.crashing("before_commit", 25)
    assert crashing.process.wait(60) == -signal.SIGKILL
    assert (await live.marks()).building is not None
    assert (await live.counts())["applied"] < len(feed), "it was not killed half way"
    dies_late = live.crashing("after_swap", 1)
    assert dies_late.process.wait(60) == -signal.SIGKILL
    assert await live.marks() == (await live.marks())._replace(building=None, outdated=(0,))
    live.worker()
    await published_as_replayed(live, await as_replayed(live, produced, path), before)

    async def dropped() -> bool:
        return (await live.marks()).outdated == ()

    await live.until(dropped, 30, "the old generation was not dropped")
    live.worker()
    assert json.loads(live.run("rebuild", "--yes", "--json"))["state"] == "served", "also by two at once"
    await published_as_replayed(live, await as_replayed(live, produced, path), before)
