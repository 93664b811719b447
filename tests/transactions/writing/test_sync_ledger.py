"""What sinks were told: in memory and on servers alike."""

import asyncio

from signal_engine.engine.sync.ledger import SyncLedger
from tests.transactions.places import Place


async def everything(ledger: SyncLedger) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    cursor, more = 0, True
    while more:
        cursor, rows = await ledger.scan(cursor, 10)
        found |= rows
        more = bool(cursor)
    return found


async def test_rows_are_noted_read_removed_and_gone_through(place: Place) -> None:
    ledger = place.sync_ledger("one")
    rows = {f"a{number}.example": b"%d" % number for number in range(700)}
    await ledger.note(rows)
    assert await ledger.rows(["a3.example", "none.example", "a699.example"]) == [b"3", None, b"699"]
    assert await everything(ledger) == rows
    await ledger.note({"a3.example": None, "a4.example": b"x"}, b"state")
    assert await ledger.rows(["a3.example", "a4.example"]) == [None, b"x"]
    assert await ledger.state() == b"state"
    await ledger.note({})
    assert await ledger.state() == b"state"


async def test_each_sink_has_its_own(place: Place) -> None:
    one, two = place.sync_ledger("one"), place.sync_ledger("two")
    await one.note({"a.example": b"1"})
    await one.put_state(b"state")
    assert (await two.rows(["a.example"]), await two.state()) == ([None], None)
    assert await place.sync_ledger("one").rows(["a.example"]) == [b"1"]


async def test_it_is_one_turn_at_a_time_until_it_is_left_or_over(place: Place) -> None:
    ledger, other = place.sync_ledger("one"), place.sync_ledger("two")
    assert await ledger.take("a", 60_000)
    assert await ledger.take("a", 60_000), "whoever has it extends it"
    assert not await ledger.take("b", 60_000)
    assert await other.take("b", 60_000), "each sink has its own"
    await ledger.leave("b")
    assert not await ledger.take("b", 60_000), "it was not theirs to leave"
    await ledger.leave("a")
    assert await ledger.take("b", 1)
    async with asyncio.timeout(30):
        while not await ledger.take("a", 60_000):  # noqa: ASYNC110 (a turn of somebody who died ends by itself)
            await asyncio.sleep(0.01)


async def test_calls_are_counted_by_day(place: Place) -> None:
    ledger = place.sync_ledger("one")
    assert [await ledger.spend(1, 2), await ledger.spend(1, 3), await ledger.spend(2, 1)] == [2, 5, 1]
