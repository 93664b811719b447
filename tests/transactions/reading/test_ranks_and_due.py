"""Due times and stored bounds: what a timer and the publisher read."""

import pytest

from signal_engine.engine.ports.store import Fresh, Store, StoredRank
from signal_engine.engine.ports.transaction import Transaction


async def test_accounts_are_due_earliest_first_up_to_the_instant(store: Store) -> None:
    due = {"late.com": 300, "b.com": 200, "a.com": 200, "early.com": -5, "Z.com": 200}
    await store.apply(Transaction(partition=0, counter=0, due=due))
    expected = [("early.com", -5), ("Z.com", 200), ("a.com", 200), ("b.com", 200)]
    assert await store.due(0, 299, 10) == expected
    assert await store.due(0, 200, 2) == expected[:2]
    assert await store.due(0, -6, 10) == []
    assert await store.due(1, 299, 10) == []


async def test_a_due_time_moves_or_goes_with_the_account(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, due={"a.com": 100, "b.com": 100}))
    await store.apply(
        Transaction(partition=0, counter=1, due={"a.com": 1_767_225_600_123, "b.com": None, "c.com": None})
    )
    assert await store.due(0, 1_767_225_600_122, 10) == []
    assert await store.due(0, 1_767_225_600_123, 10) == [("a.com", 1_767_225_600_123)]


async def test_the_top_is_taken_over_all_partitions(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, ranks={"all": {"a": 10.0, "b": 30.0}, "other": {"x": 99.0}}))
    await store.apply(Transaction(partition=1, counter=0, ranks={"all": {"c": 20.0, "d": 0.0, "e": -0.5}}))
    top = [
        StoredRank(0, "b", 30.0),
        StoredRank(1, "c", 20.0),
        StoredRank(0, "a", 10.0),
        StoredRank(1, "d", 0.0),
        StoredRank(1, "e", -0.5),
    ]
    assert await store.top("all", [0, 1, 2], 10) == top
    assert await store.top("all", [1, 0], 3) == top[:3]
    assert await store.top("all", [1], 1) == [StoredRank(1, "c", 20.0)]
    assert await store.top("none", [0, 1], 10) == []
    assert await store.top("all", [], 10) == []


async def test_ties_come_in_one_order_wherever_they_lie(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, ranks={"all": {"a": 5.0, "ü": 5.0, "d": 5.0}}))
    await store.apply(Transaction(partition=1, counter=0, ranks={"all": {"b": 5.0, "Z": 5.0}}))
    assert [bound.account for bound in await store.top("all", [0, 1], 9)] == ["ü", "d", "b", "a", "Z"]


@pytest.mark.parametrize("bound", [0.1 + 0.2, 1 / 3, 1e-310, 1.7976931348623157e308, 217.00000000000003])
async def test_a_bound_is_kept_to_the_last_bit(store: Store, bound: float) -> None:
    await store.apply(Transaction(partition=0, counter=0, states={"a": b"s"}, ranks={"all": {"a": bound}}))
    assert await store.top("all", [0], 1) == [StoredRank(0, "a", bound)]
    assert await store.refresh(0, "all", [Fresh("a", bound, b"s", bound / 2)]) == 1
    assert await store.top("all", [0], 1) == [StoredRank(0, "a", bound / 2)]


async def test_fresh_bounds_are_written_only_over_those_that_were_read(store: Store) -> None:
    await store.apply(
        Transaction(partition=0, counter=0, ranks={"all": {"a": 10.0, "b": 20.0, "c": 30.0}, "x": {"a": 10.0}})
    )
    await store.apply(Transaction(partition=0, counter=1, ranks={"all": {"b": 25.0, "c": None}}))
    read = [Fresh("a", 10.0, None, 9.0), Fresh("b", 20.0, None, 9.0), Fresh("c", 30.0, None, 9.0),
            Fresh("d", 0.0, None, 9.0)]  # fmt: skip
    assert await store.refresh(0, "all", read) == 1
    assert await store.top("all", [0], 9) == [StoredRank(0, "b", 25.0), StoredRank(0, "a", 9.0)]
    assert await store.top("x", [0], 9) == [StoredRank(0, "a", 10.0)]


async def test_a_fresh_bound_is_not_written_when_evidence_came_that_left_the_stored_one_as_it_was(
    store: Store,
) -> None:
    """The stored bound still holds after a small signal, so a worker may leave it; the evaluated one does not."""
    await store.apply(Transaction(partition=0, counter=0, states={"a": b"before"}, ranks={"all": {"a": 50.0}}))
    evaluated = Fresh("a", 50.0, b"before", 30.0)
    await store.apply(Transaction(partition=0, counter=1, states={"a": b"with a signal more"}))
    assert await store.refresh(0, "all", [evaluated]) == 0
    assert await store.refresh(0, "all", [evaluated._replace(state=None)]) == 0
    assert await store.refresh(0, "all", [evaluated._replace(state=b"with a signal more", priority=35.0)]) == 1
    assert await store.top("all", [0], 1) == [StoredRank(0, "a", 35.0)]


async def test_an_empty_state_is_not_the_same_as_none(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, states={"a": b""}, ranks={"all": {"a": 5.0, "b": 5.0}}))
    assert await store.refresh(0, "all", [Fresh("a", 5.0, None, 1.0), Fresh("b", 5.0, b"", 1.0)]) == 0
    assert await store.refresh(0, "all", [Fresh("a", 5.0, b"", 1.0), Fresh("b", 5.0, None, 1.0)]) == 2


async def test_a_fresh_bound_of_none_takes_the_account_off_the_list(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, ranks={"all": {"a": 10.0, "b": 20.0}}))
    assert await store.refresh(0, "all", [Fresh("a", 10.0, None, None)]) == 1
    assert await store.refresh(0, "all", []) == 0
    assert await store.top("all", [0], 9) == [StoredRank(0, "b", 20.0)]


async def test_a_fresh_bound_does_not_get_in_the_way_of_a_transaction(store: Store) -> None:
    await store.apply(Transaction(partition=0, counter=0, ranks={"all": {"a": 10.0}}))
    await store.refresh(0, "all", [Fresh("a", 10.0, None, 9.0)])
    assert (await store.positions(0)).counter == 1
