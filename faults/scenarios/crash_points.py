"""SIGKILL of a worker: at every named point, at random instants, and without a name of its own."""

import asyncio
import random
import signal
import time
from typing import Final

from faults.harness.arming import Life, lives
from faults.harness.judge import Judge
from faults.harness.stage import Stage, had, holds
from faults.scenario import Outcome, Scenario

POINTS: Final = (
    "after_fetch", "after_load", "after_dead_letters", "before_commit", "after_commit",
    "before_alerts_produce", "before_alerts_trim", "after_alerts_trim", "before_lists_trim",
    "before_publication", "during_publication", "after_publication",
    "during_fit_takeover", "during_take", "during_release",
)  # fmt: skip
"""Every point by which work moves on. Those of a publication are reached by the owner of partition 0."""
_ONCE: Final = {"during_take", "during_release", "during_fit_takeover"}
_KILLS: Final = 20


def _at_a_point(point: str) -> Scenario:
    async def play(stage: Stage) -> Outcome:
        return await _die_at(stage, [point] * _KILLS)

    return Scenario(
        name=f"kill_{point}",
        promise="nothing is lost or doubled, wherever a worker dies",
        fault=f"SIGKILL {point.replace('_', ' ')}, {_KILLS} times in a run",
        play=play, short_runs=0, within=600, recovers_from="the start of the same name",
    )  # fmt: skip


async def _every_point(stage: Stage) -> Outcome:
    *others, last = POINTS  # after it, partition 0 may be with another worker
    return await _die_at(stage, [*stage.dice.sample(others, len(others)), last])


async def _die_at(stage: Stage, points: list[str]) -> Outcome:
    """One of two named workers, which also publishes, dies at one point after the other, under load."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    name, first = next((name, one) for name, one in zip(("one", "two"), pair, strict=True) if 0 in holds(one))
    planned = [Life(point, 1 if point in _ONCE else stage.dice.randint(1, stage.some(12, 5))) for point in points]
    recoveries = await lives(stage, name, first, planned, provoke=lambda life: _provoke(stage, life))
    await feed.stop()
    verdict = await Judge(stage).verdict()
    return Outcome(verdict, recoveries, faults=len(planned) + 1, measured={"died_at": [str(one) for one in planned]})


async def _provoke(stage: Stage, life: Life) -> None:
    """What does not come by itself: a fit table to take over, and another member for whom partitions are given up."""
    if life.point == "during_fit_takeover":
        await stage.applying()
        await toggle_strangers(stage)
    elif life.point == "during_release":
        victim = stage.workers[-1]

        async def settled() -> bool:
            return bool(holds(victim))

        await stage.until(settled, 60, "the worker that is to give up partitions got none")
        guest = stage.start()

        async def dead() -> bool:
            return victim.process.poll() is not None

        await stage.until(dead, 60, "nothing was given up for the third worker")
        guest.end(signal.SIGKILL)


async def toggle_strangers(stage: Stage, many: int = 400) -> None:
    """A fit table in which accounts that nobody hears of have changed: taken over, and nothing else depends on it."""
    path = stage.folder / "accounts-now.csv"
    head, *rows = stage.market.accounts.read_text().splitlines()
    names = random.Random(stage.dice.random()).sample(range(10_000), many)
    blanks = "," * head.count(",")
    strangers = [f"stranger-{number}.com{blanks}" for number in names]
    path.write_text("\n".join([head, *rows, *strangers]) + "\n")
    await stage.load_fit(path)


async def _random_kills(stage: Stage) -> Outcome:
    """Two named workers, each killed at random instants, sometimes both, under load with misplaced events in it."""
    await stage.prepare()
    feed = stage.feed(rate=80)
    await stage.two()
    running = {"one": stage.workers[0], "two": stage.workers[1]}
    recoveries, kills = [], stage.some(200, 6)
    for _ in range(kills):
        await asyncio.sleep(stage.dice.uniform(0.0, 2.5))
        name = stage.dice.choice(("one", "two"))
        running[name].end(signal.SIGKILL)
        mine = had(running[name])
        running[name] = stage.start(name)
        if stage.dice.random() < 0.7:  # else it may be killed while it is still starting
            recoveries.append(await stage.applying(mine or None, within=60))
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), recoveries, faults=kills)


async def _unnamed(stage: Stage) -> Outcome:
    """One of two workers without names dies; the other has its partitions after the session timeout."""
    await stage.prepare()
    feed = stage.feed()
    recoveries, kills = [], stage.some(5, 1)
    pair = await stage.two("", "")
    for _ in range(kills):
        await stage.applying()
        await asyncio.sleep(stage.dice.uniform(1, 3))
        victim, other = stage.dice.sample(pair, 2)
        mine = holds(victim)
        victim.end(signal.SIGKILL)
        began = time.monotonic()
        await stage.applying(mine, within=60)
        recoveries.append(time.monotonic() - began)
        pair = [other, stage.start()]
        await stage.share(pair)
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), recoveries, faults=kills)


SCENARIOS: Final = (
    Scenario(
        name="kill_at_every_point",
        promise="nothing is lost or doubled, wherever a worker dies",
        fault="SIGKILL at each named point in turn, in random order",
        play=_every_point, runs=1, within=400, recovers_from="the start of the same name",
    ),
    *(_at_a_point(point) for point in POINTS),
    Scenario(
        name="random_kills",
        promise="nothing is lost or doubled, whenever workers die; a named one is back within 3 s of its start",
        fault="SIGKILL at random instants, 200 in a run (6 in the short form), each worker started again at once",
        play=_random_kills, within=2400, recovers_from="the start of the same name",
    ),
    Scenario(
        name="kill_unnamed",
        promise="without a name, another worker has taken over within the session timeout and 5 s (17 s)",
        fault="SIGKILL of an ordinary member, 5 in a run (1 in the short form)",
        play=_unnamed, within=300,
    ),
)  # fmt: skip
