"""SIGTERM: the batch in hand is finished, and the worker is gone within ten seconds."""

import asyncio
import signal
import time
from typing import Final

from faults.harness.judge import Judge
from faults.harness.stage import Stage, had
from faults.scenario import Outcome, Scenario
from testing.worker import Worker

WITHIN: Final = 10.0
"""Seconds."""


async def _under_load(stage: Stage) -> Outcome:
    """Two named workers, told to end again and again and started anew."""
    await stage.prepare()
    feed = stage.feed(rate=400)
    running = dict(zip(("one", "two"), await stage.two(), strict=True))
    ends, times = [], stage.some(20, 4)
    for _ in range(times):
        await stage.applying()
        await asyncio.sleep(stage.dice.uniform(0, 1))
        name = stage.dice.choice(("one", "two"))
        ends.append(await _ended(stage, running[name]))
        running[name] = stage.start(name)
        await stage.share([running["one"], running["two"]])
    await feed.stop()
    verdict = await Judge(stage).verdict()
    assert not verdict.repeats, f"{verdict.repeats} alerts were sent again after a clean end"
    return Outcome(verdict, faults=times, measured={"slowest_end_s": round(max(ends), 1)})


async def _while_joining(stage: Stage) -> Outcome:
    """A worker is told to end while the group makes room for it, and waits for a member that has just died."""
    await stage.prepare()
    feed = stage.feed()
    one, two = await stage.two()
    ends, times = [], stage.some(5, 2)
    for _ in range(times):
        guest = stage.start()

        async def begun(guest: Worker = guest) -> bool:
            return "worker_started" in guest.words()

        await stage.until(begun, 30, "a third worker did not start")
        two.end(signal.SIGKILL)
        await asyncio.sleep(stage.dice.uniform(0.5, 3))
        ends.append(await _ended(stage, guest))
        two = stage.start("two")
        await stage.share([one, two])
    await feed.stop()
    measured = {"slowest_end_s": round(max(ends), 1)}
    return Outcome(await Judge(stage).verdict(), faults=2 * times, measured=measured)


async def _dead_pipe(stage: Stage) -> Outcome:
    """Who reads a worker's log dies; later another one's stops reading, with the pipe full."""
    await stage.prepare()
    feed, ends = stage.feed(), []
    one = stage.start("one")
    for _ in range(stage.some(5, 1)):
        two = stage.start("two", piped=True)
        await stage.share([one, two])
        mine = had(two)
        two.lose_reader()
        await stage.applying(mine)
        ends.append(await _ended(stage, two))
        two = stage.start("two", piped=True)
        await stage.share([one, two])
        two.stop_reader()
        ends.append(await _gone(stage, two))
    await feed.stop()
    measured = {"slowest_end_s": round(max(ends), 1)}
    return Outcome(await Judge(stage).verdict(), faults=2 * len(ends), measured=measured)


async def _servers_away(stage: Stage) -> Outcome:
    """Told to end while Kafka, then Redis, answers nobody."""
    await stage.prepare()
    feed, ends = stage.feed(), []
    for server in (stage.servers.kafka, stage.servers.redis) * stage.some(3, 1):
        worker = stage.start("one")
        await stage.share([worker])
        await stage.applying()
        server.freeze()
        await asyncio.sleep(stage.dice.uniform(0, 3))
        ends.append(await _gone(stage, worker))
        server.thaw()
    stage.start("one")
    await stage.applying()
    await feed.stop()
    measured = {"slowest_end_s": round(max(ends), 1)}
    return Outcome(await Judge(stage).verdict(), faults=len(ends), measured=measured)


async def _gone(stage: Stage, worker: Worker) -> float:
    """In how many seconds it was gone, in order or not: what it waits for is away."""
    began = time.monotonic()
    code = await asyncio.to_thread(worker.end, within=60)
    seconds = time.monotonic() - began
    assert code in {0, 1}, f"exit {code}\n{stage.log_tails()}"
    assert seconds < WITHIN, f"it ended after {seconds:.1f} s\n{stage.log_tails()}"
    return seconds


async def _ended(stage: Stage, worker: Worker) -> float:
    """In how many seconds it ended, cleanly."""
    began = time.monotonic()
    code = await asyncio.to_thread(worker.end, within=60)
    seconds = time.monotonic() - began
    assert code == 0, f"exit {code}\n{stage.log_tails()}"
    assert "Traceback" not in worker.log.read_text(), worker.log.read_text()[-1500:]
    assert seconds < WITHIN, f"it ended after {seconds:.1f} s\n{stage.log_tails()}"
    return seconds


SCENARIOS: Final = (
    Scenario(
        name="shut_down",
        promise="a worker ends within 10 s of SIGTERM, and nothing is applied or sent twice afterwards",
        fault="SIGTERM under load, 20 times in a run (4 in the short form)",
        play=_under_load, within=400,
    ),
    Scenario(
        name="shut_down_while_joining",
        promise="a worker ends within 10 s of SIGTERM, also while the group rebalances",
        fault="SIGTERM of a third worker while the group waits for one that was killed, 5 times in a run",
        play=_while_joining, within=300, short_runs=0,
    ),
    Scenario(
        name="shut_down_unread",
        promise="a worker whose log nobody reads goes on, and ends within 10 s of SIGTERM",
        fault="the reader of its stderr is killed; or stopped, with the pipe full; then SIGTERM; 5 times in a run",
        play=_dead_pipe, within=400,
    ),
    Scenario(
        name="shut_down_alone",
        promise="a worker whose servers do not answer ends within 10 s of SIGTERM, and nothing is lost",
        fault="Kafka or Redis does not answer, then SIGTERM; 6 times in a run (twice in the short form)",
        play=_servers_away, within=400,
    ),
)  # fmt: skip
