"""The exact top of a list at any instant, and what a look costs."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.score.account import Account
from signal_engine.engine.partition.account_cache import pins_of
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.engine.publishing.top_n import Top
from signal_engine.wire.storage import fit_rows, state
from tests.build import DAY, T0, after, event, fit, kind, policy
from tests.engine.publishing.crowd import (
    LISTS,
    PARTITIONS,
    PIN,
    Crowd,
    PublishedList,
    events_about,
    fits,
    ranked,
    rules,
    the_top_is_that_of_all,
)
from tests.engine.stand import Stand


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 40), st.integers(1, 9), st.sampled_from(("warm", "cold", "hot")))
def test_it_is_the_top_of_all_accounts_ranked(seed: int, many: int, size: int, min_level: str) -> None:
    policy_ = rules(size=40, min_level=min_level, min_score=10 if seed % 3 == 0 else 0)
    asyncio.run(the_top_is_that_of_all(Stand().memory, random.Random(seed), policy_, many, size))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 9))
def test_bounds_may_be_too_high_by_any_amount(seed: int, size: int) -> None:
    asyncio.run(_too_high(random.Random(seed), size))


async def _too_high(dice: random.Random, size: int) -> None:
    """Bounds as old as they may be: of a hotter level, of pins that have ended or never were."""
    names = [f"{dice.choice('ax')}{number}.com" for number in range(30)]
    crowd = await Crowd(Stand().memory, rules(size=40)).begin(fits(names, dice))
    await crowd.hear(
        *sorted((events_about(names, dice, T0 + dice.randrange(6 * DAY)) for _ in range(80)), key=lambda t: t.at)
    )
    for number in (0, 1):
        ranks: dict[str, dict[str, float | None]] = {}
        for place in (*LISTS, *map(pins_of, LISTS)):
            step = PIN if place.startswith("pins:") else 1e6
            bounds = await crowd.store.top(place, [number], 1_000)
            ranks[place] = {b.account: b.priority + dice.choice((0.0, 5.0, step)) for b in bounds}
        counter = (await crowd.store.positions(number)).counter
        await crowd.store.apply(Transaction(partition=number, counter=counter, ranks=ranks))
    top = Top(crowd.store)
    for at in (after(6), after(6.001), after(7)):
        for name in LISTS:
            for _ in range(2):  # also once bounds have been lowered
                found = await top.of(name, PARTITIONS, at, crowd.scoring_context, size)
                assert [(place.account, place.ordered.pinned) for place in found] == await ranked(crowd, name, at, size)


async def test_more_that_are_pinned_than_half_of_a_list_compete_for_the_rest_of_it() -> None:
    names = [f"a{number}.com" for number in range(9)]
    crowd = await Crowd(Stand().memory, rules(size=40)).begin([fit(account=name) for name in names])
    asks = [
        PublishedList(name, "engagement", after(hours=n), 1.0 + n % 2, asks=True, persona="cfo")
        for n, name in enumerate(names)
    ]
    await crowd.hear(*asks, PublishedList("a0.com", "intent", after(hours=10), 60.0, asks=False, persona=""))
    found = await Top(crowd.store).of("all", PARTITIONS, after(1), crowd.scoring_context, 6)
    assert [(place.account[:2], place.ordered.pinned) for place in found] == [
        ("a8", True), ("a7", True), ("a6", True), ("a0", False), ("a5", False), ("a3", False),
    ]  # fmt: skip
    assert {place.snapshot.pinned for place in found} == {True}


async def test_an_account_that_somebody_answered_for_leaves_the_first_block_though_its_places_were_left_alone() -> None:
    crowd = await Crowd(Stand().memory, rules(size=40)).begin([fit(account="a.com"), fit(account="b.com")])
    ask = PublishedList("a.com", "engagement", T0, 100.0, asks=True, persona="cfo")
    await crowd.hear(ask, ask._replace(account="b.com", at=after(hours=1), points=1.0))
    await crowd.answered("a.com", after(hours=2))
    await crowd.answered("b.com", after(hours=2))
    top = Top(crowd.store)
    assert [place.account for place in await top.of("all", PARTITIONS, after(1), crowd.scoring_context)] == ["a.com"]
    assert (await crowd.places())["pins:all"] == [], "the look has taken them out"
    await crowd.hear(ask._replace(at=after(1.5)))
    (found,) = await top.of("all", PARTITIONS, after(2), crowd.scoring_context)
    assert (found.account, found.ordered.pinned, found.snapshot.hand_raised_at) == ("a.com", True, after(1.5))


async def _market(many: int) -> Stand:
    policy_ = policy(kind(half_life=8), min_level="cold", min_score=20, size=20)
    stand = Stand(policy=policy_)
    states, rows, ranks = {}, {}, {}
    for number in range(many):
        name, account = f"a{number:06}.com", Account()
        advance(account, event(points=30 + 60 * number / many, account=name), T0, None, ScoringContext(policy_))
        states[name], ranks[name] = state.encode(account), 30 + 60 * number / many
        rows[name] = fit_rows.encode(fit(account=name))
    await stand.memory.apply(Transaction(partition=0, counter=0, states=states, fits=rows, ranks={"all": ranks}))
    return stand


async def test_a_look_costs_what_the_list_is_long_whatever_the_number_of_accounts() -> None:
    for many in (200, 5_000):
        stand = await _market(many)
        top = Top(stand.memory)
        for seconds in (0, 2, 4, 6):
            before = top.loaded
            assert len(await top.of("all", (0,), after(seconds=seconds), stand.context.rules.scoring_context)) == 20
            assert top.loaded - before <= 20 + 50


async def test_what_is_evaluated_again_is_decoded_once_and_what_is_not_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    decoded: list[bytes] = []
    decode = state.decode

    def counted(stored: bytes) -> Account:
        decoded.append(stored)
        return decode(stored)

    monkeypatch.setattr("signal_engine.engine.publishing.top_n.state.decode", counted)
    stand = await _market(400)
    names, scoring_context = [*stand.data().states], stand.context.rules.scoring_context
    top = Top(stand.memory, generation_loads=150)
    for look in range(12):  # ten of the accounts are always on the list, the others take turns
        some = {*names[:10], *names[20 * look + 10 : 20 * look + 70]}
        stand.data().ranks["all"] = dict.fromkeys(some, 90.0)
        await top.of("all", (0,), after(seconds=2 * look), scoring_context)
    assert 10 + 60 + 11 * 20 <= len(decoded) < 1.2 * (10 + 60 + 11 * 20), "each of them about once"
    assert len(top._seen) + len(top._before) <= 2 * 150 + 70


async def test_those_that_no_longer_qualify_are_passed_over_by_the_next_evaluation() -> None:
    stand = await _market(200)
    top, scoring_context = Top(stand.memory), stand.context.rules.scoring_context
    assert await top.of("all", (0,), after(40), scoring_context) == [], "90 points are 2.8 after 40 days"
    before = top.loaded
    assert before == 200
    assert await top.of("all", (0,), after(40), scoring_context) == []
    assert top.loaded == before
    assert stand.data().ranks["all"] == {}


async def test_a_bound_of_an_account_that_changed_meanwhile_is_left_alone() -> None:
    stand = await _market(3)
    load = stand.memory.load

    async def load_and_change(partition: int, accounts: Any) -> Any:
        loaded = await load(partition, accounts)
        account = Account()
        advance(
            account,
            event(points=80, at=after(1), account="a000000.com"),
            after(1),
            None,
            stand.context.rules.scoring_context,
        )
        await stand.memory.apply(
            Transaction(
                partition=0,
                counter=(await stand.memory.positions(0)).counter,
                states={"a000000.com": state.encode(account)},
            )
        )
        return loaded

    stand.memory.load = load_and_change  # type: ignore[method-assign]
    await Top(stand.memory).of("all", (0,), after(40), stand.context.rules.scoring_context)
    assert stand.data().ranks["all"] == {"a000000.com": 30.0}
