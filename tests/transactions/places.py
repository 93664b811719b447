"""Where a store of transactions can live, behind one face, so that one suite runs on all of them."""

from copy import deepcopy
from typing import Any, Protocol

from signal_engine.adapters.memory.deliveries import MemoryLedger
from signal_engine.adapters.memory.inbox import MemoryInbox
from signal_engine.adapters.memory.redriven import MemoryRedriven
from signal_engine.adapters.memory.sent_digests import MemorySentDigests
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryGenerations, MemoryStore
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.deliveries.inbox import RedisInbox
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.redriven import RedisRedriven
from signal_engine.adapters.redis.sent_digests import RedisSentDigests
from signal_engine.adapters.redis.sync_ledger import RedisSyncLedger
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.delivery.inbox import Inbox
from signal_engine.engine.ports.delivery.ledger import Ledger
from signal_engine.engine.ports.delivery.sent_digests import SentDigests
from signal_engine.engine.ports.redriven import Redriven
from signal_engine.engine.ports.store import HEAD, Generations, Store
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.engine.sync.ledger import SyncLedger

KINDS = ("memory", "valkey", "redis")


class Place(Protocol):
    """An empty server."""

    def store(self, prefix: str = "", generation: int = 0) -> Store: ...

    def generations(self, prefix: str = "") -> Generations: ...

    def replayed(self, prefix: str = "") -> Redriven: ...

    def sent_digests(self, prefix: str = "") -> SentDigests: ...
    def ledger(self, prefix: str = "") -> Ledger: ...

    def inbox(self) -> Inbox: ...

    def sync_ledger(self, sink: str) -> SyncLedger: ...

    async def snapshot(self) -> dict[Any, Any]:
        """Every key with its value, byte for byte."""

    async def lose(self, partition: int, part: str) -> None:
        """Somebody removes one part of a partition (of generation 0, without a prefix), or its head."""

    async def copy(self, partition: int, part: str) -> Any:
        """A part as it is now, for `put_back`."""

    async def put_back(self, partition: int, part: str, copy: Any) -> None:
        """Somebody puts an older copy of a part beside the others."""


class MemoryPlace:
    def __init__(self) -> None:
        self.server = MemoryServer()
        self._ledgers: dict[str, MemoryLedger] = {}
        self._inbox = MemoryInbox()

    def store(self, prefix: str = "", generation: int = 0) -> MemoryStore:
        return MemoryStore(self.server, prefix, generation)

    def generations(self, prefix: str = "") -> MemoryGenerations:
        return MemoryGenerations(self.server, prefix)

    def replayed(self, prefix: str = "") -> MemoryRedriven:
        return MemoryRedriven(self.server, prefix)

    def sent_digests(self, prefix: str = "") -> MemorySentDigests:
        return MemorySentDigests(self.server, prefix)

    def ledger(self, prefix: str = "") -> MemoryLedger:
        return self._ledgers.setdefault(prefix, MemoryLedger())

    def inbox(self) -> MemoryInbox:
        return self._inbox

    def sync_ledger(self, sink: str) -> MemorySyncLedger:
        return MemorySyncLedger(self.server, "", sink)

    async def snapshot(self) -> dict[Any, Any]:
        kept = self.server
        return deepcopy({**kept.partitions, **kept.served, **kept.documents, **kept.fit_changes})

    async def lose(self, partition: int, part: str) -> None:
        data = self.server.partitions["", 0, partition]
        if part == HEAD:
            data.counter, data.opened = 0, None
            for held in (data.topics, data.origins, data.marks):
                held.clear()
        else:
            self._held(partition, part).clear()
            del data.carried[part]

    async def copy(self, partition: int, part: str) -> Any:
        return deepcopy((self._held(partition, part), self.server.partitions["", 0, partition].carried[part]))

    async def put_back(self, partition: int, part: str, copy: Any) -> None:
        held, self.server.partitions["", 0, partition].carried[part] = copy
        there = self._held(partition, part)
        there.clear()
        there.extend(held) if isinstance(there, list) else there.update(held)

    def _held(self, partition: int, part: str) -> Any:
        data = self.server.partitions["", 0, partition]
        kind, _, name = part.partition(":")
        if kind == "ranks":
            return data.ranks[name]
        return data.outboxes[Outbox(name)] if kind == "outbox" else getattr(data, kind)


class RedisPlace:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def store(self, prefix: str = "", generation: int = 0) -> RedisStore:
        return RedisStore(self.channel, prefix, generation)

    def generations(self, prefix: str = "") -> RedisGenerations:
        return RedisGenerations(self.channel, prefix)

    def replayed(self, prefix: str = "") -> RedisRedriven:
        return RedisRedriven(self.channel, prefix)

    def sent_digests(self, prefix: str = "") -> RedisSentDigests:
        return RedisSentDigests(self.channel, prefix)

    def ledger(self, prefix: str = "") -> RedisLedger:
        return RedisLedger(self.channel, prefix)

    def inbox(self) -> RedisInbox:
        return RedisInbox(self.channel)

    def sync_ledger(self, sink: str) -> RedisSyncLedger:
        return RedisSyncLedger(self.channel, "", sink)

    async def snapshot(self) -> dict[Any, Any]:
        keys = sorted(await self.channel.call("KEYS", "*"))
        return dict(zip(keys, await self.channel.calls([("DUMP", key) for key in keys]), strict=True))

    async def lose(self, partition: int, part: str) -> None:
        assert await self.channel.call("DEL", key_of(partition, part)) == 1

    async def copy(self, partition: int, part: str) -> Any:
        return await self.channel.call("DUMP", key_of(partition, part))

    async def put_back(self, partition: int, part: str, copy: Any) -> None:
        await self.channel.call("RESTORE", key_of(partition, part), 0, copy, "REPLACE")


def key_of(partition: int, part: str) -> str:
    """The key of a part, or of the head, in generation 0 without a prefix."""
    keys = Keys.of("", 0, partition)
    return keys.head if part == HEAD else keys.part(part)
