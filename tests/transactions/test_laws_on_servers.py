"""The laws of scoring.md, section 3, for accounts that live in a store: on the twin, on Valkey and on Redis.

Every signal loads its account, judges it and writes it, as a worker that remembers nothing would; then the store is
asked who is on the list. `tests/core/test_laws.py` holds the laws without a store.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.fit.ranking import ALL, candidate, order
from signal_engine.core.flow import EventOutcome, ScoringContext, advance, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.policy import Levels, Policy, Threshold
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Applied, Outbox, Transaction
from signal_engine.engine.publishing.top_n import RankedAccount as Listed
from signal_engine.engine.publishing.top_n import Top
from signal_engine.wire.output import entries
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.state import encode
from tests.build import T0, event, fit
from tests.core.histories import DAY, at_a_jump, backlogs, journeys
from tests.transactions.places import KINDS, MemoryPlace, Place, RedisPlace

FITS = {
    "a.com": fit(account="a.com"),
    "b.com": fit(account="b.com", tier="B", fit=60.0),
    "unfit.com": fit("ignore", None, None, account="unfit.com"),
    "ours.com": fit(account="ours.com", relation="customer"),
}
OUT_OF_REACH = Levels(Threshold(100, 99, 0), Threshold(98, 97, 0))
"""Hardly anybody is warm: who is on a list is pinned and cold."""
Arrival = tuple[str, int, Event]


def asks(name: str, at: int) -> Event:
    """Somebody asks to be called."""
    return event(ENGAGEMENT, 10, at, "asks", name, activity="demo_request", persona="CFO")


async def kept(store: Store, rules: Policy, arrivals: list[Arrival]) -> int:
    """The counter of the partition, after all of it was written."""
    rows = {name: fit_rows.encode(one) for name, one in FITS.items()}
    assert isinstance(await store.apply(Transaction(partition=0, counter=0, fits=rows)), Applied)
    counter = 1
    for name, now, signal in arrivals:
        (stored,), (row,), _ = await store.load(0, [name])
        known = read(stored, row)
        outcome, alerts, _ = advance(known.account, signal, now, known.fit, ScoringContext(rules))
        if outcome == EventOutcome.APPLIED:
            builder = TransactionBuilder(rules, "1-test", "alerts")
            builder.send(alerts)
            builder.write(name, known)
            builder.rank(name, known)
            builder.due(name, known)
            assert isinstance(await store.apply(builder.build(0, counter, [])), Applied)
            counter += 1
        else:
            assert alerts == []
    return counter


def remembered(rules: Policy, arrivals: list[Arrival]) -> tuple[dict[str, Account], list[str]]:
    """The accounts as they would be without a store, and the ids of the alerts that were sent."""
    accounts: dict[str, Account] = {name: Account() for name in FITS}
    sent = []
    for name, now, signal in arrivals:
        _, alerts, _ = advance(accounts[name], signal, now, FITS[name], ScoringContext(rules))
        sent += [one.decision.alert_id for one in alerts if one.decision.recorded is None]
    return accounts, sent


def listed(rules: Policy, accounts: dict[str, Account], at: int) -> list[tuple[str, bool, float]]:
    """(account, pinned, priority) of the list of all, out of the accounts themselves; takes them to `at`."""
    found = []
    for name, account in accounts.items():
        pass_time(account, name, max(at, account.now), FITS[name], ScoringContext(rules))
        score = evaluate(account, account.now, rules)
        one = candidate(name, account, score, FITS[name].primary, FITS[name], rules)
        found += [one] if one is not None else []
    return [(p.candidate.account, p.pinned, p.candidate.priority) for p in order(found, rules.lists.size)]


def adds_up(place: Listed) -> None:
    """Laws 5 and 6 of what a list shows."""
    shown = entries.parts(place.snapshot)
    assert 0 <= place.snapshot.score.score <= 100
    assert round(100 * sum(part["points"] for part in shown)) == round(100 * place.snapshot.score.score)
    for part in shown:
        if "others" in part:
            rows = sum(one["points"] for one in part["evidence"]) + part["others"] + part["saturated"]
            assert round(100 * rows) == round(100 * part["points"])


async def hold(store: Store, rules: Policy, arrivals: list[Arrival], waits: list[int], again: list[int]) -> None:
    counter = await kept(store, rules, arrivals)
    accounts, sent = remembered(rules, arrivals)
    names = [*FITS]
    states = (await store.load(0, names)).states
    for name, stored in zip(names, states, strict=True):  # law 8: what is stored is what a replay remembers
        ours = read(stored, None).account
        ours.upper_bound = accounts[name].upper_bound = 0.0  # may be nearer where more is known than what is stored
        assert encode(ours) == encode(read(encode(accounts[name]), None).account if stored else Account())
    waiting = await store.waiting(0, Outbox.ALERTS, 1_000)
    result = [orjson.loads(one.record.value or b"") for one in waiting]
    assert sorted(one["alert_id"] for one in result) == sorted(sent)
    for one in result:  # law 7
        assert one["audience"] == "triage" or unalerted_reason(FITS[one["account_id"]], rules) is None
    last = max((now for _, now, _ in arrivals), default=T0)
    for number in again:  # law 2
        name, _, signal = arrivals[number % len(arrivals)]
        known = read((await store.load(0, [name])).states[0], None)
        expires = signal.occurred_at + rules.kinds[signal.kind].expires_after
        if known.account.now <= expires and last <= expires:
            assert advance(known.account, signal, last, None, ScoringContext(rules))[0] != EventOutcome.APPLIED
    assert (await store.load(0, names)).states == states
    assert (await store.positions(0)).counter == counter
    top, before = Top(store), dict[str, float]()
    for wait in (0, *sorted(waits)):
        found = await top.of(ALL, [0], last + wait, ScoringContext(rules))
        expected = listed(rules, accounts, last + wait)
        assert [(p.account, p.ordered.pinned) for p in found] == [one[:2] for one in expected]
        keys = {p.account: p.ordered.candidate.key for p in found}
        assert keys.keys() <= {"a.com", "b.com"}, "law 7: nobody else is ever on a list"
        assert all(wait == 0 or keys[name] <= before[name] + 1e-9 for name in keys), "law 3: nothing rises by waiting"
        before = keys
        for place in found:
            adds_up(place)


async def hold_for_a_backlog(stores: list[Store], rules: Policy, orders: list[list[Event]], now: int) -> None:
    """Laws 1 and 4: `orders` are a backlog, the same in another order, and the same without its last signal."""
    for store, backlog in zip(stores, orders, strict=True):
        await kept(store, rules, [("a.com", now, one._replace(account="a.com")) for one in backlog])
    one, other, fewer = [read((await store.load(0, ["a.com"])).states[0], None).account for store in stores]
    for at in (now, now + DAY, now + 30 * DAY):
        if not at_a_jump(one, rules, at):
            assert abs(evaluate(one, at, rules).score - evaluate(other, at, rules).score) < 1e-6
            assert evaluate(one, at, rules).score >= evaluate(fewer, at, rules).score - 1e-9


class Server:
    """A server of one kind, empty for every example."""

    def __init__(self, kind: str, request: pytest.FixtureRequest) -> None:
        self._runner = asyncio.Runner()
        url = None if kind == "memory" else request.getfixturevalue(f"{kind}_url")
        self._channel = None if url is None else Channel(url)
        self._place: Place = MemoryPlace() if self._channel is None else RedisPlace(self._channel)
        self._numbers = count()

    def store(self) -> Store:
        return self._place.store(prefix=f"laws-{next(self._numbers)}-")

    def run(self, what: Coroutine[Any, Any, None]) -> None:
        self._runner.run(what)

    def close(self) -> None:
        if self._channel is not None:
            self._runner.run(self._channel.call("FLUSHALL"))
            self._runner.run(self._channel.close())
        self._runner.close()


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    one = Server(request.param, request)
    yield one
    one.close()


BRIEFLY = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
"""One server for all examples of a test: each has a prefix of its own."""


@BRIEFLY
@given(
    journeys(),
    st.lists(st.sampled_from([*FITS]), min_size=12, max_size=12),
    st.lists(st.integers(0, 40 * DAY), max_size=3),
    st.lists(st.integers(0, 11), max_size=3),
    st.booleans(),
)
def test_laws_2_3_and_5_to_8_hold_for_accounts_that_live_in_a_store(
    server: Server, journey: Any, names: list[str], waits: list[int], again: list[int], pins: bool
) -> None:
    rules, history = journey
    arrivals = [(name, now, signal._replace(account=name)) for name, (now, signal) in zip(names, history, strict=False)]
    if pins and ENGAGEMENT in rules.kinds:
        rules = replace(rules, levels=OUT_OF_REACH, lists=replace(rules.lists, pin_days=14))
        now = arrivals[-1][1] if arrivals else T0
        arrivals += [(name, now, asks(name, now)) for name in FITS]
    server.run(hold(server.store(), rules, arrivals, waits, again if arrivals else []))


@BRIEFLY
@given(backlogs(least=1), st.data())
def test_laws_1_and_4_hold_for_accounts_that_live_in_a_store(server: Server, backlog: Any, data: Any) -> None:
    rules, history, now = backlog
    orders = [history, data.draw(st.permutations(history)), history[:-1]]
    server.run(hold_for_a_backlog([server.store() for _ in orders], rules, orders, now))
