"""Starting over from Kafka: a Redis that was emptied under running workers, and a rebuild by command under load."""

import asyncio
import json
import signal
import time
from typing import Final

import redis

from faults.harness.judge import Judge
from faults.harness.market import easily_hot, higher_caps
from faults.harness.stage import Stage, holds, said
from faults.scenario import Outcome, Scenario

_WITHIN: Final = 150.0
"""Seconds for everything to be read again."""
_SIGNED: Final = ("--by", "faults@example.com", "--reason", "A fault scenario.")


async def _emptied(stage: Stage) -> Outcome:
    """FLUSHALL under load, and half of the time an owner dies after it; nobody loads the accounts again."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await asyncio.sleep(stage.dice.uniform(8, 15))
    gone = await _tombstones(stage)
    await asyncio.to_thread(_empty, stage)
    began = time.monotonic()

    async def begins() -> bool:
        return any(said(worker, "rebuild_started") for worker in pair)

    await stage.until(begins, 60, "nobody noticed that Redis was emptied")
    if stage.dice.random() < 0.5:
        pair[0].end(signal.SIGKILL)
        stage.start("one")
    await feed.stop()
    await stage.caught_up(_WITHIN)
    seconds = time.monotonic() - began
    verdict = await Judge(stage).verdict()
    listed = len((await stage.list() or {"entries": []})["entries"])
    burst = await _tombstones(stage) - gone
    assert burst <= listed, f"{burst} tombstones for {listed} entries"
    return Outcome(verdict, measured={"served_again_s": round(seconds, 1), "tombstones": burst})


async def _by_command(stage: Stage) -> Outcome:
    """`scoring publish` with other half-lives, under load: a rebuild by itself."""
    await stage.prepare()
    feed = stage.feed()
    await stage.two()
    await stage.applying()
    await asyncio.sleep(8)
    kinds = json.loads(stage.market.scoring.read_text())["kinds"]
    rules = {kind: {**spec, "half_life_days": 5} for kind, spec in kinds.items()}
    changed = easily_hot(stage.folder, "rules.yaml", kinds=rules, version=2)
    began = time.monotonic()
    await stage.command("scoring", "publish", str(changed), *_SIGNED, "--yes", "--wait", str(_WITHIN))
    seconds = time.monotonic() - began
    await feed.stop()
    verdict = await Judge(stage, scoring=changed, alerts=False, within=_WITHIN).verdict()
    return Outcome(verdict, measured={"rebuild_s": round(seconds, 1)})


async def _between_record_and_effect(stage: Stage) -> Outcome:
    """The worker that is to bring a published scoring file into force is killed before it does; another one does."""
    await stage.prepare()
    feed = stage.feed()
    first = stage.start("one")
    await stage.until(stage.first_scoring_moved, 60, "the first start brought nothing into force")
    await stage.applying()
    dying = stage.start("two", die=["before_rules_move", 1])
    await stage.share([first, dying])
    first.end(signal.SIGTERM)  # so that the next version is for the other one to bring into force

    async def has_all() -> bool:
        return holds(dying) == list(range(stage.partitions))

    await stage.until(has_all, 60, "the armed worker did not take all partitions")
    kinds = json.loads(stage.market.scoring.read_text())["kinds"]
    changed = easily_hot(stage.folder, "caps.yaml", kinds=higher_caps(kinds), version=2)
    published = asyncio.create_task(stage.command("scoring", "publish", str(changed), *_SIGNED, "--wait", "90"))

    async def dead() -> bool:
        return dying.process.poll() is not None

    await stage.until(dead, 60, "the worker that was to move the rule was not killed")
    stage.start("one")
    await published
    await feed.stop()
    verdict = await Judge(stage, scoring=changed, levels=False, alerts=False).verdict()
    return Outcome(verdict)


def _empty(stage: Stage) -> None:
    with redis.Redis(host="127.0.0.1", port=stage.servers.redis.port) as client:
        client.flushall()


async def _tombstones(stage: Stage) -> int:
    return sum(record.value is None for record in await Judge(stage).read("priority.accounts"))


SCENARIOS: Final = (
    Scenario(
        name="redis_emptied",
        promise="a Redis that lost everything is filled again from Kafka: same lists, no alert lost, none doubled",
        fault="FLUSHALL while workers run; in half of the runs a SIGKILL while they read again",
        play=_emptied, runs=5, within=400,
    ),
    Scenario(
        name="rebuild_under_load",
        promise="publishing other rules serves what a replay by them gives, and nothing before that",
        fault="`scoring publish` with other half-lives while events come in",
        play=_by_command, runs=3, short_runs=0, within=400,
    ),
    Scenario(
        name="rules_between_record_and_effect",
        promise="a published rule comes into force, whoever dies between its record and its effect",
        fault="SIGKILL of the worker that moves it, just before it does",
        play=_between_record_and_effect, runs=3, within=300,
    ),
)  # fmt: skip
