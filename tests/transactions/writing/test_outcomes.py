"""The outcomes of accounts, which no transaction writes, and how far their topic has been read."""

from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Transaction


async def test_outcomes_are_written_with_how_far_their_topic_is_read(store: Store) -> None:
    assert await store.outcomes_read(0) is None
    assert await store.outcomes(0, ["a.com"]) == [None]
    assert await store.outcomes(0, []) == []
    assert await store.put_outcomes(0, None, b"2 id", {"a.com": b"[1]", "b.com": b"\x00"})
    assert await store.put_outcomes(0, b"2 id", b"3 id", {"b.com": b"[2]"})
    assert await store.put_outcomes(0, b"3 id", b"4 id", {})
    assert await store.outcomes_read(0) == b"4 id"
    assert await store.outcomes(0, ["b.com", "c.com", "a.com"]) == [b"[2]", None, b"[1]"]
    assert (await store.with_outcomes(0)).values == {"a.com": b"[1]", "b.com": b"[2]"}
    assert await store.outcomes(1, ["a.com"]) == [None]


async def test_who_did_not_see_the_last_write_changes_nothing(store: Store) -> None:
    assert not await store.put_outcomes(0, b"1 id", b"2 id", {"a.com": b"[1]"})
    assert await store.outcomes_read(0) is None
    assert await store.put_outcomes(0, None, b"1 id", {"a.com": b"[1]"})
    for late in (None, b"0 id"):
        assert not await store.put_outcomes(0, late, b"9 id", {"a.com": b"[late]"}, anew=True)
    assert await store.outcomes_read(0) == b"1 id"
    assert await store.outcomes(0, ["a.com"]) == [b"[1]"]


async def test_what_is_of_another_topic_is_removed_whole(store: Store) -> None:
    assert await store.put_outcomes(0, None, b"1 old", {"a.com": b"[1]", "b.com": b"[1]"})
    assert await store.put_outcomes(0, b"1 old", b"1 new", {"b.com": b"[2]"}, anew=True)
    assert (await store.with_outcomes(0)).values == {"b.com": b"[2]"}
    assert await store.outcomes_read(0) == b"1 new"


async def test_many_accounts_are_gone_through_without_leaving_one_out(store: Store) -> None:
    names = {f"a{number}.com": b"[]" for number in range(1_200)}
    for start in range(0, 1_200, 400):
        some = dict([*names.items()][start : start + 400])
        assert await store.put_outcomes(0, await store.outcomes_read(0), str(start).encode(), some)
    found: dict[str, bytes] = {}
    cursor, more = 0, True
    while more:
        cursor, values = await store.with_outcomes(0, cursor, 100)
        found |= values
        more = bool(cursor)
    assert found == names


async def test_outcomes_are_no_part_of_the_partition_that_transactions_write(store: Store) -> None:
    await store.put_outcomes(0, None, b"1 id", {"a.com": b"[1]"})
    assert await store.damages(0) == []
    assert (await store.positions(0)).counter == 0
    await store.apply(Transaction(partition=0, counter=0, states={"a.com": b"state"}))
    assert await store.outcomes(0, ["a.com"]) == [b"[1]"]
    assert (await store.accounts(0)).values == {"a.com": b"state"}
