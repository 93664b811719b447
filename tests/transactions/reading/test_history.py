"""What people look at later is kept with the transaction that made it, up to a limit, and goes with its account."""

import time

import pytest

from signal_engine.engine.ports.history import (
    ALERTS_KEPT,
    DAYS_KEPT,
    FEED_DAYS,
    FEED_KEPT,
    SIGNALS_KEPT,
    AccountHistory,
    Dated,
    History,
)
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import NotApplied, Transaction
from tests.transactions.places import Place

TODAY = int(time.time()) // 86_400
DAY = 86_400_000


def some(first: int, number: int) -> list[bytes]:
    return [b"%d" % n for n in range(first, first + number)]


async def test_of_an_account_that_nobody_heard_of_there_is_none(store: Store) -> None:
    assert await store.history(0, "acme.com", [TODAY]) == AccountHistory([], [], {})
    assert await store.feed(0, 0, 5) == []


async def test_the_latest_signals_and_alerts_of_each_account_stay_newest_first(store: Store) -> None:
    first = History(signals={"a": some(0, 30), "b": [b"\x00\xff"]}, alerts={"a": some(0, 15)})
    second = History(signals={"a": some(30, 40)}, alerts={"a": some(15, 15), "ü {0}": [b"x"]})
    await store.apply(Transaction(partition=0, counter=0, history=first))
    await store.apply(Transaction(partition=0, counter=1, history=second))
    assert await store.history(0, "a", []) == AccountHistory(
        some(70 - SIGNALS_KEPT, SIGNALS_KEPT)[::-1], some(30 - ALERTS_KEPT, ALERTS_KEPT)[::-1], {}
    )
    assert await store.history(0, "b", []) == AccountHistory([b"\x00\xff"], [], {})
    assert await store.history(0, "ü {0}", []) == AccountHistory([], [b"x"], {})
    assert await store.history(1, "a", []) == AccountHistory([], [], {}), "another partition"


async def test_the_last_score_of_a_day_stays_as_long_as_the_day_is_kept(store: Store) -> None:
    old = TODAY - DAYS_KEPT - 1
    scores = {TODAY: {"a": 1.5, "b": 0.0}, TODAY - DAYS_KEPT: {"a": 7.25}, old: {"a": 3.0}}
    await store.apply(Transaction(partition=0, counter=0, history=History(scores=scores)))
    await store.apply(Transaction(partition=0, counter=1, history=History(scores={TODAY: {"a": 2.5}})))
    days = [TODAY, TODAY - 1, TODAY - DAYS_KEPT, old]
    assert (await store.history(0, "a", days)).scores == {TODAY: 2.5, TODAY - DAYS_KEPT: 7.25}
    assert (await store.history(0, "b", days)).scores == {TODAY: 0.0}
    assert (await store.history(0, "a", [TODAY])).scores == {TODAY: 2.5}
    assert await store.scores(0, TODAY) == {"a": 2.5, "b": 0.0}
    assert await store.scores(0, TODAY - DAYS_KEPT) == {"a": 7.25}
    assert await store.scores(0, old) == {}
    assert await store.scores(1, TODAY) == {}


async def test_the_feed_has_the_newest_alerts_of_thirty_days(store: Store) -> None:
    early, late = Dated(DAY, b"early"), Dated((FEED_DAYS + 1) * DAY, b"late")
    await store.apply(Transaction(partition=0, counter=0, history=History(feed=[Dated(DAY - 1, b"too old"), early])))
    await store.apply(Transaction(partition=0, counter=1, history=History(feed=[late, Dated(5 * DAY, b"between")])))
    assert await store.feed(0, 0, 9) == [late, Dated(5 * DAY, b"between"), early]
    assert await store.feed(0, 0, 1) == [late]
    assert await store.feed(0, 5 * DAY, 9) == [late, Dated(5 * DAY, b"between")]
    await store.apply(Transaction(partition=0, counter=2, history=History(feed=[late])))
    assert len(await store.feed(0, 0, 9)) == 3, "the same alert is there once"


async def test_the_feed_is_cut_where_there_are_very_many(store: Store) -> None:
    feed = [Dated(n, b"%06d" % n) for n in range(FEED_KEPT + 7)]
    await store.apply(Transaction(partition=0, counter=0, history=History(feed=feed)))
    kept = await store.feed(0, 0, 2 * FEED_KEPT)
    assert kept == feed[: -FEED_KEPT - 1 : -1]


async def test_a_forgotten_account_leaves_nothing(store: Store) -> None:
    await store.apply(
        Transaction(
            partition=0, counter=0, history=History(signals={name: [b"1"] for name in "ab"}, alerts={"a": [b"2"]})
        )
    )
    await store.apply(Transaction(partition=0, counter=1, history=History(forgotten=["a", "never there"])))
    assert await store.history(0, "a", []) == AccountHistory([], [], {})
    assert await store.history(0, "b", []) == AccountHistory([b"1"], [], {})


async def test_a_transaction_that_is_refused_adds_none(store: Store) -> None:
    history = History(signals={"a": [b"1"]}, scores={TODAY: {"a": 1.0}}, feed=[Dated(1, b"x")])
    assert isinstance(await store.apply(Transaction(partition=0, counter=5, history=history)), NotApplied)
    assert await store.history(0, "a", [TODAY]) == AccountHistory([], [], {})
    assert await store.feed(0, 0, 9) == []


async def test_ten_thousand_accounts_in_one_transaction(store: Store) -> None:
    signals = {f"{n}.com": some(n, 2) for n in range(10_000)}
    scores = {TODAY: {account: n / 4 for n, account in enumerate(signals)}}
    await store.apply(Transaction(partition=0, counter=0, history=History(signals=signals, scores=scores)))
    assert await store.history(0, "9999.com", [TODAY]) == AccountHistory([b"10000", b"9999"], [], {TODAY: 9999 / 4})


@pytest.mark.parametrize("accounts", [3, 2_500])
async def test_a_generation_is_dropped_with_its_histories(place: Place, accounts: int) -> None:
    generations = place.generations("p:")
    await generations.swap(None, 1)
    before = await place.snapshot()
    names = [f"{n}.com" for n in range(accounts)]
    history = History(
        signals={name: [b"1"] for name in names},
        alerts={name: [b"2"] for name in names},
        scores={TODAY: dict.fromkeys(names, 1.0), TODAY - 1: {"0.com": 2.0}},
        feed=[Dated(1, b"3")],
    )
    await generations.store(0).apply(
        Transaction(partition=0, counter=0, states=dict.fromkeys(names, b"state"), history=history)
    )
    await generations.drop(0)
    assert await place.snapshot() == before
