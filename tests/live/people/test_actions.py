"""Account actions on real servers: what two workers make of them is what `replay --actions` makes of the same records.

events and actions in any order, a worker killed half way     scores, order, claims, who calls
events and actions whose order is determined, a kill           levels and alerts too
a topic that is missing, and then made                         off, and taken from then on
a kill while lists are published                               off the list and a tombstone within two seconds
"""

import json
import random
import signal
import time
from pathlib import Path
from statistics import median
from typing import Any

from signal_engine.wire.instants import format_instant
from testing.servers.finding import KafkaServer
from tests.live.acting import act, acts_among, acts_on
from tests.live.engine import Engine, engine
from tests.live.feed import one_topic_an_account, real_events, spoilt
from tests.live.judging import icp_files, replayed, same_alerts, same_levels, same_order_and_scores, sent_once
from tests.live.test_live_engine import LISTS, Lists, easily_hot, live_scoring, prepared, started
from tests.replay.real_data import ACCOUNTS, needs_real_data

pytestmark = needs_real_data

EVENTS = 3_000
ACTED = ("actions_applied", "actions_duplicate", "actions_refused")


async def taken(live: Engine, number: int) -> None:
    """Waits until so many actions have been taken."""

    async def all_of_them() -> bool:
        counts = await live.counts()
        return sum(counts[name] for name in ACTED) == number

    await live.until(all_of_them, 60, "the actions were not taken")


def same_people(mine: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    told = ("account_id", "claimed_by", "claimed_at", "sdr", "icp", "tier")
    assert [{f: one[f] for f in told} for one in mine] == [{f: one[f] for f in told} for one in theirs]


async def test_scores_order_and_claims_equal_replay_whatever_happens(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 (pytest shows it when the test fails)
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        started(live)
        feed = spoilt(real_events(int(time.time() * 1000), 60, EVENTS, seed), seed, live.partitions)
        half = len(feed) // 2
        produced = await live.produce(feed[:half])
        accounts = sorted({one.key.decode() for one in feed if one.event is not None and b"." in one.key})
        acts = acts_on(accounts, EVENTS // 20, int(time.time() * 1000), seed, live.partitions)
        actions = await live.produce(acts[: len(acts) // 2])

        async def some_applied() -> bool:
            return (await live.counts())["applied"] > 200

        await live.until(some_applied, 60, "nothing was applied")
        produced += await live.produce(feed[half:])
        actions += await live.produce(acts[len(acts) // 2 :])
        broken = acts[0]._replace(value=b"oops", event=None)
        actions_broken = await live.produce([broken])
        assert live.workers[0].end(signal.SIGKILL) == -signal.SIGKILL
        live.worker()
        await live.caught_up()
        await taken(live, len(actions) + 1)
        await live.complete(max(one.timestamp for one in [*produced, *actions]))

        def equal_replay(lists: Lists) -> None:
            for name in LISTS:
                at = lists[name]["generated_at"]
                judged = replayed(tmp_path, produced, at, live_scoring(live), actions=actions)["lists"][name]
                assert lists["all"]["entries"], "a test of empty lists shows nothing"
                same_order_and_scores(lists[name]["entries"], judged)
                same_people(lists[name]["entries"], judged)

        await live.agrees(equal_replay)
        judged = replayed(tmp_path, produced, "2999-01-01T00:00:00Z", live_scoring(live), actions=actions)
        counts = await live.counts()
        told = judged["actions"]
        assert {name: counts[f"actions_{name}"] for name in ("applied", "duplicate")} == {
            name: told[name] for name in ("applied", "duplicate")
        }
        assert counts["actions_refused"] == len(told["refused"]) + len(actions_broken)
        letters = {(one.value, dict(one.headers)["dlq.topic"]) for one in await live.read("signals.dlq")}
        assert (b"oops", live.topic("account.actions").encode()) in letters


async def test_levels_and_alerts_equal_replay_where_the_order_is_determined(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 (as above)
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        await live.make_topics_of_create_time()
        prepared(live)
        now = int(time.time() * 1000) - 600_000
        feed = one_topic_an_account(real_events(now, 25, EVENTS, seed), live.partitions)
        acts = acts_among(feed, seed, live.partitions)
        produced, actions = await live.produce(feed), await live.produce(acts)
        crashing = live.crashing("before_commit", 20)
        live.worker()
        assert crashing.process.wait(60) == -signal.SIGKILL
        live.worker()
        await live.caught_up()
        await taken(live, len(actions))
        read_until = int(time.time() * 1000)
        await live.complete(read_until)

        def equal_replay(lists: Lists) -> None:
            for name in LISTS:
                at = lists[name]["generated_at"]
                judged = replayed(tmp_path, produced, at, live_scoring(live), actions=actions)["lists"][name]
                same_order_and_scores(lists[name]["entries"], judged)
                same_levels(lists[name]["entries"], judged)
                same_people(lists[name]["entries"], judged)

        await live.agrees(equal_replay)
        judged = replayed(tmp_path, produced, format_instant(read_until), live_scoring(live), actions=actions)
        plain = replayed(tmp_path, produced, format_instant(read_until), live_scoring(live))
        assert judged["alerts"] != plain["alerts"], "the actions decide nothing"

        async def all_alerts() -> None:
            kept = await decided(live)
            same_alerts(kept, judged)
            # One that still waited when its account was hidden is recorded; in a backlog that is long after it was due.
            sent = sent_once(await live.read("alerts"), repeats_allowed=True)
            assert {one["alert_id"] for one in sent} == {one["alert_id"] for one in kept if one["recorded"] is None}
            recorded = {one["alert_id"]: one["recorded"] for one in judged["alerts"]}
            assert all(one["recorded"] or recorded[one["alert_id"]] is None for one in kept)

        await live.holds(all_alerts)


async def decided(live: Engine) -> list[dict[str, Any]]:
    """Every alert that was decided in the last 30 days, sent or not."""
    async with live.store() as store:
        return [
            json.loads(one.record) for number in range(live.partitions) for one in await store.feed(number, 0, 9_999)
        ]


async def test_a_kill_takes_an_account_off_the_list_within_two_seconds(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)), PUBLISH_SECONDS="10")
        started(live)
        now = int(time.time() * 1000)
        await live.produce(
            [one._replace(timestamp=None) for one in one_topic_an_account(real_events(now, 20, 2_000, 7), 4)]
        )
        await live.caught_up()
        await live.complete(now)

        async def listed() -> list[str]:
            found = await live.list()
            return [entry["account_id"] for entry in found["entries"]] if found else []

        async def someone() -> bool:
            return len(await listed()) > 20

        await live.until(someone, 30, "nobody is on the list")
        dice, waits = random.Random(7), []
        for account in (await listed())[:10]:
            began = time.monotonic()
            await live.produce(
                [act(dice, account, "do_not_contact", int(time.time() * 1000), 4)._replace(timestamp=None)]
            )

            async def gone(account: str = account) -> bool:
                return account not in await listed()

            await live.until(gone, 10, f"{account} is still on the list")
            waits.append(time.monotonic() - began)

            async def tombstone(account: str = account) -> None:
                key = f"all/{account}".encode()
                assert [one.value for one in await live.read("priority.accounts") if one.key == key][-1:] == [None]

            await live.holds(tombstone, 5)
        # Half of them: one may find the machine busy, and waiting for a publication would take five seconds on average.
        assert median(waits) < 2, json.dumps(waits)


async def test_a_worker_without_the_topic_starts_says_so_and_takes_actions_once_it_is_there(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        await live.make_all_but_actions()
        live.run("fit", "load", str(ACCOUNTS), *icp_files(tmp_path), "--yes")
        worker = live.worker()

        async def off() -> bool:
            return {"account_actions_off", "partitions_taken"} <= set(worker.words())

        await live.until(off, 60, "it did not start without the topic")
        live.run("topics", "create")

        async def restarted() -> bool:
            words = worker.words()
            return "worker_restarting" in words and words.count("partitions_taken") > 1

        await live.until(restarted, 90, "it did not start over once the topic was there")
        acts = acts_on(["acme.com", "example.org"], 10, int(time.time() * 1000), 1, live.partitions)
        await live.produce(acts)
        await taken(live, len(acts))
