"""Whatever the batches, the crashes and what stays in memory, the live engine decides as a replay of the events."""

import asyncio
import json
from collections.abc import Iterable
from typing import Any, NamedTuple
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.score.account import Account
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.context.retry import retrying
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition.account_cache import AccountCache
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, Transaction
from signal_engine.wire.output import entries
from signal_engine.wire.storage import state
from tests.build import BUYERS, DAY, HAND_RAISES, T0, TRIGGERS, event, fit, kind, policy
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch

RULES = policy(
    kind(half_life=2),
    kind("hiring", half_life=3, cap=70, facet_cap=50),
    kind("engagement", half_life=4, cap=70, facet_cap=60, rules=HAND_RAISES),
    kind("leadership", half_life=9, cap=90, facet_cap=80, rules=TRIGGERS),
    cooldown_days=3,
    multipliers=(1.0, 1.3),
    group=(2, 20),
    max_silence_days=5,
    live_floor=20,
    hand_raise_hours=30,
    trigger_days=4,
    personas=BUYERS,
)
FITS = (
    fit(account="a.com"),
    fit(account="b.com", tier="B"),
    fit("ignore", tier=None, account="c.com"),
    fit(account="customer.com", relation="customer"),
    fit(account="never.com", relation="do_not_contact"),
)
NAMES = ("a.com", "a.com", "b.com", "c.com", "customer.com", "never.com", "stranger.com")
DOES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("intent", {}),
    ("hiring", {}),
    ("engagement", {"persona": "CFO"}),
    ("engagement", {"persona": "Head of Sales"}),
    ("engagement", {"activity": "demo_request", "persona": "Chief Financial Officer"}),
    ("engagement", {"activity": "demo_request", "persona": "Intern"}),
    ("engagement", {"activity": "demo_request"}),
    ("leadership", {}),
    ("leadership", {"change": "left"}),
)

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(DOES),
        st.sampled_from((0, 1, DAY // 5, DAY, 4 * DAY, 9 * DAY)),
        st.sampled_from((0.0, 30.0, 55.0, 80.0)),
        st.booleans(),
        st.sampled_from((False, False, False, True)),
    ),
    min_size=1,
    max_size=25,
)
ALL_KEPT = patch("signal_engine.adapters.memory.partition_data.FEED_DAYS", 10_000)
"""The feed of alerts has all of them, however long ago."""
TROUBLE = st.lists(st.sampled_from(("none", "crash", "lost answer", "unreachable")), min_size=25, max_size=25)


class Troubled:
    """A store whose answers can be lost, before or after it did what it was asked."""

    def __init__(self, stand: Stand) -> None:
        self._stand = stand
        self.next = "none"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stand.memory, name)

    async def apply(self, transaction: Transaction) -> Applied | NotApplied:
        trouble, self.next = self.next, "none"
        if trouble == "unreachable":
            raise StoreUnreachable("gone")
        answer = await self._stand.memory.apply(transaction)
        if trouble == "lost answer":
            raise StoreUnreachable("gone after it did it")
        return answer


@settings(max_examples=60, deadline=None)
@given(EVENTS, TROUBLE, st.integers(1, 4))
def test_scores_levels_and_alerts_are_those_of_a_replay(events: Any, trouble: list[str], at_once: int) -> None:
    records = _records(events)
    with ALL_KEPT:
        assert asyncio.run(_live(records, trouble, at_once)) == _replayed(records)


@settings(max_examples=60, deadline=None)
@given(EVENTS, TROUBLE, st.integers(1, 4))
def test_who_remembers_what_was_told_decides_the_same_and_tells_nothing(
    events: Any, trouble: list[str], at_once: int
) -> None:
    records = _records(events)
    before = _replayed(records)
    with ALL_KEPT:
        again = asyncio.run(_live(records, trouble, at_once, before["sent"].values()))
    assert again == {**before, "sent": {}}


def _records(events: Any) -> list[Any]:
    records: list[Any] = []
    now = T0
    for name, (kind_, fields), pause, points, twice, backfill in events:
        now += pause
        event_id = f"{kind_}-{now}" if twice else f"{len(records)}"
        records.append(Sent(name, kind_, now, points, event_id, fields, backfill))
    return records


class Sent(NamedTuple):
    """A record of the signal topics."""

    account: str
    kind: str
    at: int
    points: float
    event_id: str
    fields: dict[str, Any]
    backfill: bool


async def _live(
    records: list[Any], trouble: list[str], at_once: int, published_before: Iterable[dict[str, Any]] | None = None
) -> dict[str, Any]:
    """With `published_before`, as when the states are made anew."""
    stand = Stand(policy=RULES, now=records[-1].at)
    store = Troubled(stand)
    stand.context.store = retrying(store, stand.context.retry)
    stand.reading.behind.add(TOPICS.signals["intent"])  # a backlog: nobody passes time beyond what was read
    await stand.fits(*FITS)
    past = None
    if published_before is not None:
        past = PastAlerts(0, stand.context.partition_of, news_from=0)
        for alert in published_before:
            past._take(None, json.dumps(alert).encode())
    partition = await stand.partition()
    partition.past = past
    partition.known = AccountCache(1)
    for batch, how in zip(_batches(records, at_once), trouble, strict=False):
        topic, start, values = batch
        store.next = how if how != "crash" else "none"
        fetched = fetch(*(_rec(start + n, one) for n, one in enumerate(values)), topic=topic, start=start)
        while await process_batch(stand.context, partition, fetched):
            assert (await stand.memory.positions(0)).topics.get(topic, 0) in {start, start + len(values)}
            if (await stand.memory.positions(0)).topics.get(topic, 0) == start + len(values):
                break  # it was applied, and its answer lost
        if how == "crash":
            partition = await stand.partition()
            partition.past = past
            partition.known = AccountCache(1)
    stand.reading.behind.clear()
    while await stand.memory.due(0, stand.now, 1):  # evidence delays an end: found out when it was to come
        await DueTimers(stand.context, partition).tick()
    states, fits = {}, {one.account: one for one in FITS}
    for name, stored in stand.data().states.items():
        account = state.decode(stored)
        assert pass_time(account, name, stand.now, fits.get(name), ScoringContext(RULES)) == [], "timers have told it"
        states[name] = _published(account)
    sent = [json.loads(w.record.value or b"") for w in stand.data().outboxes.get(Outbox.ALERTS, [])]
    ids = [alert["alert_id"] for alert in sent]
    assert len(ids) == len(set(ids)), "an alert twice in the outbox"
    return {"states": states, "sent": _by_id(sent), "decided": _by_id(map(json.loads, stand.data().feed))}


def _rec(offset: int, one: Sent) -> Rec:
    value = event_bytes(one.kind, one.at, one.account, one.event_id, one.points, **one.fields)
    return Rec(offset, one.at, value, headers=[("backfill", b"")] if one.backfill else ())


def _by_id(alerts: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {alert["alert_id"]: alert for alert in alerts}


def _batches(records: list[Sent], at_once: int) -> list[tuple[str, int, list[Sent]]]:
    """Stretches of one topic, in the order of all records: an order that the partition's topics may well have."""
    batches: list[tuple[str, int, list[Sent]]] = []
    ends: dict[str, int] = {}
    for one in records:
        topic = TOPICS.signals[one.kind]
        if not batches or batches[-1][0] != topic or len(batches[-1][2]) == at_once:
            batches.append((topic, ends.get(topic, 0), []))
        batches[-1][2].append(one)
        ends[topic] = ends.get(topic, 0) + 1
    return batches


def _replayed(records: list[Any]) -> dict[str, Any]:
    alerts: list[Alert] = []
    states = States(RULES)
    replay = Replay(ScoringContext(RULES), {one.account: one for one in FITS}, ("saas",), alerts.append, states)
    arrivals = [
        Arrival(
            one.at, one.event_id, 0, n,
            event(one.kind, one.points, one.at, one.event_id, one.account, one.backfill, **one.fields),
        )
        for n, one in enumerate(records)
    ]  # fmt: skip
    replay.take(Block(arrivals, arrivals[-1].now))
    replay.end(arrivals[-1].now)
    result = [json.loads(json.dumps(entries.alert(one, RULES.lists.tier_weight, "1-test"))) for one in alerts]
    found = {name: _published(account) for name, account in states.items() if account.kinds}
    sent = [one for one in result if one["recorded"] is None]
    return {"states": found, "sent": _by_id(sent), "decided": _by_id(result)}


def _published(account: Any) -> dict[str, Any]:
    """What is decided of an account. `now`, bounds, the ids that may go and the hand raises that limit nothing any more
    are the keeper's own matter.
    """
    kinds = {name: (its.ref, its.facets, its.evidence) for name, its in account.kinds.items()}
    own = {"now", "upper_bound", "upper_bound_stamp", "holds_until", "ids", "kinds", "hand_raised"}
    since = (account.last_signal_at or 0) - RULES.alerts.hand_raise_pause
    raised = {persona: at for persona, at in account.hand_raised.items() if at > since}
    return {
        "kinds": kinds,
        "hand_raised": raised,
        **{field: getattr(account, field) for field in Account.__slots__ if field not in own},
    }
