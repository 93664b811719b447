"""Whoever reads a key that is somebody else's by now says that the partition is damaged, and not that the server is."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.fit_changes import RedisFitChanges
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.store import Damaged, Fresh, NotAllowed, StoreBusy, StoreFull, StoreTrouble
from signal_engine.engine.ports.transaction import Applied, Outbox, Transaction
from tests.transactions.trouble.test_damage import found

KEYS = Keys.of("", 0, 1)


class Read(NamedTuple):
    """One way to read a part of partition 1."""

    part: str
    read: Callable[[RedisStore, RedisFitChanges], Awaitable[object]]

    def __str__(self) -> str:
        return self.part


READS = (
    Read("head", lambda store, _: store.positions(1)),
    Read("states", lambda store, _: store.load(1, ["acme.com"])),
    Read("fits", lambda store, _: store.load(1, ["acme.com"])),
    Read("actions", lambda store, _: store.load(1, ["acme.com"])),
    Read("states", lambda store, _: store.accounts(1)),
    Read("actions", lambda store, _: store.acted(1)),
    Read("counts", lambda store, _: store.counts(1)),
    Read("views", lambda store, _: store.views(1, ["read_until"])),
    Read("due", lambda store, _: store.due(1, 9, 9)),
    Read("outbox:alerts", lambda store, _: store.waiting(1, Outbox.ALERTS, 9)),
    Read("outbox:alerts", lambda store, _: store.remove(1, Outbox.ALERTS, ["1-0"])),
    Read("ranks:all", lambda store, _: store.top("all", [0, 1], 9)),
    Read("ranks:all", lambda store, _: store.refresh(1, "all", [Fresh("acme.com", 2.0, b"1", 2.0)])),
    Read("states", lambda store, _: store.refresh(1, "all", [Fresh("acme.com", 2.0, b"1", 2.0)])),
    Read("fits", lambda _, changes: changes.applied(1)),
    Read("fits:2", lambda _, changes: changes.read(1, 2)),
    Read("signals:acme.com", lambda store, _: store.history(1, "acme.com", [3])),
    Read("alerts:acme.com", lambda store, _: store.history(1, "acme.com", [3])),
    Read("scores:3", lambda store, _: store.history(1, "acme.com", [3])),
    Read("scores:3", lambda store, _: store.scores(1, 3)),
    Read("feed", lambda store, _: store.feed(1, 0, 9)),
    Read("raises", lambda store, _: store.raises(1, 0, 9)),
)


@pytest.mark.parametrize("one", READS, ids=str)
async def test_a_key_of_another_type_is_damage_to_whoever_reads_it(channel: Channel, one: Read) -> None:
    store, changes = RedisStore(channel), RedisFitChanges(channel)
    for number in (0, 1):
        ranked = Transaction(partition=number, counter=0, states={"acme.com": b"1"}, ranks={"all": {"acme.com": 2.0}})
        assert await store.apply(ranked) == Applied(1)
    await one.read(store, changes)
    await channel.calls([("DEL", KEYS.part(one.part)), ("SET", KEYS.part(one.part), "somebody else's")])
    with pytest.raises(Damaged, match=rf"partition 1 .*{one.part}: WRONGTYPE") as caught:
        await one.read(store, changes)
    assert (caught.value.partition, found(list(caught.value.damages))) == (1, [one.part])


class Passing(NamedTuple):
    """A state of the server in which a bound cannot be lowered."""

    why: str
    begin: tuple[str, ...]
    end: tuple[str, ...]
    trouble: type[StoreTrouble]

    def __str__(self) -> str:
        return self.why


PASSING = (
    Passing("a right is missing", ("ACL", "SETUSER", "default", "-zadd"), ("ACL", "SETUSER", "default", "+@all"),
            NotAllowed),
    Passing("no right to read", ("ACL", "SETUSER", "default", "-zscore"), ("ACL", "SETUSER", "default", "+@all"),
            NotAllowed),
    Passing("a replica", ("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE"), StoreBusy),
    Passing("too few replicas", ("CONFIG", "SET", "min-replicas-to-write", "1"),
            ("CONFIG", "SET", "min-replicas-to-write", "0"), StoreFull),
    Passing("no memory", ("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0"), StoreFull),
)  # fmt: skip


@pytest.mark.parametrize("passing", PASSING, ids=str)
async def test_what_passes_by_itself_does_so_inside_a_script_too(channel: Channel, passing: Passing) -> None:
    """A server words it otherwise there: a worker ended for want of a right that was back a moment later."""
    store = RedisStore(channel)
    await store.apply(Transaction(partition=1, counter=0, states={"acme.com": b"1"}, ranks={"all": {"acme.com": 2.0}}))
    lower = [Fresh("acme.com", 2.0, b"1", 1.0)]
    await channel.call(*passing.begin)
    try:
        with pytest.raises(StoreTrouble) as caught:
            await store.refresh(1, "all", lower)
    finally:
        async with Channel(f"redis://{channel.address}") as other:
            await other.call(*passing.end)
    assert type(caught.value) is passing.trouble
    assert await store.refresh(1, "all", lower) == 1
