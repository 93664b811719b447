"""Redis does not roll back: what a write that fails leaves behind is found, and rights are looked at first."""

from collections.abc import AsyncIterator

import pytest
from redis.asyncio.connection import Connection

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions.inspection import _commands
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.history import Dated, History
from signal_engine.engine.ports.store import HEAD, Damaged, NotAllowed
from signal_engine.engine.ports.transaction import Applied, Transaction
from tests.transactions.places import RedisPlace, key_of
from tests.transactions.trouble.test_damage import PARTS, damaged_for_good, found, transaction

KEYS = Keys.of("", 0, 0)
HISTORY = History(signals={"a": [b"1"]}, alerts={"a": [b"1"]}, scores={1: {"a": 1.0}}, feed=[Dated(1, b"1")])


@pytest.mark.parametrize("part", PARTS)
async def test_a_key_of_another_type_leaves_the_transaction_open(channel: Channel, part: str) -> None:
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.calls([("DEL", key_of(0, part)), ("SET", key_of(0, part), "somebody else's")])
    assert found(await store.damages(0)) == [part]
    with pytest.raises(Damaged, match=rf"{part}: .*WRONGTYPE"):
        await store.apply(transaction(1))
    await damaged_for_good(store, 1)


async def test_a_head_of_another_type_is_damage(channel: Channel) -> None:
    await channel.call("SET", KEYS.head, "somebody else's")
    store = RedisStore(channel)
    assert found(await store.damages(0)) == [HEAD, "fits"], "there are no rows, and no head says that there were none"
    with pytest.raises(Damaged, match="head: WRONGTYPE"):
        await store.apply(transaction(0))


async def test_a_counter_that_is_no_number_leaves_the_transaction_open(channel: Channel) -> None:
    """The marks of all keys are right then: it is the closing script that adds to counters, and ends there."""
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.call("HSET", key_of(0, "counts"), "received", "many")
    with pytest.raises(Damaged, match=r"counts: .*not an integer"):
        await store.apply(transaction(1))
    await damaged_for_good(store, 1)


@pytest.mark.parametrize("key", [f"{KEYS.signals}a", f"{KEYS.alerts}a", KEYS.feed, KEYS.days, KEYS.scores(1)])
async def test_a_history_of_another_type_is_told(channel: Channel, key: str) -> None:
    store = RedisStore(channel)
    await channel.call("XADD", key, "*", "somebody", "else's")
    with pytest.raises(Damaged, match="WRONGTYPE"):
        await store.apply(Transaction(partition=0, counter=0, history=HISTORY))


async def test_a_stranger_who_writes_the_head_in_between_does_not_break_a_transaction(channel: Channel) -> None:
    """It watches the head: what it was decided by is what it is written on."""
    store = RedisStore(channel)
    answers, between = Channel.connected, 0

    class Disturbing(Channel):
        def connected(self):  # type: ignore[no-untyped-def]
            opened = answers(self)

            class Slowly:
                async def __aenter__(self):  # type: ignore[no-untyped-def]
                    connection = await opened.__aenter__()
                    ask = connection.answers

                    async def told(commands):  # type: ignore[no-untyped-def]
                        nonlocal between
                        if commands[-1] == ("EXEC",) and between < 2:
                            between += 1
                            await channel.call("HSET", KEYS.head, "stranger", between)
                        return await ask(commands)

                    connection.answers = told
                    return connection

                async def __aexit__(self, *what: object) -> None:
                    await opened.__aexit__(*what)  # type: ignore[arg-type]

            return Slowly()

    async with Disturbing(f"redis://{channel.address}") as disturbing:
        assert await RedisStore(disturbing).apply(transaction(0)) == Applied(1)
    assert between == 2
    assert (await store.counts(0))["received"] == 1
    assert await store.damages(0) == []


@pytest.fixture
async def limited(channel: Channel) -> AsyncIterator[Channel]:
    """A connection as a user whose rights a test takes away by the other one."""
    await channel.call("ACL", "SETUSER", "worker", "on", "nopass", "~*", "&*", "+@all")
    async with Channel(f"redis://worker:any@{channel.address}") as mine:
        yield mine
    await channel.call("ACL", "DELUSER", "worker")


COMMANDS = sorted({"WATCH", "MULTI", "EXEC", "DISCARD", *(str(command[0]) for command in _commands(KEYS))})


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_command_that_may_not_be_run_is_named_before_anything_is_done(
    channel: Channel, limited: Channel, command: str
) -> None:
    store = RedisStore(limited)
    await store.probe(0)
    await channel.call("ACL", "SETUSER", "worker", f"-{command.lower()}")
    with pytest.raises(NotAllowed, match=rf"does not let its user run {command}\b"):
        await store.probe(0)
    assert await RedisPlace(channel).snapshot() == {}


TAKEN_AWAY = ("zadd", "hset", "xadd", "hincrby", "zincrby", "eval", "lpush", "multi", "exec", "discard|exec")


@pytest.mark.parametrize("command", TAKEN_AWAY)
async def test_a_right_that_is_taken_away_later_discards_the_whole_transaction(
    channel: Channel, limited: Channel, command: str
) -> None:
    store, place = RedisStore(limited), RedisPlace(channel)
    await store.apply(transaction(0))
    before = await place.snapshot()
    await channel.call("ACL", "SETUSER", "worker", *(f"-{name}" for name in command.split("|")))
    whole = Transaction(partition=0, counter=1, states={"a": b"1"}, ranks={"all": {"a": 1.0}}, counts={"received": 1},
                 outbox=transaction(1).outbox, history=HISTORY)  # fmt: skip
    with pytest.raises(NotAllowed, match=command.rsplit("|", maxsplit=1)[-1]):
        await store.apply(whole)
    assert await place.snapshot() == before
    await channel.call("ACL", "SETUSER", "worker", "+@all")
    assert await store.apply(whole) == Applied(2)


async def test_a_key_that_may_not_be_written_is_found_too(channel: Channel, limited: Channel) -> None:
    await channel.call("ACL", "SETUSER", "worker", "resetkeys", "~other:*")
    with pytest.raises(NotAllowed, match="WATCH"):
        await RedisStore(limited).probe(0)
    await channel.call("ACL", "SETUSER", "worker", f"~{KEYS.head}", f"~{KEYS.fits}")
    with pytest.raises(NotAllowed, match=r"HSET g0:.0.:states"):
        await RedisStore(limited).probe(0)
    await RedisStore(limited, "other:").probe(0)


async def test_a_full_server_is_neither_damaged_nor_one_that_lacks_a_command(channel: Channel) -> None:
    """Inside a transaction it would not even let itself be read."""
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.call("CONFIG", "SET", "maxmemory", 1)
    try:
        await store.probe(0)
        assert await store.damages(0) == []
    finally:
        await channel.call("CONFIG", "SET", "maxmemory", 0)


@pytest.mark.parametrize("command", ["hget", "zscore", "xinfo", "hgetall", "hmget"])
async def test_a_mark_that_may_not_be_read_is_no_damage(channel: Channel, limited: Channel, command: str) -> None:
    store = RedisStore(limited)
    await store.apply(transaction(0))
    await channel.call("ACL", "SETUSER", "worker", f"-{command}")
    with pytest.raises(NotAllowed, match=command):
        await store.damages(0)


async def test_probing_writes_nothing_and_can_be_repeated(channel: Channel) -> None:
    store = RedisStore(channel)
    await store.apply(transaction(0))
    before = await RedisPlace(channel).snapshot()
    for _ in range(2):
        await store.probe(0)
    assert await RedisPlace(channel).snapshot() == before


async def test_replies_are_read_where_redis_py_keeps_them(channel: Channel) -> None:
    """The private names that are used: an upgrade that moves them fails here and nowhere else."""
    many = await channel.calls([("ECHO", n) for n in range(3_000)])
    assert many == [b"%d" % n for n in range(3_000)]
    connection = await channel._acquire()
    try:
        assert isinstance(connection, Connection)
        assert callable(connection._parser._reader.gets)
    finally:
        await channel._pool.release(connection)
