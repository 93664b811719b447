"""The exact top of a list at any instant, and what a look costs."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.account import Account
from signal_engine.core.flow import Judge, advance, pass_time
from signal_engine.core.ranking import candidate, listed_by, may_be_listed, order
from signal_engine.core.stack import evaluate
from signal_engine.engine.steps import Step
from signal_engine.engine.top import Top
from signal_engine.wire import fit_rows, state
from tests.build import DAY, T0, after, event, fit, kind, policy
from tests.engine.stand import Stand

RULES = policy(kind(half_life=8), kind("hiring", half_life=2), multipliers=(1.0, 1.3), min_score=20, size=5)
FITS = (fit(), fit(tier="B"), fit(tier="C"), fit("ignore", tier=None), fit(suppressed=True))
SIGNALS = st.lists(
    st.tuples(st.sampled_from(("intent", "hiring")), st.integers(0, 3 * DAY), st.sampled_from((10.0, 30.0, 60.0))),
    min_size=1,
    max_size=4,
)
MARKET = st.lists(st.tuples(st.sampled_from(range(len(FITS))), SIGNALS, st.floats(0, 40)), max_size=14)


@settings(max_examples=60, deadline=None)
@given(MARKET, st.integers(0, 20 * DAY), st.integers(1, 6))
def test_it_is_the_top_of_all_accounts_sorted(market: Any, later: int, size: int) -> None:
    asyncio.run(_same(market, after(3) + later, size))


async def _same(market: Any, at: int, size: int) -> None:
    stand, judge = Stand(policy=RULES), Judge(RULES)
    accounts, fits, bounds = {}, {}, {}
    for number, (which, signals, too_high) in enumerate(market):
        name = f"{'x' if number % 3 == 0 else 'a'}{number}.com"
        account, its = Account(), replace(FITS[which], account=name)
        for kind_, pause, points in sorted(signals, key=lambda one: one[1]):
            now = T0 + pause
            advance(account, event(kind_, points, now, f"{pause}-{kind_}", name), now, its, judge)
        accounts[name], fits[name] = account, its
        bounds[name] = evaluate(account, account.now, RULES).raw + too_high  # as old as it may be, and no lower
    for number in (0, 1):
        mine = [name for name in accounts if stand.means.partition_of(name) == number]
        await stand.memory.apply(
            Step(
                partition=number,
                counter=0,
                states={name: state.encode(accounts[name]) for name in mine},
                fits={name: fit_rows.encode(fits[name]) for name in mine},
                ranks={"all": {name: bounds[name] for name in mine}},
            )
        )
    top = Top(stand.memory)
    for instant in (at, at + 60_000, at + DAY):
        wanted = _sorted(accounts, fits, instant, judge)[:size]
        for _ in range(2):  # also once bounds have been lowered
            found = await top.of("all", (0, 1), instant, judge, size)
            assert [place.candidate.account for place in found] == wanted


def _sorted(accounts: Any, fits: Any, at: int, judge: Judge) -> list[str]:
    listed = []
    for name, account in accounts.items():
        decision = listed_by(fits[name], "all")
        if decision is None or not may_be_listed(fits[name], decision):
            continue
        copy = state.decode(state.encode(account))
        pass_time(copy, name, max(at, copy.now), fits[name], judge)
        score = evaluate(copy, max(at, copy.now), judge.policy)
        if score.score >= judge.policy.lists.min_score:
            listed.append(candidate(name, score.raw, decision, judge.policy.lists))
    return [one.account for one in order(listed)]


async def _market(many: int) -> Stand:
    rules = policy(kind(half_life=8), min_score=20, size=20)
    stand = Stand(policy=rules)
    states, rows, ranks = {}, {}, {}
    for number in range(many):
        name, account = f"a{number:06}.com", Account()
        advance(account, event(points=30 + 60 * number / many, account=name), T0, None, Judge(rules))
        states[name], ranks[name] = state.encode(account), 30 + 60 * number / many
        rows[name] = fit_rows.encode(fit(account=name))
    await stand.memory.apply(Step(partition=0, counter=0, states=states, fits=rows, ranks={"all": ranks}))
    return stand


async def test_a_look_costs_what_the_list_is_long_whatever_the_number_of_accounts() -> None:
    for many in (200, 5_000):
        stand = await _market(many)
        top = Top(stand.memory)
        for seconds in (0, 2, 4, 6):
            before = top.loaded
            assert len(await top.of("all", (0,), after(seconds=seconds), stand.means.rules.judge)) == 20
            assert top.loaded - before <= 20 + 50


async def test_what_is_looked_at_again_is_decoded_once_and_what_is_not_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[bytes] = []
    decode = state.decode

    def counted(stored: bytes) -> Account:
        decoded.append(stored)
        return decode(stored)

    monkeypatch.setattr("signal_engine.engine.top.state.decode", counted)
    stand = await _market(400)
    names, judge = [*stand.shelf().states], stand.means.rules.judge
    top = Top(stand.memory, looked_at=150)
    for look in range(12):  # ten of the accounts are always on the list, the others take turns
        some = {*names[:10], *names[20 * look + 10 : 20 * look + 70]}
        stand.shelf().ranks["all"] = dict.fromkeys(some, 90.0)
        await top.of("all", (0,), after(seconds=2 * look), judge)
    assert 10 + 60 + 11 * 20 <= len(decoded) < 1.2 * (10 + 60 + 11 * 20), "each of them about once"
    assert len(top._seen) + len(top._before) <= 2 * 150 + 70


async def test_those_that_no_longer_qualify_are_passed_over_by_the_next_look() -> None:
    stand = await _market(200)
    top, judge = Top(stand.memory), stand.means.rules.judge
    assert await top.of("all", (0,), after(40), judge) == [], "90 points are 2.8 after 40 days"
    before = top.loaded
    assert before == 200
    assert await top.of("all", (0,), after(40), judge) == []
    assert top.loaded == before
    assert stand.shelf().ranks["all"] == {}


async def test_a_bound_of_an_account_that_changed_meanwhile_is_left_alone() -> None:
    stand = await _market(3)
    load = stand.memory.load

    async def load_and_change(partition: int, accounts: Any) -> Any:
        loaded = await load(partition, accounts)
        account = Account()
        advance(account, event(points=80, at=after(1), account="a000000.com"), after(1), None, stand.means.rules.judge)
        await stand.memory.apply(
            Step(
                partition=0,
                counter=(await stand.memory.positions(0)).counter,
                states={"a000000.com": state.encode(account)},
            )
        )
        return loaded

    stand.memory.load = load_and_change  # type: ignore[method-assign]
    await Top(stand.memory).of("all", (0,), after(40), stand.means.rules.judge)
    assert stand.shelf().ranks["all"] == {"a000000.com": 30.0}
