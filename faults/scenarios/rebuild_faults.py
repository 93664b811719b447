"""Starting over from Kafka: a Redis that was emptied under running workers, and a rebuild by command under load."""

import asyncio
import json
import signal
import time
from typing import Final

import redis

from faults.harness.judge import Judge
from faults.harness.market import easily_hot
from faults.harness.stage import Stage, said
from faults.scenario import Outcome, Scenario

_WITHIN: Final = 150.0
"""Seconds for everything to be read again."""


async def _emptied(stage: Stage) -> Outcome:
    """FLUSHALL under load; who fits is loaded again when the workers ask for it."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await asyncio.sleep(stage.dice.uniform(8, 15))
    gone = await _tombstones(stage)
    await asyncio.to_thread(_empty, stage)
    began = time.monotonic()

    async def waits() -> bool:
        return any(said(worker, "rebuild_waiting_for_fit") for worker in pair)

    await stage.until(waits, 60, "nobody noticed that Redis was emptied")
    await stage.load_fit(stage.market.accounts)
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
    """`rebuild` with other half-lives, under load."""
    await stage.prepare()
    feed = stage.feed()
    await stage.two()
    await stage.applying()
    await asyncio.sleep(8)
    kinds = json.loads(stage.market.scoring.read_text())["kinds"]
    changed = easily_hot(
        stage.folder, "rules.yaml", kinds={kind: {**spec, "half_life_days": 5} for kind, spec in kinds.items()}
    )
    stage.set(SCORING=str(changed))
    began = time.monotonic()
    await stage.command("rebuild", "--yes", "--json")
    seconds = time.monotonic() - began
    await feed.stop()
    verdict = await Judge(stage, scoring=changed, alerts=False, within=_WITHIN).verdict()
    return Outcome(verdict, measured={"rebuild_s": round(seconds, 1)})


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
        promise="a rebuild by command serves what a replay by the new rules gives, and nothing before that",
        fault="`rebuild` with other half-lives while events come in",
        play=_by_command, runs=3, short_runs=0, within=400,
    ),
)  # fmt: skip
