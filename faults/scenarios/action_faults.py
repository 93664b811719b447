"""Account actions while things break: in force within two seconds, never lost, never doubled.

Judged by `replay --actions` of what both kinds of topics hold: scores, order, who is listed, counts. Levels and alerts
are not: of an action and a signal of one account within a minute either may come first.
"""

import asyncio
import time
from typing import Final

import redis

from faults.harness.acting_judge import ActingJudge
from faults.harness.arming import Life, lives
from faults.harness.stage import Stage, holds, said
from faults.scenario import Outcome, Scenario
from testing.worker import Worker
from tests.live.acting import act, acts_on

_WITHIN: Final = 150.0
"""Seconds for everything to be read again."""
_AT_ONCE: Final = 2.0
"""Seconds from the broker's answer until an account is off the list."""
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
    assert max(waits) < _AT_ONCE, f"off the list after {_told(waits)} s"
    return Outcome(verdict, measured={"off_the_list_s": _told(waits), "still_built": while_built})


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

    async def waits() -> bool:
        return any(said(worker, "rebuild_waiting_for_fit") for worker in pair)

    await stage.until(waits, 60, "nobody noticed that Redis was emptied")
    await _people_act(stage, 20)
    await stage.load_fit(stage.market.accounts)
    await feed.stop()
    await stage.caught_up(_WITHIN)
    verdict = await ActingJudge(stage, levels=False, alerts=False, within=_WITHIN).verdict()
    hidden = [await _hidden_in(stage, account) for account in (await _listed(stage))[:3]]
    assert max(hidden) < _AT_ONCE, f"off the list after {_told(hidden)} s"
    return Outcome(verdict, measured={"off_the_list_s": _told(hidden)})


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


def _told(seconds: list[float]) -> list[float]:
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
        name="actions_and_redis_emptied",
        promise="account actions in force survive a Redis that lost everything",
        fault="FLUSHALL after account actions, and more of them while everything is read again",
        play=_emptied, runs=2, within=400,
    ),
)  # fmt: skip
