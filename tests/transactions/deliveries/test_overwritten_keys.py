"""Keys of the ledger that somebody wrote over with each other type of value."""

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel, Command
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.core.delivery.ledger import attempted, claimed
from signal_engine.engine.ports.delivery.ledger import DisabledDestination, LedgerHead, RowChange
from signal_engine.engine.ports.store import WrongServer
from tests.transactions.deliveries.test_ledger import NOW, SENT, a_row, new

ROOT = "of-tests.deliveries:"
PREFIX = "of-tests."
GARBAGE: dict[str, Command] = {
    "string": ("SET", "x"),
    "list": ("RPUSH", "x"),
    "set": ("SADD", "x"),
    "zset": ("ZADD", 1, "x"),
    "hash": ("HSET", "x", "y"),
    "stream": ("XADD", "1-1", "x", "y"),
}
HASHES = ("head", "rows", "alerts", "counts", "notes")
SETS = ("finished", "due:ops", "digest:ops", "looks:ops")
ALONE = {"head": {"head"}, **{part: {part} for part in ("counts", "notes", "finished", "looks:ops")}}


async def overwritten(channel: Channel, key: str, type_: str) -> None:
    name, *rest = GARBAGE[type_]
    await channel.calls([("DEL", key), (name, key, *rest)])


async def _whole(ledger: RedisLedger) -> None:
    """Read every part of a partition."""
    await ledger.head(0)
    await ledger.alerts(0, ["one"])
    for of in (ledger.due, ledger.for_digest, ledger.to_look_at):
        await of(0, "ops", NOW, 9)
    await ledger.counted(0)
    await ledger.notes(0)
    await ledger.prune(0, NOW - 9, 9)


async def works(ledger: RedisLedger) -> None:
    """A delivery from the topic to its end, with everything that a process and its readers ask meanwhile."""
    head = await ledger.head(0) or await ledger.begin(0, LedgerHead(5))
    row = a_row("again")
    if not await ledger.plan(0, head.position, head.position + 1, [new(row)]):  # lost: as `notify` does then
        head = await ledger.head(0) or await ledger.begin(0, LedgerHead(5))
        assert await ledger.plan(0, head.position, head.position + 1, [new(row)])
    assert row in await ledger.due(0, "ops", NOW, 9)
    assert await ledger.for_digest(0, "ops", NOW, 9) == await ledger.to_look_at(0, "ops", NOW, 9) == []
    assert await ledger.alerts(0, ["again"]) == [new(row).alert]
    after = attempted(claimed(row, "me", NOW), SENT, NOW + 1, 0.0)
    assert await ledger.change(0, [RowChange(row, after)]) == [True]
    assert after in [one async for one in ledger.every_row(0)]
    assert "sent" in {one.status for one in await ledger.counted(0)}
    assert (await ledger.notes(0))["ops"].last.last_success_at == NOW + 1
    assert await ledger.prune(0, NOW + 9, 9) == 1


@pytest.mark.parametrize("part", [*HASHES, *SETS])
async def test_a_part_of_another_type_is_named_and_kept_and_deliveries_go_on(channel: Channel, part: str) -> None:
    own = "zset" if part in SETS else "hash"
    for type_ in GARBAGE.keys() - {own}:
        away: list[tuple[str, str]] = []
        ledger = RedisLedger(channel, PREFIX, lambda *_: None, lambda *moved, away=away: away.append(moved))
        await ledger.begin(0, LedgerHead(5))
        assert await ledger.plan(0, 5, 9, [new(a_row("one"))])
        await overwritten(channel, f"{ROOT}{{0}}:{part}", type_)
        with pytest.raises(WrongServer, match="WRONGTYPE"):
            await _whole(RedisLedger(channel, PREFIX))
        await works(ledger)
        moved = ALONE.get(part, {part, "rows", "head"})
        assert set(away) == {(f"deliveries:{{0}}:{one}", f"deliveries:{{0}}:unreadable_{one}") for one in moved}
        assert len(away) == len(moved), "each is named once"
        assert await channel.call("TYPE", f"{ROOT}{{0}}:unreadable_{part}") == type_.encode()
        assert await channel.call("TYPE", f"{ROOT}{{0}}:{part}") in {own.encode(), b"none"}
        await channel.call("FLUSHALL")


@pytest.mark.parametrize("part", ["counts", "notes", "finished", "looks:late"])
async def test_nothing_is_missing_of_a_step_that_meets_another_type(channel: Channel, part: str) -> None:
    """Also where its first rows have been written by then."""
    ledger = RedisLedger(channel, PREFIX, lambda *_: None, lambda *_: None)
    await ledger.begin(0, LedgerHead(5))
    await overwritten(channel, f"{ROOT}{{0}}:{part}", "string")
    rows = [a_row("one"), a_row("two"), a_row("three", "late")]
    assert await ledger.plan(0, 5, 8, [new(row) for row in rows])
    assert await ledger.head(0) == LedgerHead(8)
    assert await ledger.due(0, "ops", NOW, 9) == sorted(rows[:2], key=lambda row: row.delivery_id)
    assert await ledger.due(0, "late", NOW, 9) == rows[2:]
    assert [one.many for one in await ledger.counted(0)] == [1, 2]
    assert await ledger.alerts(0, ["three"]) == [new(rows[2]).alert]


async def test_what_belongs_to_no_partition_begins_anew_too(channel: Channel) -> None:
    for key, own in (("partitions", "set"), ("disabled", "hash"), ("counter:flow:Ann Roe", "string")):
        for type_ in GARBAGE.keys() - {own}:
            away: list[tuple[str, str]] = []
            ledger = RedisLedger(channel, PREFIX, lambda *_: None, lambda *moved, away=away: away.append(moved))
            await overwritten(channel, ROOT + key, type_)
            assert await ledger.partitions() == []
            await ledger.begin(3, LedgerHead(5))
            assert await ledger.partitions() == [3]
            assert await ledger.counter("flow:Ann Roe") is None
            assert await ledger.replace_counter("flow:Ann Roe", None, b"[]")
            assert await ledger.disabled() == {}
            await ledger.disable("ops", DisabledDestination(NOW, "gone"))
            assert await ledger.enable("ops")
            assert away == [(f"deliveries:{key}", f"deliveries:unreadable_{key}")]
            assert await channel.call("TYPE", f"{ROOT}unreadable_{key}") == type_.encode()
            await channel.call("FLUSHALL")
