"""Redis killed, away, slow, full, cut off in mid-answer, or back with less than it had."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from typing import Final

import redis

from faults.harness.judge import Judge
from faults.harness.stage import Stage, said
from faults.harness.watching import Memory
from faults.scenario import Outcome, Scenario

MEMORY: Final = 400.0
"""MB that a worker may have at most."""
_AOF: Final = "appendonlydir"

Fault = Callable[[Stage], Awaitable[None]]


async def _through(stage: Stage, fault: Fault, times: int = 1, *, outages: int | None = None) -> Outcome:
    """A fault under load, several times; the engine goes on after each, has said so once, and memory is bounded."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    recoveries = []
    async with Memory(lambda: pair) as memory:
        await stage.applying()
        for _ in range(times):
            await asyncio.sleep(stage.dice.uniform(0.5, 2))
            await fault(stage)
            recoveries.append(await stage.applying(within=60))
        await feed.stop()
        verdict = await Judge(stage).verdict()
    lines = [len(said(worker, "store_unavailable")) for worker in pair]
    assert memory.highest_mb < MEMORY, f"a worker had {memory.highest_mb:.0f} MB"
    if outages is not None:
        assert lines == [outages] * len(pair), f"{outages} outages, and said {lines} times\n{stage.log_tails()}"
    measured = {"most_MB": round(memory.highest_mb), "said": lines}
    return Outcome(verdict, recoveries, faults=times, measured=measured)


async def _killed(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        stage.servers.redis.kill()
        await asyncio.sleep(stage.dice.uniform(0, 3))
        await asyncio.to_thread(stage.servers.redis.again)

    return await _through(stage, fault, stage.some(10, 2))


async def _away(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        stage.servers.redis.kill()
        await asyncio.sleep(stage.some(60, 20))
        await asyncio.to_thread(stage.servers.redis.again)

    return await _through(stage, fault, outages=1)


async def _frozen(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        stage.servers.redis.freeze()
        await asyncio.sleep(stage.some(30, 12))
        stage.servers.redis.thaw()

    return await _through(stage, fault, outages=1)


async def _slow(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        stage.servers.proxy.delay = 0.15
        await asyncio.sleep(stage.some(60, 15))
        stage.servers.proxy.mend()

    return await _through(stage, fault, outages=0)


async def _cut(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        if stage.dice.random() < 0.7:
            stage.servers.proxy.lose_answers = stage.dice.randint(1, 4)
        else:
            stage.servers.proxy.cut()

    return await _through(stage, fault, stage.some(60, 12))


async def _full(stage: Stage) -> Outcome:
    async def fault(stage: Stage) -> None:
        await asyncio.to_thread(_fill, stage)

        async def noticed() -> bool:
            return any(said(worker, "store_unavailable") for worker in stage.workers)

        await stage.until(noticed, 30, "nobody noticed that Redis is full")
        await asyncio.sleep(stage.some(20, 6))
        await asyncio.to_thread(_limit, stage, 0)

    return await _through(stage, fault, outages=1)


async def _power_cut(stage: Stage) -> Outcome:
    return await _through(stage, _older_copy(0.1, 0.9), stage.some(10, 2))


async def _failed_over(stage: Stage) -> Outcome:
    return await _through(stage, _older_copy(5, 12), stage.some(5, 1))


def _older_copy(least: float, highest_mb: float) -> Fault:
    async def fault(stage: Stage) -> None:
        """Redis comes back with what it had on disk so many seconds before it died."""
        folder = stage.servers.redis.folder
        shutil.rmtree(folder / "copy", ignore_errors=True)
        shutil.copytree(folder / _AOF, folder / "copy")
        await asyncio.sleep(stage.dice.uniform(least, highest_mb))
        stage.servers.redis.kill()
        shutil.rmtree(folder / _AOF)
        (folder / "copy").rename(folder / _AOF)
        await asyncio.to_thread(stage.servers.redis.again)

    return fault


def _fill(stage: Stage) -> None:
    """A limit that Redis is far beyond: at the limit itself, there is room now and then."""
    with _client(stage) as client:
        _limit(stage, int(client.info("memory")["used_memory"]) // 2)


def _limit(stage: Stage, highest_mb: int) -> None:
    with _client(stage) as client:
        client.config_set("maxmemory", str(highest_mb))


def _client(stage: Stage) -> "redis.Redis":
    return redis.Redis(host="127.0.0.1", port=stage.servers.redis.port)


SCENARIOS: Final = (
    Scenario(
        name="redis_killed",
        promise="Redis dies and comes back from its append-only file: the engine waits, continues, loses nothing",
        fault="SIGKILL of Redis (AOF everysec), back after 0 to 3 s, 10 times in a run (2 in the short form)",
        play=_killed, runs=2, recovers_from="Redis being back", short_runs=0,
    ),
    Scenario(
        name="redis_away",
        promise="during a Redis outage memory stays bounded and one log line is written",
        fault="Redis is down for 60 s (20 s in the short form)",
        play=_away, runs=2, recovers_from="Redis being back",
    ),
    Scenario(
        name="redis_frozen",
        promise="a Redis that accepts connections but does not answer is an outage like any other",
        fault="SIGSTOP of Redis for 30 s (12 s in the short form)",
        play=_frozen, runs=2, recovers_from="Redis going on", short_runs=0,
    ),
    Scenario(
        name="redis_slow",
        promise="a slow Redis makes the engine slow, not wrong, and moves no partition",
        fault="150 ms each way on the wire to Redis, for a minute (15 s in the short form)",
        play=_slow, recovers_from="the end of it", short_runs=0,
    ),
    Scenario(
        name="redis_cut",
        promise="a step whose answer is lost is not applied twice",
        fault="connections to Redis break, most of them after the command was done and before its answer arrived,"
        " 60 times in a run (12 in the short form)",
        play=_cut, runs=3, recovers_from="the cut",
    ),
    Scenario(
        name="redis_full",
        promise="a full Redis stops the engine until there is room, and nothing is lost",
        fault="maxmemory is reached (OOM), and raised after 20 s (6 s in the short form)",
        play=_full, runs=2, recovers_from="there being room",
    ),
    Scenario(
        name="redis_power_cut",
        promise="Redis losing its last second loses state and position together: the engine reads again and converges",
        fault="Redis comes back with what its disk had up to a second ago, 10 times in a run (2 in the short form)",
        play=_power_cut, runs=2, recovers_from="Redis being back",
    ),
    Scenario(
        name="redis_failed_over",
        promise="a Redis that has fallen back to an older copy is continued from the copy's positions",
        fault="Redis comes back with what it had 5 to 12 s ago, 5 times in a run (once in the short form)",
        play=_failed_over, runs=2, recovers_from="Redis being back", short_runs=0,
    ),
)  # fmt: skip
