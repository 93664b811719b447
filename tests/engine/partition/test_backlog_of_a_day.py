"""A backlog is decided about as it would have been when it came: whatever is fetched first, whatever the clocks of the
workers say meanwhile, whoever takes over in the middle of it."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition import consumer_loop
from signal_engine.engine.partition.consumer_loop import ConsumerLoop
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.wire.output import entries
from signal_engine.wire.storage import state
from tests.build import DAY, HOUR, SECOND, T0, event, fit, kind, policy
from tests.engine.partition.test_live_equals_replay import _published
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, until

RULES = policy(kind(half_life=2), kind("hiring", half_life=3), kind("funding", half_life=2), cooldown_days=2)
COOLS = 117_171 * SECOND
"""80 points are 50 after 2 * log2(1.6) days = 117170.83 s: told at the next whole second."""
APART = 61 * SECOND
"""Topics may get ahead of each other by a minute; events of two topics are further apart, so their order is one."""
NAMES = ("a.com", "b.com")
FITS = (fit(account="a.com"), fit(account="b.com", tier="B"))


class Sent(NamedTuple):
    """One event, and when it arrived."""

    name: str
    kind: str
    at: int
    points: float
    late: int = 0
    """ms that it had happened before it arrived."""


class FetchQueue:
    """Everything that lay in the topics when the worker came back; handed over as a test says."""

    def __init__(self, sent: Sequence[Sent], at_once: int) -> None:
        self.at_once = at_once
        self.topics: dict[str, list[Rec]] = {topic: [] for topic in TOPICS.signals.values()}
        for number, one in enumerate(sent):
            topic = self.topics[TOPICS.signals[one.kind]]
            value = event_bytes(one.kind, one.at - one.late, one.name, f"{number}", one.points)
            topic.append(Rec(len(topic), one.at, value))
        self.handed_over: dict[str, int] = dict.fromkeys(self.topics, 0)

    def next_of(self, topic: str) -> Fetched | None:
        start = self.handed_over[topic]
        records = self.topics[topic][start : start + self.at_once]
        if not records:
            return None
        self.handed_over[topic] = end = records[-1].offset + 1
        return Fetched(topic, 0, start, end, records)


class World:
    """A partition in the store, the backlog, and one worker after the other."""

    def __init__(self, sent: Sequence[Sent], at_once: int) -> None:
        self.stand = Stand(policy=RULES, now=sent[-1].at + DAY)
        self.backlog = FetchQueue(sent, at_once)
        self.stand.reading.read_to_end_at = self._read_to_end_at  # type: ignore[method-assign]

    def _read_to_end_at(self, topic: str, partition: int) -> int | None:
        read = self.stand.data().topics.get(topic, 0) >= len(self.backlog.topics[topic])
        return self.stand.now if read else None

    async def worker(self) -> None:
        self.partition = await self.stand.partition()
        self.partition.settled.set()
        self.timers = DueTimers(self.stand.context, self.partition)
        self.reader = ConsumerLoop(self.stand.context, self.partition)
        self.reads = asyncio.create_task(self.reader.run())

    async def leave(self) -> None:
        self.partition.open = False
        self.reader.wake()
        await self.reads
        stored = self.stand.data().topics
        self.backlog.handed_over = {topic: stored.get(topic, 0) for topic in self.backlog.topics}

    def hand_over(self, topic: str) -> None:
        if (fetched := self.backlog.next_of(topic)) is not None:
            self.reader.receive(fetched)

    def all_read(self) -> bool:
        return all(self._read_to_end_at(topic, 0) is not None for topic in self.backlog.topics)

    async def read_everything(self) -> None:
        for topic, records in self.backlog.topics.items():
            while self.backlog.handed_over[topic] < len(records):
                self.hand_over(topic)
        await until(self.all_read)

    async def pass_time(self, to: int) -> None:
        self.stand.now = to
        await self.timers.tick()
        while await self.stand.memory.due(0, to, 1):
            await self.timers.tick()

    def decided(self) -> tuple[dict[str, Any], dict[str, Any]]:
        fits, states = {one.account: one for one in FITS}, {}
        for name, stored in self.stand.data().states.items():
            account = state.decode(stored)
            assert pass_time(account, name, self.stand.now, fits.get(name), ScoringContext(RULES)) == [], (
                "timers have told it"
            )
            states[name] = _published(account)
        result = [json.loads(w.record.value or b"") for w in self.stand.data().outboxes.get(Outbox.ALERTS, [])]
        alerts = {alert["alert_id"]: alert for alert in result}
        assert len(alerts) == len(result), "an alert twice in the outbox"
        return states, alerts


def replayed(sent: Sequence[Sent], to: int) -> tuple[dict[str, Any], dict[str, Any]]:
    alerts: list[Alert] = []
    states = States(RULES)
    replay = Replay(ScoringContext(RULES), {one.account: one for one in FITS}, ("saas",), alerts.append, states)
    arrivals = [
        Arrival(one.at, f"{n}", 0, n, event(one.kind, one.points, one.at - one.late, f"{n}", one.name))
        for n, one in enumerate(sent)
    ]
    replay.take(Block(arrivals, arrivals[-1].now))
    replay.end(to)
    result = [json.loads(json.dumps(entries.alert(one, RULES.lists.tier_weight, "1-test"))) for one in alerts]
    found = {name: _published(account) for name, account in states.items() if account.kinds}
    return found, {alert["alert_id"]: alert for alert in result}


def laid_out(drawn: Sequence[tuple[str, str, int, float, int]]) -> list[Sent]:
    sent: list[Sent] = []
    for name, kind_, pause, points, late in drawn:
        at = sent[-1].at if sent else T0
        other = sent and sent[-1].kind != kind_
        sent.append(Sent(name, kind_, at + (max(pause, APART) if other else pause), points, late))
    return sent


DRAWN = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(("intent", "hiring", "funding")),
        st.sampled_from((0, SECOND, 59 * SECOND, APART, HOUR, 9 * HOUR, COOLS - SECOND, COOLS, COOLS + SECOND)),
        st.sampled_from((30.0, 55.0, 80.0)),
        st.sampled_from((0, 0, DAY, 5 * DAY, 100 * DAY)),
    ),
    min_size=1,
    max_size=20,
)
DOES = st.lists(
    st.one_of(
        st.sampled_from([TOPICS.signals[kind] for kind in ("intent", "hiring", "funding")]),
        st.tuples(st.just("the clock steps"), st.sampled_from((-DAY, -2 * 60 * SECOND, 2 * 60 * SECOND, 3 * DAY))),
        st.just("a timer"),
        st.just("another worker"),
    ),
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(DRAWN, DOES, st.integers(1, 5))
def test_a_backlog_decides_as_its_days_would_have(drawn: Any, does: Any, at_once: int) -> None:
    sent = laid_out(drawn)
    asyncio.run(_decides_as_replay(sent, does, at_once))


async def _decides_as_replay(sent: Sequence[Sent], does: Sequence[Any], at_once: int) -> None:
    consumer_loop._RECHECK_S = 0.001
    world, at_the_end = World(sent, at_once), sent[-1].at + 6 * DAY
    await world.stand.fits(*FITS)
    await world.worker()
    for what in does:
        match what:
            case "a timer":
                await world.timers.tick()
            case "another worker":
                await world.leave()
                await world.worker()
            case ("the clock steps", by):
                if not world.all_read():  # who has read everything passes time to the clock, as it must
                    world.stand.now += by
            case topic:
                world.hand_over(topic)
        for _ in range(4):
            await asyncio.sleep(0)
    world.stand.now = max(world.stand.now, sent[-1].at)
    if not world.all_read():
        world.stand.now = sent[-1].at
    await world.read_everything()
    for now in (at_the_end, at_the_end - 2 * DAY, at_the_end):
        await world.pass_time(now)
    await world.leave()
    judged = replayed(sent, at_the_end)
    assert world.decided() == judged


def instant(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    "begins", [T0, instant("2028-02-28T12:00:00"), instant("2028-02-29T00:00:00"), instant("2100-02-28T23:59:59")]
)
@pytest.mark.parametrize("beside", [-SECOND, -1, 0, 1, SECOND])
async def test_an_event_beside_the_second_at_which_a_level_ends(begins: int, beside: int) -> None:
    """Leap days and the day that is none included: days are 24 hours."""
    sent = [
        Sent("a.com", "intent", begins, 80),
        Sent("a.com", "hiring", begins + COOLS + beside, 40),
        Sent("a.com", "funding", begins + 2 * COOLS + 7 * SECOND, 80, late=2 * DAY),
    ]
    await _decides_as_replay(sent, [], 1)
