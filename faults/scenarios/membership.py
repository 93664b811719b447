"""Workers that come and go: in a loop, stopped past their session, two of one name, one fewer for good."""

import asyncio
import signal
import time
from typing import Final

from faults.harness.judge import Judge
from faults.harness.stage import Stage, had, holds, moves, said
from faults.harness.watching import stopped
from faults.scenario import Outcome, Scenario
from signal_engine.adapters.faust.group import POLL_INTERVAL_S


async def _coming_and_going(stage: Stage) -> Outcome:
    """A third worker comes and one of the three goes, again and again."""
    stage.deal(6)  # Faust gives nobody more than its even share, rounded up: of four, a third worker would get none
    await stage.prepare()
    feed = stage.feed()
    crew = await stage.two("", "")
    changes = stage.some(15, 3)
    for _ in range(changes):
        crew = [*crew, stage.start()]
        await stage.share(crew)
        leaver = crew.pop(stage.dice.randrange(len(crew)))
        assert leaver.end() == 0, stage.log_tails()
        await stage.share(crew)
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), faults=2 * changes)


async def _one_too_many(stage: Stage) -> Outcome:
    """Two workers have all partitions between them; a third one waits for longer than the poll interval."""
    await stage.prepare()
    pair = await stage.two("", "")
    spare = stage.start()

    async def joined() -> bool:
        return all(len(said(worker, "partitions_taken")) > 1 for worker in pair)

    await stage.until(joined, 60, "the third worker did not join")
    await stage.share(pair)
    feed = stage.feed()
    before = moves(pair)
    await asyncio.sleep(POLL_INTERVAL_S + 15)
    assert moves(pair) == before, f"partitions moved\n{stage.log_tails()}"
    mine = holds(pair[0])
    pair[0].end(signal.SIGKILL)
    recovery = await stage.applying(mine)
    await stage.share([pair[1], spare])
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), [recovery])


async def _stopped_past_its_session(stage: Stage) -> Outcome:
    """A worker stops with a batch in hand; another one takes its partitions and applies their topics; it wakes."""
    await stage.prepare()
    sleeper = stage.start(stop=["after_load", stage.dice.randint(5, 40)])
    other = stage.start()
    await stage.share([sleeper, other])
    feed = stage.feed()
    await stopped(stage, sleeper)
    mine = had(sleeper)
    began = time.monotonic()

    async def taken_over() -> bool:
        return len(holds(other)) == stage.partitions

    await stage.until(taken_over, 60, "nobody took the partitions of a worker that had stopped")
    await stage.applying(mine)
    recovery = time.monotonic() - began
    for number in mine:  # of two owners the first to write is right: so the other one writes to each of them
        await stage.applying([number])
    sleeper.send(signal.SIGCONT)

    async def refused() -> bool:
        return bool(said(sleeper, "transaction_refused"))

    await stage.until(refused, 60, "its step was not refused")
    await stage.share([sleeper, other])
    await feed.stop()
    measured = {"steps_refused": len(said(sleeper, "transaction_refused"))}
    return Outcome(await Judge(stage).verdict(), [recovery], measured=measured)


async def _one_name_twice(stage: Stage) -> Outcome:
    """Another worker is started under a name that is in use."""
    await stage.prepare()
    feed = stage.feed()
    one, older = await stage.two()
    newer = stage.start("two")

    async def ended() -> bool:
        return older.process.poll() is not None

    await stage.until(ended, 60, "the older of two workers with one name goes on")
    assert older.process.returncode == 2, stage.log_tails()
    assert "another worker with the name two" in older.log.read_text()
    await stage.share([one, newer])
    await feed.stop()
    return Outcome(await Judge(stage).verdict())


async def _one_fewer(stage: Stage) -> Outcome:
    """A named worker is told to end and is not started again."""
    await stage.prepare()
    feed = stage.feed()
    _, leaver = await stage.two()
    mine = holds(leaver)
    assert leaver.end() == 0, stage.log_tails()
    recovery = await stage.applying(mine)
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), [recovery])


SCENARIOS: Final = (
    Scenario(
        name="coming_and_going",
        promise="workers join and leave under load and nothing is lost or doubled",
        fault="a third worker joins and one of the three leaves, 15 times in a run (3 in the short form)",
        play=_coming_and_going, within=600, short_runs=0,
    ),
    Scenario(
        name="one_too_many",
        promise="a worker without partitions waits, takes none from others, and takes over when one dies",
        fault="three workers, partitions for two; 75 s later one of the two is killed",
        play=_one_too_many, short_runs=0,
    ),
    Scenario(
        name="stopped_past_its_session",
        promise="a stalled worker that wakes after its partitions moved is refused, and rejoins",
        fault="SIGSTOP with a batch in hand until another worker has applied its partitions' topics, then SIGCONT",
        play=_stopped_past_its_session, runs=5, recovers_from="the stop",
    ),
    Scenario(
        name="one_name_twice",
        promise="of two workers with one name the older ends with exit code 2 and says why",
        fault="a worker is started under a name in use",
        play=_one_name_twice, runs=3,
    ),
    Scenario(
        name="one_fewer",
        promise="the partitions of a named worker that is gone for good move within the session timeout and 5 s",
        fault="a named worker is stopped and not started again",
        play=_one_fewer, runs=3, recovers_from="its end", short_runs=0,
    ),
)  # fmt: skip
