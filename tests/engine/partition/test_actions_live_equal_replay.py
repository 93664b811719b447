"""Whatever the batches and the crashes, actions and signals decide live what they decide in a replay."""

import asyncio
import json
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.actions.action import ACTIONS, KEEPING, OUTCOMES, AccountAction
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.acted import actions_of
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.backtest.actions import ReplayedActions, TimedAction
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition.account_cache import AccountCache
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.publishing.top_n import Top
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.output import entries
from signal_engine.wire.storage import actions as stored_actions
from tests.build import BUYERS, DAY, HAND_RAISES, T0, TRIGGERS, event, fit, kind, policy
from tests.engine.partition.test_live_equals_replay import ALL_KEPT
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch

RULES = policy(
    kind(half_life=2),
    kind("hiring", half_life=3, cap=70, facet_cap=50),
    kind("engagement", half_life=4, cap=70, facet_cap=60, rules=HAND_RAISES),
    kind("leadership", half_life=9, cap=90, facet_cap=80, rules=TRIGGERS),
    cooldown_days=3,
    multipliers=(1.0, 1.3),
    max_silence_days=5,
    live_floor=20,
    personas=BUYERS,
)
FITS = (fit(account="a.com"), fit(account="b.com", tier="B"), fit("ignore", tier=None, account="c.com"))
NAMES = ("a.com", "a.com", "b.com", "c.com", "stranger.com")
DOES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("intent", {}),
    ("hiring", {}),
    ("engagement", {"persona": "CFO"}),
    ("engagement", {"activity": "demo_request", "persona": "CFO"}),
    ("leadership", {}),
)


class Said(NamedTuple):
    """A record of the signal topics, or of account actions."""

    account: str
    at: int
    what: Any
    points: float = 0.0
    number: int = 0

    @property
    def topic(self) -> str:
        return TOPICS.actions if isinstance(self.what, AccountAction) else TOPICS.signals[self.what[0]]


@st.composite
def histories(draw: Any) -> list[Said]:
    said: list[Said] = []
    now = T0
    for number in range(draw(st.integers(1, 20))):
        now += draw(st.sampled_from((1, DAY // 5, DAY, 4 * DAY)))
        name = draw(st.sampled_from(NAMES))
        if draw(st.integers(0, 2)):
            said.append(Said(name, now, draw(st.sampled_from(DOES)), draw(st.sampled_from((30.0, 55.0, 80.0))), number))
            continue
        action = draw(st.sampled_from(ACTIONS))
        outcome = draw(st.sampled_from(OUTCOMES)) if action == "disposition" else None
        lasts = action in {"snooze", "claim", "mute"} or (outcome is not None and outcome not in KEEPING)
        acted = AccountAction(
            name,
            str(UUID(int=draw(st.integers(0, 9)))),
            action,
            now,
            draw(st.sampled_from(("dana@example.com", "sam@example.com"))),
            "cli",
            until=now + draw(st.sampled_from((1, DAY, 6 * DAY))) if lasts else None,
            icp=draw(st.sampled_from((None, "saas"))) if action in {"kill", "restore"} else None,
            outcome=outcome,
            assignee="kim@example.com" if action == "assign" else None,
            take_over=action == "claim" and draw(st.booleans()),
        )
        said.append(Said(name, now, acted))
    return said


@settings(max_examples=80, deadline=None)
@given(histories(), st.integers(1, 4), st.sets(st.integers(0, 20)), st.booleans())
def test_lists_alerts_and_what_is_in_force_are_those_of_a_replay(
    history: list[Said], at_once: int, crashes: set[int], ticks: bool
) -> None:
    with ALL_KEPT:
        assert asyncio.run(_live(history, at_once, crashes, ticks)) == _replayed(history)


async def _live(history: list[Said], at_once: int, crashes: set[int], ticks: bool) -> dict[str, Any]:
    stand = Stand(policy=RULES, now=history[-1].at)
    stand.context.takes_actions = True
    stand.context.inputs = (*stand.context.kinds, TOPICS.actions)
    await stand.fits(*FITS)
    partition = await stand.partition()
    ends: dict[str, int] = {}
    alerts: dict[str, Any] = {}
    for number, batch in enumerate(_batches(history, at_once)):
        if ticks:
            stand.now = batch[0].at - 1
            while await DueTimers(stand.context, partition).tick():
                pass
            await _until_nothing_is_due(stand, partition)
        stand.now = history[-1].at
        topic = batch[0].topic
        start = ends.get(topic, 0)
        fetched = fetch(*(_rec(start + n, one) for n, one in enumerate(batch)), topic=topic, start=start)
        assert await process_batch(stand.context, partition, fetched) == []
        ends[topic] = start + len(batch)
        if number in crashes:
            partition = await stand.partition()
            partition.known = AccountCache(1)
    await _until_nothing_is_due(stand, partition)
    data = stand.data()
    alerts = {one["alert_id"]: one for one in map(json.loads, data.feed)}
    listed = await Top(stand.memory).of("all", [0], stand.now, ScoringContext(RULES))
    acted = {name: stored_actions.decode(stored) for name, stored in data.actions.items()}
    counts = {name: data.counts.get(f"actions_{name}", 0) for name in ("applied", "duplicate")}
    return {
        "alerts": alerts,
        "listed": [(one.account, one.fit.sdr, one.fit.actions.claim) for one in listed],
        "in_force": {name: one.in_force.at(stand.now) for name, one in acted.items()},
        "logs": {name: one.log for name, one in acted.items()},
        "counts": counts,
    }


async def _until_nothing_is_due(stand: Stand, partition: Any) -> None:
    while await stand.memory.due(0, stand.now, 1):
        await DueTimers(stand.context, partition).tick()


def _rec(offset: int, one: Said) -> Rec:
    if isinstance(one.what, AccountAction):
        return Rec(offset, one.at, write_action(one.what))
    kind_, fields = one.what
    return Rec(offset, one.at, event_bytes(kind_, one.at, one.account, f"{one.number}", one.points, **fields))


def _batches(history: list[Said], at_once: int) -> list[list[Said]]:
    batches: list[list[Said]] = []
    for one in history:
        if not batches or batches[-1][0].topic != one.topic or len(batches[-1]) == at_once:
            batches.append([])
        batches[-1].append(one)
    return batches


def _replayed(history: list[Said]) -> dict[str, Any]:
    alerts: list[Alert] = []
    timed = [TimedAction(one.at, n, one.what) for n, one in enumerate(history) if isinstance(one.what, AccountAction)]
    acted = ReplayedActions({one.account: one for one in FITS}, timed)
    replay = Replay(ScoringContext(RULES), {one.account: one for one in FITS}, ("saas",), alerts.append, actions=acted)
    arrivals = [
        Arrival(
            one.at,
            f"{one.number}",
            0,
            n,
            event(one.what[0], one.points, one.at, f"{one.number}", one.account, **one.what[1]),
        )
        for n, one in enumerate(history)
        if not isinstance(one.what, AccountAction)
    ]
    end = history[-1].at
    if arrivals:
        replay.take(Block(arrivals, arrivals[-1].now))
    verdicts = replay.end(end)
    told = [json.loads(json.dumps(entries.alert(one, RULES.lists.tier_weight, "1-test"))) for one in alerts]
    listed = [one.candidate.account for one in verdicts.lists["all"].listed]
    fits = {name: replay.fit(name, end) for name in listed}
    return {
        "alerts": {one["alert_id"]: one for one in told},
        "listed": [(name, getattr(fits[name], "sdr", None), actions_of(fits[name]).claim) for name in listed],
        "in_force": {name: actions_of(one.fit).at(end) for name, one in acted.acted.items()},
        "logs": {name: one.log for name, one in acted.acted.items()},
        "counts": {outcome.value: count for outcome, count in acted.counts.items()},
    }
