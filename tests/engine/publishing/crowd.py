"""A crowd of accounts in two partitions of any store, fed through the engine, and its lists as brute force has them."""

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from signal_engine.core.fit.icp import CHASE, Fit
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.maintenance.garbage_collection import GarbageCollection
from signal_engine.engine.partition.account_cache import lists_of, pins_of
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING_SEQUENCE
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.publishing.top_n import Top
from signal_engine.wire.storage import fit_rows, state
from tests.build import DAY, HAND_RAISES, T0, fit, fit_decision, kind, policy
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes

PARTITIONS = (0, 1)
LISTS = ("all", "saas", "bank")
PIN = 5 * DAY


def rules(**lists: Any) -> Policy:
    """Levels that two or three signals reach, half-lives far apart, pins of five days."""
    engagement = kind("engagement", half_life=3, cap=60, facet_cap=40, rules=HAND_RAISES)
    kinds = (kind(half_life=8, cap=80, facet_cap=60), kind("hiring", half_life=2), engagement)
    return policy(
        *kinds, hot=(70, 50, 2), warm=(35, 28, 1), multipliers=(1.0, 1.15, 1.3), group=(2, 15), max_silence_days=6,
        tier_weight={"A": 1.0, "B": 0.85}, **{"pin_days": 5, **lists},
    )  # fmt: skip


def fits(names: Sequence[str], dice: random.Random) -> list[Fit]:
    """Most are chased, by one profile or both; some are of another relation, suppressed, or do not fit."""
    made = []
    for name in names:
        decisions = []
        for icp in dice.choice((("saas",), ("saas", "bank"), ("saas", "bank"))):
            decision, tier = dice.choice((("chase", "A"), ("chase", "B"), ("chase", "B"), ("ignore", None)))
            score = dice.choice((60.0, 80.0, 80.0)) if tier else None
            decisions.append(fit_decision(decision, score, tier, icp))  # type: ignore[arg-type]
        relation = dice.choice(("prospect",) * 6 + ("former_customer", "customer"))
        suppressed = dice.random() < 0.05
        made.append(replace(fit(account=name), decisions=tuple(decisions), relation=relation, suppressed=suppressed))
    return made


class PublishedList(NamedTuple):
    """One event, before it has an offset."""

    account: str
    kind: str
    at: int
    points: float
    asks: bool
    persona: str


def events_about(names: Sequence[str], dice: random.Random, at: int) -> PublishedList:
    """One event at `at` (ms). Points are few, so that scores tie."""
    kind_ = dice.choice(("intent", "hiring", "engagement", "engagement"))
    points = dice.choice((1.0, 20.0, 40.0, 40.0, 60.0))
    return PublishedList(dice.choice(names), kind_, at, points, dice.random() < 0.3, dice.choice(("cfo", "cto", "coo")))


class Crowd:
    """Fed through `process_batch`, as a worker would; timers and garbage collection when a test says so."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.store = store
        self.stand = Stand(policy=policy, store=store)
        self.scoring_context: ScoringContext = self.stand.context.rules.scoring_context
        self._ends: dict[tuple[int, str], int] = {}
        self._partitions: dict[int, Partition] = {}
        self._number = 0

    async def begin(self, fits: Sequence[Fit]) -> "Crowd":
        for number in PARTITIONS:
            rows = {one.account: fit_rows.encode(one) for one in fits if self._place(one.account) == number}
            reads = [TopicRead(control, 0, 1) for control in (FIT_VERSION, SCORING_SEQUENCE)]
            await self.store.apply(Transaction(partition=number, counter=0, fits=rows, reads=reads))
            positions = await self.store.positions(number)
            self._partitions[number] = Partition(number, self.stand.context, positions)
        return self

    async def hear(self, *events: PublishedList) -> None:
        """Applies events, in order of time, a step each partition and topic in between."""
        for event in events:
            self.stand.now = max(self.stand.now, event.at)
            number, topic = self._place(event.account), TOPICS.signals[event.kind]
            offset = self._ends.get((number, topic), 0)
            self._ends[number, topic] = offset + 1
            self._number += 1
            more = {"activity": "demo_request" if event.asks else "pricing_view", "persona": event.persona}
            value = event_bytes(
                event.kind, event.at, event.account, f"{self._number}", event.points,
                **(more if event.kind == "engagement" else {}),
            )  # fmt: skip
            fetched = Fetched(topic, number, offset, offset + 1, [Rec(offset, event.at, value)])
            assert await process_batch(self.stand.context, self._partitions[number], fetched) == []

    async def answered(self, account: str, at: int) -> None:
        """A person answers for the account: its state says so, and its places are left as they are."""
        number = self._place(account)
        its = (await self._partitions[number].load([account]))[account].account
        its.answered_at = at
        counter = (await self.store.positions(number)).counter
        await self.store.apply(Transaction(partition=number, counter=counter, states={account: state.encode(its)}))
        await self._partitions[number].reload()

    async def time_passes(self, until: int) -> None:
        """Timers, up to `until` (ms)."""
        self.stand.now = until
        for partition in self._partitions.values():
            timers = DueTimers(self.stand.context, partition)
            while await self.store.due(partition.number, until, 1):
                await timers.tick()
            await timers.tick()

    async def collect_garbage(self) -> int:
        """One round of garbage collection in every partition; how many accounts it removed."""
        removed = 0
        for partition in self._partitions.values():
            collection = GarbageCollection(self.stand.context, partition)
            removed += await collection.go_on()
            while collection._cursor:
                removed += await collection.go_on()
        return removed

    async def stored(self) -> dict[str, tuple[bytes | None, Fit | None]]:
        """Every account that has a state."""
        found: dict[str, tuple[bytes | None, Fit | None]] = {}
        for number in PARTITIONS:
            cursor = 0
            while True:
                scanned = await self.store.accounts(number, cursor)
                names = [*scanned.values]
                rows = (await self.store.load(number, names)).fits
                found |= {
                    name: (scanned.values[name], fit_rows.decode(row) if row else None)
                    for name, row in zip(names, rows, strict=True)
                }
                if (cursor := scanned.cursor) == 0:
                    break
        return found

    async def places(self) -> dict[str, list[str]]:
        """Place -> the accounts that stand in it, whatever their bounds; lists, pins and due times."""
        found = {}
        for name in (*LISTS, *map(pins_of, LISTS)):
            found[name] = [bound.account for bound in await self.store.top(name, PARTITIONS, 100_000)]
        found["due"] = [name for number in PARTITIONS for name, _ in await self.store.due(number, 2**50, 100_000)]
        return found

    def _place(self, account: str) -> int:
        return self.stand.context.partition_of(account)


class AccountSnapshot(NamedTuple):
    """What the order of lists goes by."""

    account: str
    heat: int
    priority: float
    fit: float
    raised: int | None


async def ranked(crowd: Crowd, name: str, at: int, size: int) -> list[tuple[str, bool]]:
    """List `name` at `at` (ms), out of every account there is, as scoring.md section 7 words it: (account, pinned)."""
    lists, found = crowd.scoring_context.policy.lists, []
    for account, (stored, its) in (await crowd.stored()).items():
        if its is None or stored is None or name not in lists_of(its):
            continue
        decision = its.primary if name == "all" else its.by(name)
        listed = crowd.scoring_context.policy.relation(its.relation).listed and not its.suppressed
        if decision is None or decision.decision != CHASE or not listed:
            continue
        if (one := _standing(account, state.decode(stored), at, decision, crowd)) is not None:
            found.append(one)
    others = sorted(found, key=lambda s: (-s.heat, -round(s.priority, 11), -s.fit, s.account))
    pinned = sorted((s for s in others if s.raised is not None), key=lambda s: -(s.raised or 0))[: size // 2]
    rest = [s for s in others if s not in pinned]
    assert lists.size >= size
    return [*((s.account, True) for s in pinned), *((s.account, False) for s in rest)][:size]


def _standing(name: str, account: Account, at: int, decision: Any, crowd: Crowd) -> AccountSnapshot | None:
    at, lists = max(at, account.now), crowd.scoring_context.policy.lists
    pass_time(account, name, at, None, crowd.scoring_context)
    score, heat = evaluate(account, at, crowd.scoring_context.policy), ("cold", "warm", "hot").index(account.level)
    raised = account.hand_raise.at if account.hand_raise is not None else None
    answered = account.answered_at is not None and account.answered_at > (account.raise_applied_at or T0)
    pinned = raised is not None and at < raised + PIN and not answered
    warm_enough = heat >= ("cold", "warm", "hot").index(lists.min_level)
    if not pinned and not (warm_enough and score.score > 0 and score.score >= lists.min_score):
        return None
    weight = lists.tier_weight[decision.tier]
    return AccountSnapshot(name, heat, score.raw * weight, decision.fit or 0.0, raised if pinned else None)


async def the_top_is_that_of_all(
    store: Store, dice: random.Random, policy: Policy, many: int, size: int, events: int = 90
) -> None:
    """Feeds `many` accounts, and compares every list with that of brute force between batches and after pauses; in the
    end nothing that time has ended is left in any place.
    """
    names = [f"{dice.choice('aax')}{number}.com" for number in range(many)]
    crowd = await Crowd(store, policy).begin(fits(names, dice))
    tops, at = [Top(store), Top(store)], T0
    for _ in range(6):
        batch = [events_about(names, dice, at + dice.randrange(3 * DAY)) for _ in range(events // 6)]
        await crowd.hear(*sorted(batch, key=lambda one: one.at))
        at = crowd.stand.now
        if dice.random() < 0.4:
            await crowd.answered(dice.choice(batch).account, at)
        if dice.random() < 0.4:
            await crowd.time_passes(at)
        for pause in (0, dice.choice((0, dice.randrange(2 * DAY), PIN, 9 * DAY))):
            at += pause
            for name in LISTS:
                wanted = await ranked(crowd, name, at, size)
                found = await dice.choice(tops).of(name, PARTITIONS, at, crowd.scoring_context, size)
                assert [(place.account, place.ordered.pinned) for place in found] == wanted, name
    await crowd.time_passes(at + PIN)
    places = await crowd.places()
    assert not any(places[pins_of(name)] for name in LISTS), "every pin has ended"
    await crowd.time_passes(at + 400 * DAY)
    await crowd.collect_garbage()
    listed = [await tops[0].of(name, PARTITIONS, at + 400 * DAY, crowd.scoring_context) for name in LISTS]
    assert policy.lists.min_level == COLD or not any(listed)
    left = {account for place in (await crowd.places()).values() for account in place}
    assert left == {place.account for places in listed for place in places}
