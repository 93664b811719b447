"""Two workers on real servers, fed with real events, against `replay` of the same records.

shuffled, doubled, broken, misplaced events; a worker killed half way    scores, order, counts, dead letters
events whose order is determined; a worker killed half way              levels and alerts too
a worker stopped past its session, its partitions taken, continued      refused
a new fit table while running                                           who enters and leaves as --dry-run said
"""

import json
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from signal_engine.wire.instants import format_instant
from testing.engine import OUTCOMES
from testing.processes import ROOT
from testing.servers.finding import KafkaServer
from tests.live.engine import Engine, engine
from tests.live.feed import one_topic_an_account, real_events, spoilt
from tests.live.judging import icp_files, replayed, same_alerts, same_levels, same_order_and_scores, sent_once
from tests.replay.real_data import ACCOUNTS, SELLS, half_lives, levels, needs_real_data

pytestmark = needs_real_data

Lists = dict[str, dict[str, Any]]
LISTS = ("all", "b2b", "grown-up")
END = "2999-01-01T00:00:00Z"
SCORING = ROOT / "config" / "scoring.yaml"
EVENTS = int(os.environ.get("SIGNAL_ENGINE_TEST_EVENTS", "6000"))
"""How many of the real events the two feeds hold; 57000 is all of them."""


@pytest.fixture
def seed() -> int:
    """Printed when a test fails."""
    made = random.SystemRandom().randrange(1_000_000)
    print(f"seed {made}")  # noqa: T201 (pytest shows it when the test fails)
    return made


def easily_hot(folder: Path) -> Path:
    """The shipped scoring with thresholds that one kind of signal reaches, and half-lives so short that levels end."""
    scoring = half_lives(YAML(typ="safe").load(SCORING), 8)
    scoring["levels"] = levels((7.5, 5, 1), (5, 3.5, 1))
    scoring["alerts"]["cooldown_days"] = 5
    scoring["sells"] = SELLS
    scoring["lists"]["min_score"] = 2
    path = folder / "scoring.yaml"
    path.write_text(json.dumps(scoring))
    return path


def prepared(live: Engine) -> None:
    live.run("topics", "create")
    live.run("fit", "load", str(ACCOUNTS), *icp_files(live.folder), "--yes")


def started(live: Engine, workers: int = 2) -> None:
    prepared(live)
    for _ in range(workers):
        live.worker()


async def test_scores_order_counts_and_dead_letters_equal_replay_whatever_happens(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
):
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        started(live)
        feed = spoilt(real_events(int(time.time() * 1000), 60, EVENTS, seed), seed, live.partitions)
        half = len(feed) // 2
        produced = await live.produce(feed[:half])

        async def some_applied() -> bool:
            return (await live.counts())["applied"] > 200

        await live.until(some_applied, 60, "nothing was applied")
        produced += await live.produce(feed[half:])
        assert live.workers[0].end(signal.SIGKILL) == -signal.SIGKILL
        live.worker()
        await live.caught_up()
        await live.complete(max(one.timestamp for one in produced))

        def equal_replay(lists: Lists) -> None:
            for name in LISTS:
                judged = replayed(tmp_path, produced, lists[name]["generated_at"], live_scoring(live))
                assert lists["all"]["entries"], "a test of empty lists shows nothing"
                same_order_and_scores(lists[name]["entries"], judged["lists"][name])

        await live.agrees(equal_replay)
        judged = replayed(tmp_path, produced, END, live_scoring(live))
        counts = await live.counts()
        assert sum(counts[outcome] for outcome in OUTCOMES) == len(produced)
        broken = [one for one in produced if one.record.event is None]
        assert counts["rejected"] == judged["counts"]["rejected"] + len(broken)
        letters = {(r.topic, r.partition, r.offset): r for r in map(_with_origin, await live.read("signals.dlq"))}
        for one in broken:
            letter = letters[live.topic(one.record.kind), one.record.partition, one.offset]
            assert letter.value == one.record.value
            assert letter.rerouted or letter.key == one.record.key, "a copy has the key of its account"
        assert sent_once(await live.read("alerts"), repeats_allowed=True)


async def test_levels_and_alerts_equal_replay_where_the_order_is_determined(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
):
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        await live.make_topics_of_create_time()
        prepared(live)
        now = int(time.time() * 1000) - 60_000
        feed = one_topic_an_account(real_events(now, 60, EVENTS, seed), live.partitions)
        # All of it, before anybody reads: who has read old records to their end passes time to now, as it must.
        produced = await live.produce(feed)
        crashing = live.crashing("before_commit", 20)
        live.worker()
        assert crashing.process.wait(60) == -signal.SIGKILL
        assert (await live.counts())["applied"] < len(feed), "it was not killed half way"
        live.worker()
        await live.caught_up()
        read_until = int(time.time() * 1000)
        await live.complete(read_until)

        def equal_replay(lists: Lists) -> None:
            for name in LISTS:
                judged = replayed(tmp_path, produced, lists[name]["generated_at"], live_scoring(live))
                same_order_and_scores(lists[name]["entries"], judged["lists"][name])
                same_levels(lists[name]["entries"], judged["lists"][name])

        await live.agrees(equal_replay)
        judged = replayed(tmp_path, produced, format_instant(read_until), live_scoring(live))

        async def all_alerts() -> None:
            same_alerts(sent_once(await live.read("alerts"), repeats_allowed=True), judged)

        await live.holds(all_alerts)
        assert Counter(alert["type"] for alert in judged["alerts"])["cooled"] > 3
        counts = await live.counts()
        assert {o: counts[o] for o in OUTCOMES} == {o: judged["counts"][o] for o in OUTCOMES}


async def test_a_worker_that_was_stopped_past_its_session_is_refused(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
):
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        started(live)
        feed = spoilt(real_events(int(time.time() * 1000), 60, 3000, seed), seed, live.partitions)
        sleeper, other = live.workers

        async def both_work() -> bool:
            return "partitions_taken" in sleeper.words() and "partitions_taken" in other.words()

        await live.until(both_work, 60, "two workers did not share the partitions")
        produced = await live.produce(feed[:1000])
        await live.caught_up()
        sleeper.send(signal.SIGSTOP)
        produced += await live.produce(feed[1000:2000])
        await live.caught_up(90)  # the other one has taken all partitions, and applied
        sleeper.send(signal.SIGCONT)
        produced += await live.produce(feed[2000:])
        await live.caught_up()

        async def refused() -> bool:
            return bool({"transaction_refused", "partitions_released"} & set(sleeper.words()))

        await live.until(refused, 60, "the stopped worker noticed nothing")
        await live.complete(max(one.timestamp for one in produced))

        def equal_replay(lists: Lists) -> None:
            judged = replayed(tmp_path, produced, lists["all"]["generated_at"], live_scoring(live))
            same_order_and_scores(lists["all"]["entries"], judged["lists"]["all"])

        await live.agrees(equal_replay)
        counts = await live.counts()
        assert sum(counts[outcome] for outcome in OUTCOMES) == len(produced)
        assert sleeper.end() == 0
        assert other.end() == 0


async def test_a_new_fit_table_changes_the_lists_as_the_dry_run_said(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
):
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        started(live, workers=1)
        events = real_events(int(time.time() * 1000) - 1000, 60, 4000, seed)
        produced = await live.produce(
            [one._replace(timestamp=None) for one in one_topic_an_account(events, live.partitions)]
        )
        await live.caught_up()

        def as_replayed(lists: Lists) -> None:
            judged = replayed(tmp_path, produced, lists["all"]["generated_at"], live_scoring(live))
            same_order_and_scores(lists["all"]["entries"], judged["lists"]["all"])

        await live.agrees(as_replayed)
        before = await live.lists()
        listed = [entry["account_id"] for entry in before["all"]["entries"]]
        kept = listed[: len(listed) // 2]
        accounts = tmp_path / "accounts.csv"
        names = "".join(f"{name},B2B,us,{age}\n" for name, age in zip(kept, (2007, 1990) * len(kept), strict=False))
        accounts.write_text("domain,industry,country,founded_year\n" + names)

        words = ["fit", "load", str(accounts), *icp_files(tmp_path)]
        said = json.loads(live.run(*words, "--dry-run", "--json"))
        assert (await live.list("all") or {})["entries"], "a dry run changes nothing"
        json.loads(live.run(*words, "--yes", "--wait", "30", "--json"))

        def as_the_dry_run_said(after: Lists) -> None:
            for name, change in said["lists"].items():
                was, now = ({e["account_id"] for e in lists[name]["entries"]} for lists in (before, after))
                assert (set(change["enter"]), set(change["leave"])) == (now - was, was - now)

        await live.agrees(as_the_dry_run_said)
        assert set(said["lists"]["all"]["leave"]) >= set(listed[len(listed) // 2 :])
        gone = {f"all/{name}" for name in said["lists"]["all"]["leave"]}

        async def tombstones() -> bool:
            return gone <= {r.key.decode() for r in await live.read("priority.accounts") if r.value is None}

        await live.until(tombstones, 20, "tombstones are missing")


def live_scoring(live: Engine) -> Path:
    return Path(live.environment["SIGNAL_ENGINE_SCORING"])


class _Letter:
    def __init__(self, record: object, place: tuple[str, int, int], *, rerouted: bool) -> None:
        self.topic, self.partition, self.offset = place
        self.rerouted = rerouted
        self.value, self.key = record.value, record.key  # type: ignore[attr-defined]


def _with_origin(record: object) -> _Letter:
    """With the place at which its producer put it: a mail provider is refused where the accounts of its name live."""
    headers = dict(record.headers)  # type: ignore[attr-defined]
    rerouted = "origin.topic" in headers
    named = "origin" if rerouted else "dlq"
    topic, partition, offset = (headers[f"{named}.{part}"].decode() for part in ("topic", "partition", "offset"))
    place = (topic, int(partition), int(offset))
    return _Letter(record, place, rerouted=rerouted)
