"""A record may leave once it is on disk: the server is asked, and says so where it cannot tell."""

import time

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.disk import EVICTS_HISTORY, NO_AOF, NO_SYNC
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.store import Durability, StoreFull, WrongServer
from signal_engine.engine.ports.transaction import Outbox, Outgoing, Transaction
from tests.transactions.own_server import embedded_server

RECORD = Outgoing("alerts", "acme.com", b"{}")


async def write(store: RedisStore) -> None:
    await store.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: [RECORD, RECORD]}))


async def test_valkey_tells_when_a_record_is_on_disk(valkey_url: str) -> None:
    async with Channel(valkey_url) as channel:
        await channel.call("FLUSHALL")
        store = RedisStore(channel)
        assert await store.durability() == Durability(on_disk=True, can_tell=True, warnings=())
        await write(store)
        assert await store.on_disk(0) is True


async def test_who_has_written_nothing_itself_waits_for_what_others_wrote(valkey_url: str) -> None:
    """`WAITAOF` alone would answer at once: it waits for the writes of its own connection."""
    async with Channel(valkey_url) as writer, Channel(valkey_url) as sender:
        await writer.call("FLUSHALL")
        await writer.call("CONFIG", "SET", "appendfsync", "no")
        try:
            await write(RedisStore(writer))
            assert await sender.call("WAITAOF", 1, 0, 50) == [1, 0]
            _, after_a_mark = await sender.calls([("SET", "mark", ""), ("WAITAOF", 1, 0, 50)])
            assert after_a_mark == [0, 0]
        finally:
            await writer.call("CONFIG", "SET", "appendfsync", "everysec")


async def test_a_server_too_full_for_the_mark_does_not_pass_for_one_that_has_synced(channel: Channel) -> None:
    await write(RedisStore(channel))
    await channel.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull):
            await RedisStore(channel).on_disk(0, 100)
    finally:
        await channel.call("CONFIG", "SET", "maxmemory", 0)


@pytest.mark.parametrize(("setting", "warning"), [(("--appendonly", "no"), NO_AOF), (("--appendfsync", "no"), NO_SYNC)])
async def test_where_the_server_cannot_tell_it_says_so_at_once_and_a_warning_does_at_start(
    setting: tuple[str, str], warning: str
) -> None:
    with embedded_server(None, *setting) as url:
        async with Channel(url) as channel:
            store = RedisStore(channel)
            durability = await store.durability()
            assert durability == Durability(setting[0] == "--appendfsync", can_tell=False, warnings=(warning,))
            await write(store)
            started = time.monotonic()
            assert await store.on_disk(0, 20) is None
            assert time.monotonic() - started < 1


async def test_a_server_without_the_command_cannot_tell(redis_url: str) -> None:
    async with Channel(redis_url) as channel:
        if (await channel.call("COMMAND", "INFO", "WAITAOF"))[0] is not None:
            pytest.skip("this Redis has WAITAOF")
        await channel.call("FLUSHALL")
        store = RedisStore(channel)
        assert await store.durability() == Durability(on_disk=True, can_tell=False, warnings=())
        await write(store)
        assert await store.on_disk(0) is None


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
async def test_a_server_that_evicts_any_key_is_not_to_be_worked_with(channel: Channel, policy: str) -> None:
    """Without a limit on memory nothing is evicted."""
    store = RedisStore(channel)
    await channel.call("CONFIG", "SET", "maxmemory-policy", policy)
    try:
        (await store.durability()).check()
        await channel.call("CONFIG", "SET", "maxmemory", "100mb")
        durability = await store.durability()
        assert durability.warnings == ()
        with pytest.raises(WrongServer, match=policy):
            durability.check()
    finally:
        await channel.calls([("CONFIG", "SET", "maxmemory", 0), ("CONFIG", "SET", "maxmemory-policy", "noeviction")])


async def test_a_server_that_evicts_what_goes_by_itself_is_warned_of(channel: Channel) -> None:
    settings = [("CONFIG", "SET", "maxmemory", "100mb"), ("CONFIG", "SET", "maxmemory-policy", "volatile-lru")]
    await channel.calls(settings)
    try:
        durability = await RedisStore(channel).durability()
        durability.check()
        assert durability.warnings == (EVICTS_HISTORY.format(policy="volatile-lru"),)
    finally:
        await channel.calls([("CONFIG", "SET", "maxmemory", 0), ("CONFIG", "SET", "maxmemory-policy", "noeviction")])
