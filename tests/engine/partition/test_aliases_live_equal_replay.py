"""Aliases come and go while events arrive, wherever their producers put them: each generation decides as a replay."""

import asyncio
import json
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.flow import EventOutcome, ScoringContext
from signal_engine.core.rules.aliases import AliasChange, Aliases
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.wire.storage import state
from tests.build import T0, event, fit, kind, policy
from tests.engine.stand import INTENT, Rec, Stand, event_bytes, fetch

RULES = policy(kind(facet_cap=400, cap=500))
END = T0 + 60_000
"""The instant at which scores are compared (ms)."""
FITS = (fit(account="acme.com"), fit(account="xbeta.com"))
NAMES = ("acme.com", "xacme.de", "acme.fr", "xbeta.com", "beta.io")
OWNERS = ({}, {"xacme.de": "acme.com"}, {"xacme.de": "acme.com", "acme.fr": "acme.com", "beta.io": "xbeta.com"},
          {"xacme.de": "xbeta.com"})  # fmt: skip


class Sent(NamedTuple):
    """A record, put on a partition by its producer."""

    account: str
    at: int
    partition: int
    event_id: str
    twice: bool


class Kafka:
    """One topic of two partitions, which grow."""

    def __init__(self) -> None:
        self.partitions: tuple[list[Rec], list[Rec]] = ([], [])

    def append(self, partition: int, at: int, value: bytes | None, headers: Any = ()) -> None:
        records = self.partitions[partition]
        records.append(Rec(len(records), at, value, headers=headers))


class Generation:
    """A live engine of both partitions, with its aliases."""

    def __init__(self, kafka: Kafka, epoch: str) -> None:
        self.kafka = kafka
        self.stand = Stand(policy=RULES)
        self.stand.context.epoch = epoch
        self.taken = 0

    def aliases(self, made: Aliases) -> None:
        self.stand.context.aliases = made

    async def start(self) -> "Generation":
        for number in (0, 1):
            await self.stand.fits(
                *(one for one in FITS if one.account.startswith("x") == (number == 1)), partition=number
            )
        self.owned = [await self.stand.partition(number) for number in (0, 1)]
        return self

    async def read(self, now: int) -> None:
        """Until nothing is left, copies included, which arrive at `now`."""
        self.stand.now = self.stand.context.aliases_read_at = now
        ahead = True
        while ahead:
            ahead = False
            for number, partition in enumerate(self.owned):
                start = partition.at(INTENT) or 0
                records = self.kafka.partitions[number][start : start + 3]
                if records:
                    ahead = True
                    await process_batch(self.stand.context, partition, fetch(*records, partition=number))
            for copy in self.stand.producer.to(INTENT)[self.taken :]:
                assert copy.partition is not None
                self.kafka.append(copy.partition, now, copy.value, copy.headers)
                self.taken += 1

    @property
    def decided(self) -> dict[str, Any]:
        states = {name: it for number in (0, 1) for name, it in self.stand.data(number).states.items()}
        return {name: shown(state.decode(stored), END) for name, stored in states.items()}

    @property
    def counts(self) -> dict[str, int]:
        found = [self.stand.data(number).counts for number in (0, 1)]
        return {outcome.value: sum(one.get(outcome.value, 0) for one in found) for outcome in EventOutcome}


def shown(account: Any, at: int) -> Any:
    """What does not depend on the order in which copies arrive."""
    evidence = {(one.event_id, one.alias) for its in account.kinds.values() for one in its.evidence}
    return round(evaluate(account, at, RULES).score, 6), account.last_signal_at, evidence


def replayed(sent: list[Sent], aliases: Aliases) -> tuple[dict[str, Any], dict[str, int]]:
    states = States(RULES)
    replay = Replay(ScoringContext(RULES), {one.account: one for one in FITS}, ("saas",), lambda _: None, states)
    arrivals = []
    for line, one in enumerate(sent):
        for again in range(1 + one.twice):
            made = event("intent", 80, one.at, one.event_id, one.account)
            arrivals.append(Arrival(one.at, one.event_id, 0, 2 * line + again, aliases.resolved(made, one.at)))
    replay.take(Block(arrivals, sent[-1].at))
    found = {name: shown(account, END) for name, account in states.items() if account.kinds}
    return found, {outcome.value: count for outcome, count in replay.counts.items()}


EVENTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(0, 2), st.integers(0, 1), st.booleans(), st.booleans()),
    min_size=2,
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(EVENTS, st.lists(st.tuples(st.integers(0, 24), st.sampled_from(OWNERS)), max_size=3))
def test_scores_counts_and_evidence_are_those_of_a_replay_and_of_one_with_all_of_it_after_a_rebuild(
    events: list[tuple[str, int, int, bool, bool]], loads: list[tuple[int, dict[str, str]]]
) -> None:
    asyncio.run(as_replayed(events, sorted(loads, key=lambda load: load[0])))


async def as_replayed(events: list[tuple[str, int, int, bool, bool]], loads: list[tuple[int, dict[str, str]]]) -> None:
    kafka, sent, now = Kafka(), list[Sent](), T0
    made, waiting = Aliases({}), [*loads]
    live = await Generation(kafka, "first").start()
    for number, (account, pause, partition, reads, twice) in enumerate(events):
        now += pause
        while waiting and waiting[0][0] <= number:
            now += 1  # whatever arrived before was read by the map before
            made = made.changed(waiting.pop(0)[1], now)
            live.aliases(made)
        one = Sent(account, now, partition, f"e{number}", twice)
        sent.append(one)
        for _ in range(1 + twice):
            kafka.append(partition, now, event_bytes("intent", now, account, one.event_id, 80))
        if reads:
            await live.read(now)
    await live.read(now)
    expected, counts = replayed(sent, made)
    assert (live.decided, live.counts) == (expected, counts)

    # As `copy_aliases` hands them over, with those that are none any more: theirs are copies of a generation, too.
    whole = Aliases({name: (AliasChange(0, changes[-1].account),) for name, changes in made.changes.items()})
    for epoch in ("second", "third"):  # the copies of one are no part of the next
        rebuilt = await Generation(kafka, epoch).start()
        rebuilt.aliases(whole)
        await rebuilt.read(now + 1)
        expected, counts = replayed(sent, whole)
        assert (rebuilt.decided, rebuilt.counts) == (expected, counts)


def test_what_named_a_domain_that_is_no_alias_any_more_is_in_a_rebuild_too() -> None:
    owners = {"xacme.de": "acme.com", "acme.fr": "acme.com", "beta.io": "xbeta.com"}
    events = [
        *[("acme.com", 0, 0, False, False)] * 15,
        ("acme.fr", 0, 1, False, False),
        ("acme.com", 0, 1, False, False),
    ]
    asyncio.run(as_replayed(events, [(0, owners), (0, {})]))


def test_the_alias_is_in_what_is_published() -> None:
    async def run() -> Any:
        kafka = Kafka()
        live = await Generation(kafka, "first").start()
        live.aliases(Aliases.of({"xacme.de": "acme.com"}))
        kafka.append(1, T0, event_bytes("intent", T0, "xacme.de", "e1", 80))
        await live.read(T0)
        (copy,) = live.stand.producer.sent
        assert (copy.partition, copy.key) == (0, b"acme.com")
        assert json.loads(copy.value or b"")["account_id"] == "xacme.de", "the record stays as it was"
        return live.decided

    assert asyncio.run(run())["acme.com"][2] == {("e1", "xacme.de")}
