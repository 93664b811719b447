"""What a transaction writes is what is read back, and the rest stays as it was."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.ports.store import Loaded, Store
from signal_engine.engine.ports.transaction import (
    PUBLISHER,
    Applied,
    Outbox,
    Outgoing,
    Positions,
    TopicPartition,
    TopicRead,
    Transaction,
)

MANY = 20_000


async def test_an_empty_transaction_moves_the_counter_and_nothing_else(store: Store) -> None:
    assert await store.apply(Transaction(partition=0, counter=0)) == Applied(1)
    assert await store.positions(0) == Positions(1, {}, {})
    assert await store.load(0, ["acme.com"]) == Loaded([None], [None], [None])
    assert await store.counts(0) == {}
    assert await store.due(0, 2**53 - 1, 10) == []


async def test_a_partition_never_written_stands_at_the_beginning(store: Store) -> None:
    assert await store.positions(9) == Positions(0, {}, {})
    assert await store.load(9, []) == Loaded([], [], [])
    assert await store.views(9, []) == []


async def test_states_fit_rows_and_actions_are_read_in_the_order_asked_for(store: Store) -> None:
    await store.apply(
        Transaction(
            partition=0, counter=0, states={"a": b"1", "b": b"2"}, fits={"b": b"fit"}, actions={"nobody": b"kill"}
        )
    )
    assert await store.load(0, ["b", "nobody", "a", "b"]) == Loaded(
        [b"2", None, b"1", b"2"], [b"fit", None, None, b"fit"], [None, b"kill", None, None]
    )


async def test_actions_are_left_out_for_who_knows_that_there_are_none(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, states={"a": b"1"}, actions={"a": b"kill"}))
    assert await store.load(0, ["a", "b"], acted=False) == Loaded([b"1", None], [None, None], [None, None])


async def test_none_removes_and_what_is_not_named_stays(store: Store) -> None:
    await store.apply(
        Transaction(
            partition=0,
            counter=0,
            states={"a": b"1", "b": b"2"},
            fits={"a": b"x"},
            actions={"a": b"z", "b": b"z"},
            views={"v": b"y"},
        )
    )
    await store.apply(
        Transaction(
            partition=0, counter=1, states={"a": None}, fits={"a": None}, actions={"a": None}, views={"v": None}
        )
    )
    assert await store.load(0, ["a", "b"]) == Loaded([None, b"2"], [None, None], [None, b"z"])
    assert await store.views(0, ["v"]) == [None]


async def test_states_are_any_bytes(store: Store) -> None:
    states = {f"{n}.com": bytes([n]) * 3 for n in range(256)}
    states |= {"empty.com": b"", "text.com": b"*3\r\n$-1\r\n\x00'\"", "big.com": os.urandom(1_000_000)}
    await store.apply(Transaction(partition=0, counter=0, states=states, views=states))
    assert (await store.load(0, list(states))).states == list(states.values())
    assert await store.views(0, list(states)) == list(states.values())


async def test_names_are_any_text(store: Store) -> None:
    names = ["", "münchen.de", "a b", "{0}", "{", ":", "\r\n", "\x00", "🦊.com"]
    transaction = Transaction(
        partition=0,
        counter=0,
        reads=[TopicRead("tenant:signals.intent", 0, 1)],
        states=dict.fromkeys(names, b"x"),
        ranks={name: {"a": 1.0} for name in names},
        due=dict.fromkeys(names, 1),
        counts=dict.fromkeys(names, 1),
        origins={TopicPartition("tenant:signals.intent", 0): 4},
    )
    await store.apply(transaction)
    assert (await store.load(0, names)).states == [b"x"] * len(names)
    assert sorted(dict(await store.due(0, 1, 99))) == sorted(names)
    assert await store.counts(0) == dict.fromkeys(names, 1)
    assert await store.positions(0) == Positions(1, {"tenant:signals.intent": 1}, transaction.origins)
    assert all([await store.top(name, [0], 1) for name in names])


async def test_twenty_thousand_accounts_in_one_transaction(store: Store) -> None:
    accounts = [f"account-{n}.com" for n in range(MANY)]
    states = {account: os.urandom(40) for account in accounts}
    numbers = dict(zip(accounts, range(MANY), strict=True))
    await store.apply(
        Transaction(partition=0, counter=0, states=states, fits=states, due=numbers, counts=numbers,
             ranks={"all": {account: n / 7 for account, n in numbers.items()}})
    )  # fmt: skip
    loaded = await store.load(0, accounts)
    assert loaded == Loaded([*states.values()], [*states.values()], [None] * MANY)
    assert await store.due(0, MANY, MANY) == list(numbers.items())
    assert await store.counts(0) == numbers
    assert len(await store.top("all", [0], MANY)) == MANY
    nothing = dict.fromkeys(accounts)
    await store.apply(Transaction(partition=0, counter=1, states=nothing, due=nothing, ranks={"all": nothing}))
    assert (await store.load(0, accounts)).states == [None] * MANY
    assert await store.due(0, MANY, MANY) == []
    assert await store.top("all", [0], MANY) == []


async def test_counters_add_up(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, counts={"applied": 3, "expired": 1}))
    await store.apply(Transaction(partition=0, counter=1, counts={"applied": 4, "ignored": 0}))
    assert await store.counts(0) == {"applied": 7, "expired": 1, "ignored": 0}


async def test_positions_of_topics_move_each_for_itself(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, reads=[TopicRead("a", 0, 4)]))
    await store.apply(Transaction(partition=0, counter=1, reads=[TopicRead("b", 7, 2**53 - 1)]))
    assert (await store.positions(0)).topics == {"a": 4, "b": 2**53 - 1}


async def test_the_highest_offset_of_an_origin_stays(store: Store) -> None:
    here, there = TopicPartition("signals.intent", 1), TopicPartition("signals.intent", 11)
    await store.apply(Transaction(partition=0, counter=0, origins={here: 50, there: 3}))
    await store.apply(Transaction(partition=0, counter=1, origins={here: 40, there: 2**53 - 1}))
    assert (await store.positions(0)).origins == {here: 50, there: 2**53 - 1}


async def test_the_publisher_makes_transactions_of_its_own(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, states={"a": b"1"}))
    record = Outgoing("priority.lists", "all", b"{}")
    assert await store.apply(Transaction(partition=PUBLISHER, counter=0, outbox={Outbox.LISTS: [record]})) == Applied(1)
    assert [waiting.record for waiting in await store.waiting(PUBLISHER, Outbox.LISTS, 9)] == [record]


@pytest.mark.parametrize(
    "wrong",
    [
        {"partition": -2},
        {"counter": -1},
        {"counter": 2**53},
        {"reads": [TopicRead("a", 5, 4)]},
        {"reads": [TopicRead("a", -1, 4)]},
        {"reads": [TopicRead("a", 0, 2**53)]},
        {"reads": [TopicRead("a", 0, 4), TopicRead("a", 4, 5)]},
        {"ranks": {"all": {"a": float("nan")}}},
        {"ranks": {"all": {"a": float("inf")}}},
        {"due": {"a": 2**53}},
        {"counts": {"a": -(2**53)}},
        {"origins": {TopicPartition("a", 0): 2**53}},
    ],
    ids=str,
)
def test_a_transaction_that_could_fail_half_way_cannot_be_made(wrong: dict) -> None:
    with pytest.raises(ValueError, match=r"range|such|read|finite|one batch"):
        Transaction(**{"partition": 0, "counter": 0, **wrong})


@given(bound=st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_bound_can_be_in_a_transaction(bound: float) -> None:
    assert Transaction(partition=0, counter=0, ranks={"all": {"a": bound}}).ranks == {"all": {"a": bound}}
