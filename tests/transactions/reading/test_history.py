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


@pytest.mark.parametrize("of", ["feed", "raises"])
async def test_the_newest_alerts_and_hand_raises_of_thirty_days_are_kept(store: Store, of: str) -> None:
    read = getattr(store, of)
    early, late = Dated(DAY, b"early"), Dated((FEED_DAYS + 1) * DAY, b"late")
    await store.apply(Transaction(partition=0, counter=0, history=History(**{of: [Dated(DAY - 1, b"too old"), early]})))
    await store.apply(Transaction(partition=0, counter=1, history=History(**{of: [late, Dated(5 * DAY, b"between")]})))
    assert await read(0, 0, 9) == [late, Dated(5 * DAY, b"between"), early]
    assert await read(0, 0, 1) == [late]
    assert await read(0, 5 * DAY, 9) == [late, Dated(5 * DAY, b"between")]
    await store.apply(Transaction(partition=0, counter=2, history=History(**{of: [late]})))
    assert len(await read(0, 0, 9)) == 3, "the same one is there once"


@pytest.mark.parametrize("of", ["feed", "raises"])
async def test_they_are_cut_where_there_are_very_many(store: Store, of: str) -> None:
    dated = [Dated(n, b"%06d" % n) for n in range(FEED_KEPT + 7)]
    await store.apply(Transaction(partition=0, counter=0, history=History(**{of: dated})))
    kept = await getattr(store, of)(0, 0, 2 * FEED_KEPT)
    assert kept == dated[: -FEED_KEPT - 1 : -1]


async def test_hand_raises_are_none_of_the_alerts(store: Store) -> None:
    history = History(feed=[Dated(1, b"alert")], raises=[Dated(2, b"raise")])
    await store.apply(Transaction(partition=0, counter=0, history=history))
    assert await store.feed(0, 0, 9) == [Dated(1, b"alert")]
    assert await store.raises(0, 0, 9) == [Dated(2, b"raise")]
    assert await store.raises(1, 0, 9) == []


async def test_a_scan_gives_the_accounts_about_which_people_decided_something(store: Store) -> None:
    acted = {f"{n}.com": b"%d" % n for n in range(1_500)}
    assert (await store.acted(0)).values == {}
    await store.apply(Transaction(partition=0, counter=0, states={"other.com": b"x"}, actions=acted))
    found, cursor = {}, 0
    while True:
        scanned = await store.acted(0, cursor, 100)
        found |= scanned.values
        if (cursor := scanned.cursor) == 0:
            break
    assert found == acted


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
