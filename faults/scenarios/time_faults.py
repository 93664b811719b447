"""Clocks that step and disagree, a day's outage with its backlog, events months late, leap days, exact seconds."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from faults.harness.feeding import records
from faults.harness.judge import Judge, Sent
from faults.harness.market import market
from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario
from signal_engine.core.rules.instants import DAY
from signal_engine.wire.instants import format_instant, parse_instant
from testing.clocked import put_ahead
from testing.records import ToProduce

_LEAP: Final = "2024-03-08T12:00:00Z"
_ASUNDER: Final = 61_000
"""ms between one account's arrivals on different topics: from there on their order is determined."""


async def _stepping(stage: Stage) -> Outcome:
    """The clocks of both workers step back and forth by up to two minutes, each for itself."""
    await stage.prepare()
    clocks = [_clock(stage, name, 0) for name in ("one", "two")]
    for name, clock in zip(("one", "two"), clocks, strict=True):
        stage.start(name, clock=str(clock))
    await stage.share(stage.workers)
    feed = stage.feed()
    times = stage.some(60, 10)
    for _ in range(times):
        put_ahead(stage.dice.choice(clocks), stage.dice.uniform(-120, 120))
        await asyncio.sleep(stage.dice.uniform(0.5, 2))
    for clock in clocks:
        put_ahead(clock, 0)
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), faults=times)


async def _disagreeing(stage: Stage) -> Outcome:
    """One worker's clock is a minute slow, the other's a minute fast."""
    await stage.prepare()
    pair = [stage.start(name, clock=str(_clock(stage, name, at))) for name, at in (("one", -60), ("two", 60))]
    await stage.share(pair)
    feed = stage.feed()
    await asyncio.sleep(stage.some(60, 12))
    await feed.stop()
    put_ahead(stage.folder / "one.clock", 0)
    put_ahead(stage.folder / "two.clock", 0)
    return Outcome(await Judge(stage).verdict())


async def _exact_seconds(stage: Stage) -> Outcome:
    """Events at the very millisecond at which an episode ends, one before it and one after it."""
    await stage.prepare(create_time=True)
    await _backlog(stage, _with_exact_ones(stage, _arrivals(stage)))
    return Outcome(await Judge(stage).verdict())


async def _leap_day(stage: Stage) -> Outcome:
    """A backlog of 2024 that spans the 29th of February."""
    stage.market = market(stage.folder, stage.seed, parse_instant(_LEAP))
    await stage.prepare(create_time=True)
    await _backlog(stage, _with_exact_ones(stage, _arrivals(stage)))
    return Outcome(await Judge(stage, empty=True).verdict())


async def _months_late(stage: Stage) -> Outcome:
    """Events that arrive up to four months after they happened, in no order."""
    await stage.prepare()
    await stage.two()
    now, events = _now(), list(stage.next(stage.some(20_000, 3_000)))
    late = [{**event, "occurred_at": format_instant(now - round(stage.dice.uniform(0, 120) * DAY))} for event in events]
    await stage.send_these(records(late, stage.partitions))
    return Outcome(await Judge(stage).verdict(), faults=len(late))


async def _day_outage(stage: Stage) -> Outcome:
    """Nobody runs for a day; then a day's backlog of accounts that are on several topics is read."""
    stage.market = market(stage.folder, stage.seed, _now(), one_kind=False)
    await stage.prepare(create_time=True)
    arrivals = [one for one in _asunder(_arrivals(stage)) if (one.timestamp or 0) <= _now()]  # what is ahead is clipped
    yesterday = _now() - DAY
    before = [one for one in arrivals if (one.timestamp or 0) < yesterday]
    await stage.send_these(before)
    clock = _clock(stage, "yesterday", -DAY / 1000)
    pair = await stage.two(clock=str(clock))
    await stage.caught_up()
    await stage.complete(max(one.timestamp or 0 for one in before))
    for worker in pair:
        assert worker.end() == 0, stage.log_tails()
    await stage.send_these(arrivals[len(before) :])
    await stage.two(fetch=stage.dice.randint(20, 200))
    return Outcome(await Judge(stage).verdict(), measured={"backlog": len(arrivals) - len(before)})


async def _backlog(stage: Stage, arrivals: Sequence[ToProduce]) -> None:
    """All of it is there before anybody reads: who has read to the end passes time to now."""
    await stage.send_these(arrivals)
    await stage.two(fetch=stage.dice.randint(20, 500))


def _arrivals(stage: Stage) -> list[ToProduce]:
    """Each event arrives when it happens; in order of (arrival, event_id)."""
    events = records(stage.market.events, stage.partitions)
    made = [one._replace(timestamp=parse_instant(_event(one)["occurred_at"])) for one in events]
    return sorted(made, key=_order)


def _with_exact_ones(stage: Stage, arrivals: list[ToProduce]) -> list[ToProduce]:
    """Where a replay says that an episode ends, an event of the account's kind arrives: then, 1 ms before, or after."""
    lines = [{**_event(a), "received_at": format_instant(a.timestamp or 0)} for a in arrivals]
    judged = Judge(stage).replayed(Sent([], lines, 0), format_instant(arrivals[-1].timestamp or 0))
    first: dict[str, int] = {}
    for alert in judged["alerts"]:
        if alert["type"] == "cooled":
            first.setdefault(alert["account_id"], parse_instant(alert["at"]))
    assert first, "no episode ends, so nothing is shown"
    last = {one.key.decode(): one for one in arrivals}
    exact = []
    for number, (account, at) in enumerate(first.items()):
        when = at + (0, -1, 1)[number % 3]
        event = {
            **_event(last[account]),
            "event_id": f"exact-{number}",
            "occurred_at": format_instant(when),
        }
        (one,) = records([event], stage.partitions)
        exact.append(one._replace(timestamp=when))
    return sorted([*arrivals, *exact], key=_order)


def _asunder(arrivals: list[ToProduce]) -> list[ToProduce]:
    """Each account's arrivals on different topics more than a minute apart."""
    seen: dict[bytes, tuple[str, int]] = {}
    apart = []
    for one in arrivals:
        kind, at = seen.get(one.key, (one.kind, 0))
        when = max(one.timestamp or 0, at if kind == one.kind else at + _ASUNDER)
        seen[one.key] = one.kind, when
        apart.append(one._replace(timestamp=when))
    return sorted(apart, key=_order)


def _now() -> int:
    return int(time.time() * 1000)


def _order(one: ToProduce) -> tuple[int, str]:
    return one.timestamp or 0, _event(one)["event_id"]


def _event(one: ToProduce) -> dict[str, Any]:
    return one.event or {}


def _clock(stage: Stage, name: str, ahead: float) -> Path:
    path = stage.folder / f"{name}.clock"
    put_ahead(path, ahead)
    return path


SCENARIOS: Final = (
    Scenario(
        name="clock_steps",
        promise="a worker whose clock steps back and forth decides as the records' timestamps say",
        fault="the clocks of both workers step by up to 2 minutes, 60 times in a run (10 in the short form)",
        play=_stepping, short_runs=0,
    ),
    Scenario(
        name="clocks_apart",
        promise="workers whose clocks disagree decide the same",
        fault="two workers with clocks 2 minutes apart",
        play=_disagreeing, short_runs=0,
    ),
    Scenario(
        name="exact_seconds",
        promise="an event at the instant at which an episode ends is decided as in the replay",
        fault="events at the very millisecond of an episode's end, 1 ms before and 1 ms after",
        play=_exact_seconds,
    ),
    Scenario(
        name="leap_day",
        promise="the 29th of February is a day like any other",
        fault="a backlog over the end of February 2024, with events at exact instants as above",
        play=_leap_day, short_runs=0,
    ),
    Scenario(
        name="months_late",
        promise="events that are up to months late count as they would have, or are expired",
        fault="events up to 120 days late, in no order",
        play=_months_late, short_runs=0,
    ),
    Scenario(
        name="day_outage",
        promise="a day's backlog gives the alerts and levels that the day would have given",
        fault="no worker runs for a day; accounts are on several topics",
        play=_day_outage, runs=3,
    ),
)  # fmt: skip
