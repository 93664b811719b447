"""Account actions and outcomes while things break: in force within two seconds, never lost, never doubled.

Judged by `replay --actions` of what both kinds of topics hold: scores, order, who is listed, counts. Levels and alerts
are not: of an action and a signal of one account within a minute either may come first.
"""

import asyncio
import signal
import time
from typing import Final

import redis

from faults.harness.acting_judge import ActingJudge
from faults.harness.arming import Life, lives
from faults.harness.judge import Judge
from faults.harness.stage import Stage, holds, said
from faults.scenario import Outcome, Scenario
from faults.scenarios.crash_points import toggle_strangers
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from testing.records import ToProduce
from testing.worker import Worker
from tests.live.acting import act, acts_on
from tests.live.outcomes.outcoming import all_kept, outcomes_of

_WITHIN: Final = 150.0
"""Seconds for everything to be read again."""
_HIDDEN_WITHIN_S: Final = 2.0
"""Seconds from the broker's answer until an account is off the list."""
_INSTANT_S: Final = 0.02
"""Seconds: much less than a worker needs to take over a fit table."""
_POINTS: Final = ("after_overlay", "before_commit", "after_commit", "before_publication", "during_publication")


async def _listed(stage: Stage) -> list[str]:
    found = await stage.list()
    return [entry["account_id"] for entry in found["entries"]] if found else []


async def _people_act(stage: Stage, many: int) -> None:
    """Actions on accounts that are on the list, and on some that are not."""
    accounts = sorted({*(await _listed(stage))[:50], *(event["account_id"] for event in stage.next(50))})
    acts = acts_on(accounts, many, int(time.time() * 1000), stage.dice.randrange(10**6), stage.partitions)
    await stage.send_these(acts)


async def _hidden_in(stage: Stage, account: str) -> float:
    """Seconds until an account that is not to be contacted any more is off the list; Kafka has its tombstone then."""
    acted = act(stage.dice, account, "do_not_contact", int(time.time() * 1000), stage.partitions)
    await stage.send_these([acted._replace(timestamp=None)])
    began = time.monotonic()

    async def gone() -> bool:
        return account not in await _listed(stage)

    await stage.until(gone, 30, f"{account} is still on the list")
    took = time.monotonic() - began
    key = f"all/{account}".encode()

    async def has_tombstone() -> bool:
        told = [one.value for one in await ActingJudge(stage).read("priority.accounts") if one.key == key]
        return told[-1:] == [None]

    await stage.until(has_tombstone, 10, f"{account} has no tombstone")
    return took


async def _someone_is_listed(stage: Stage) -> None:
    async def listed() -> bool:
        return len(await _listed(stage)) > 5

    await stage.until(listed, 90, "nobody is on the list")


async def _between_action_and_effect(stage: Stage) -> Outcome:
    """One of two named workers, which also publishes, dies when it has seen an action and at every step after that."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await _someone_is_listed(stage)
    name, first = next((name, one) for name, one in zip(("one", "two"), pair, strict=True) if 0 in holds(one))
    await _people_act(stage, 40)
    points = [*_POINTS, *stage.dice.choices(_POINTS, k=stage.some(10, 0))]
    planned = [Life(point, 1 if point == "after_overlay" else stage.dice.randint(1, 4)) for point in points]
    recoveries = await lives(stage, name, first, planned, provoke=lambda _: _people_act(stage, 20))
    await feed.stop()
    verdict = await ActingJudge(stage, levels=False, alerts=False).verdict()
    return Outcome(verdict, recoveries, faults=len(planned) + 1, measured={"died_at": [str(one) for one in planned]})


async def _while_rebuilding(stage: Stage) -> Outcome:
    """A rebuild under load: who is hidden meanwhile leaves the lists that are served, and stays off the new ones."""
    await stage.prepare()
    feed = stage.feed(rate=400)
    pair = await stage.two()
    await stage.applying()
    await _someone_is_listed(stage)
    await asyncio.sleep(stage.some(20, 8))
    await _people_act(stage, 40)
    await stage.command("rebuild", "--yes", "--no-wait")
    await _have_owners_again(stage, pair)
    waits = [await _hidden_in(stage, account) for account in (await _listed(stage))[:3]]
    while_built = (await stage.marks()).building is not None
    await feed.stop()

    async def served() -> bool:
        return (await stage.marks()).building is None

    await stage.until(served, _WITHIN, "the rebuild was not served")
    verdict = await ActingJudge(stage, levels=False, alerts=False, within=_WITHIN).verdict()
    assert max(waits) < _HIDDEN_WITHIN_S, f"off the list after {_seconds(waits)} s"
    return Outcome(verdict, measured={"off_the_list_s": _seconds(waits), "still_built": while_built})


async def _while_rules_roll_out(stage: Stage) -> Outcome:
    """A fit table that one worker cannot take over, since it is stopped: lists wait, and people's kills do not."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await _someone_is_listed(stage)
    leader, other = sorted(pair, key=lambda one: 0 not in holds(one))
    mine = [account for account in await _listed(stage) if partitioner(stage.partitions)(account) in holds(leader)]
    assert mine, "nobody on the list is the leader's"
    loading = asyncio.create_task(toggle_strangers(stage))
    changes = [len(said(one, "fit_changed")) for one in pair]
    while changes == [len(said(one, "fit_changed")) for one in pair]:
        assert not loading.done() or loading.exception() is None
        await asyncio.sleep(_INSTANT_S)
    other.process.send_signal(signal.SIGSTOP)
    try:

        async def wait() -> bool:
            return len(said(leader, "lists_waiting")) > len(said(leader, "lists_resumed"))

        await stage.until(wait, 12, "no list waits for the stopped worker")
        waits = [await _hidden_in(stage, mine[0])]
        assert await wait(), "the lists had resumed: it was no test"
        waits += [await _hidden_in(stage, account) for account in mine[1:3]]
    finally:
        other.process.send_signal(signal.SIGCONT)
    await loading
    await feed.stop()
    verdict = await ActingJudge(stage, levels=False, alerts=False, within=_WITHIN).verdict()
    assert max(waits) < _HIDDEN_WITHIN_S, f"off the list after {_seconds(waits)} s"
    return Outcome(verdict, measured={"off_the_list_s": _seconds(waits)})


async def _emptied(stage: Stage) -> Outcome:
    """FLUSHALL after people have acted: everything that was in force is in force again."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await _someone_is_listed(stage)
    await _people_act(stage, 60)
    await asyncio.sleep(stage.dice.uniform(4, 8))
    await asyncio.to_thread(_empty, stage)

    async def begins() -> bool:
        return any(said(worker, "rebuild_started") for worker in pair)

    await stage.until(begins, 60, "nobody noticed that Redis was emptied")
    await _people_act(stage, 20)
    await feed.stop()
    await stage.caught_up(_WITHIN)
    verdict = await ActingJudge(stage, levels=False, alerts=False, within=_WITHIN).verdict()
    hidden = [await _hidden_in(stage, account) for account in (await _listed(stage))[:3]]
    assert max(hidden) < _HIDDEN_WITHIN_S, f"off the list after {_seconds(hidden)} s"
    return Outcome(verdict, measured={"off_the_list_s": _seconds(hidden)})


async def _outcomes_kept(stage: Stage) -> Outcome:
    """A worker dies whenever it has kept some outcomes; then Redis loses everything. Judging never notices."""
    await stage.prepare()
    feed, sent = stage.feed(), list[ToProduce]()
    accounts = sorted({event["account_id"] for event in stage.next(300)})
    _, two = await stage.two()
    await stage.applying()

    async def deals() -> None:
        while True:
            made = outcomes_of(accounts, 60, int(time.time() * 1000), stage.dice, stage.partitions)
            await stage.produce(made)
            sent.extend(made)
            await asyncio.sleep(0.5)

    dealing = asyncio.create_task(deals())
    planned = [Life("after_outcomes", stage.dice.randint(1, 3)) for _ in range(stage.some(12, 3))]
    recoveries = await lives(stage, "two", two, planned)
    await asyncio.to_thread(_empty, stage)
    await asyncio.sleep(stage.dice.uniform(2, 6))
    dealing.cancel()
    await asyncio.gather(dealing, return_exceptions=True)
    await feed.stop()
    await stage.caught_up(_WITHIN)
    verdict = await Judge(stage, within=_WITHIN).verdict()
    await all_kept(stage, sent, _WITHIN)
    return Outcome(verdict, recoveries, faults=len(planned) + 2, measured={"outcomes": len(sent)})


async def _have_owners_again(stage: Stage, workers: list[Worker]) -> None:
    """Waits until both workers have started over and own partitions: until then nobody follows the actions."""

    def taken_anew(worker: Worker) -> bool:
        words = worker.words()
        return "worker_restarting" in words and "partitions_taken" in words[words.index("worker_restarting") :]

    async def both() -> bool:
        return all(map(taken_anew, workers))

    await stage.until(both, 60, "the workers did not start over")


def _empty(stage: Stage) -> None:
    with redis.Redis(host="127.0.0.1", port=stage.servers.redis.port) as client:
        client.flushall()


def _seconds(seconds: list[float]) -> list[float]:
    return [round(one, 2) for one in seconds]


SCENARIOS: Final = (
    Scenario(
        name="kill_between_action_and_effect",
        promise="an account action is never lost and never applied twice, wherever a worker dies",
        fault="SIGKILL when an action has been seen, and at every step until the lists tell of it",
        play=_between_action_and_effect, runs=2, within=600, recovers_from="the start of the same name",
    ),
    Scenario(
        name="actions_while_rebuilding",
        promise="who is hidden during a rebuild leaves the lists that are served, and is not on the new ones",
        fault="`rebuild` under load, and account actions before and meanwhile",
        play=_while_rebuilding, runs=2, within=400,
    ),
    Scenario(
        name="actions_while_rules_roll_out",
        promise="who is hidden while a fit table rolls out leaves the lists, which wait for it",
        fault="SIGSTOP of a worker that is to take a new fit table over, and account actions meanwhile",
        play=_while_rules_roll_out, runs=2, within=400,
    ),
    Scenario(
        name="actions_and_redis_emptied",
        promise="account actions in force survive a Redis that lost everything",
        fault="FLUSHALL after account actions, and more of them while everything is read again",
        play=_emptied, runs=2, within=400,
    ),
    Scenario(
        name="outcomes_kept",
        promise="every outcome is kept once on its account, and none of it changes a score",
        fault="SIGKILL whenever outcomes have been kept, doubled and broken records, then FLUSHALL",
        play=_outcomes_kept, runs=2, within=500, recovers_from="the start of the same name",
    ),
)  # fmt: skip
