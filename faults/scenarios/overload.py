"""More than the engine can do for a while; and what it can do for long, with memory that stays flat."""

import asyncio
import time
from typing import Final

from faults.harness.judge import Judge
from faults.harness.stage import Stage, moves
from faults.harness.watching import Memory
from faults.scenario import Outcome, Scenario
from faults.scenarios.redis_faults import MEMORY

_WIRE: Final = 0.03
"""Seconds each way to Redis: the machine that sends the burst is the one that works it off, so work is made slow."""
_FETCH: Final = 50
TIMES: Final = 10
"""A burst comes at so many times the rate at which it can be worked off."""
SLOPE: Final = 30.0
"""MB an hour: more than this is not flat."""
SOAK_MINUTES: Final = 20.0


async def _burst(stage: Stage) -> Outcome:
    """A burst at ten times the sustainable rate, with ordinary load before and after."""
    await stage.prepare()
    pair = await stage.two(fetch=_FETCH)
    before = moves(pair)
    stage.servers.proxy.delay = _WIRE
    many = stage.some(100_000, 20_000)
    async with Memory(lambda: pair) as memory:
        began = time.monotonic()
        sent = await stage.send(many)
        arrived = time.monotonic() - began
        lags = [await _lag(stage)]
        while lags[-1]:
            await asyncio.sleep(1)
            lags.append(await _lag(stage))
            assert lags[-1] <= lags[-2], f"lag rises after the burst: {lags}"
        worked_off = time.monotonic() - began
        stage.servers.proxy.mend()
        verdict = await Judge(stage).verdict()
    assert moves(pair) == before, f"partitions moved\n{stage.log_tails()}"
    assert memory.highest_mb < MEMORY, f"a worker had {memory.highest_mb:.0f} MB"
    measured = {
        "sent_a_second": round(sent / arrived),
        "worked_off_a_second": round(sent / worked_off),
        "most_MB": round(memory.highest_mb),
    }
    return Outcome(verdict, measured=measured)


async def _soak(stage: Stage) -> Outcome:
    """Ordinary load for a long time: memory stays where it is.

    Some 9 MB an hour are ids: 1,500 accounts have the signals that a whole market has in months, and remember them.
    With fewer ids each, what comes again would count again.
    """
    await stage.prepare()
    pair = await stage.two()
    seconds = 60 * (stage.minutes or SOAK_MINUTES)
    async with Memory(lambda: pair) as memory:
        feed = stage.feed(rate=300)
        await asyncio.sleep(seconds)
        slope, course = memory.slope(after=seconds / 3), memory.course()
        await feed.stop()
        verdict = await Judge(stage).verdict()
    assert slope < SLOPE, f"memory rises by {slope:.1f} MB an hour: {course} MB in equal parts of the time"
    assert memory.highest_mb < MEMORY, f"a worker had {memory.highest_mb:.0f} MB"
    measured = {
        "minutes": seconds / 60,
        "MB_an_hour": round(slope, 1),
        "most_MB": round(memory.highest_mb),
        "MB": course,
    }
    return Outcome(verdict, faults=0, measured=measured)


async def _lag(stage: Stage) -> int:
    """Records that are not applied yet."""
    ends, positions = await stage.ends(), await stage.positions()
    return sum(end - positions.get(place, 0) for place, end in ends.items())


SCENARIOS: Final = (
    Scenario(
        name="burst",
        promise=f"a burst is worked off with memory below {MEMORY:.0f} MB per worker, and no partition moves",
        fault=f"a burst {TIMES} times as fast as it can be worked off",
        play=_burst, within=400,
    ),
    Scenario(
        name="soak",
        promise=f"memory is flat: it rises by less than {SLOPE:.0f} MB per hour",
        fault=f"none: 300 events per second for {SOAK_MINUTES:.0f} minutes (`--minutes`)",
        play=_soak, short_runs=0, within=7200,
    ),
)  # fmt: skip
