"""The store of transactions in Redis or Valkey."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from signal_engine.adapters.redis.connecting.channel import Argument, Channel, Command
from signal_engine.adapters.redis.connecting.disk import durability, on_disk
from signal_engine.adapters.redis.connecting.keys import Keys, checked
from signal_engine.adapters.redis.connecting.scripts import OUTCOMES, REFRESH
from signal_engine.adapters.redis.transactions import head
from signal_engine.adapters.redis.transactions.asking import PartCommand, ask
from signal_engine.adapters.redis.transactions.inspection import damages, probe
from signal_engine.adapters.redis.transactions.marks import without_mark
from signal_engine.adapters.redis.transactions.packing import hash_changes, read_entry
from signal_engine.adapters.redis.transactions.transaction import write
from signal_engine.engine.ports.history import ALERTS_KEPT, SIGNALS_KEPT, AccountHistory, Dated, OutcomesPage
from signal_engine.engine.ports.store import Damage, Damaged, Durability, Fresh, Loaded, Scanned, StoredRank, Waiting
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, Positions, Transaction, outbox_part
from signal_engine.engine.ports.views import ViewName

_READ_UP_TO: Final = ""
"""The field of a partition's outcomes that is no account."""


class RedisStore:
    """`Store` of one generation. Every call is one round trip."""

    def __init__(self, channel: Channel, prefix: str = "", generation: int = 0) -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)
        self._generation = generation

    async def apply(self, transaction: Transaction) -> Applied | NotApplied:
        """See `Store`."""
        return await write(self._channel, transaction, self._keys(transaction.partition))

    async def probe(self, partition: int) -> None:
        """See `Store`."""
        await probe(self._channel, self._keys(partition))

    async def damages(self, partition: int) -> list[Damage]:
        """See `Store`."""
        return await damages(self._channel, self._keys(partition))

    async def positions(self, partition: int) -> Positions:
        """See `Store`."""
        found = await self._ask(partition, ("HGETALL", self._keys(partition).head))
        with head.legible(partition):
            return head.positions(head.fields(found))

    async def load(self, partition: int, accounts: Sequence[str], *, acted: bool = True) -> Loaded:
        """See `Store`."""
        if not accounts:
            return Loaded([], [], [])
        keys = self._keys(partition)
        commands: list[Command] = [("HMGET", key, *accounts) for key in (keys.states, keys.fits)]
        if acted:
            commands.append(("HMGET", keys.actions, *accounts))
        states, fits, *rest = await ask(self._channel, [PartCommand(partition, keys, command) for command in commands])
        return Loaded(states, fits, rest[0] if rest else [None] * len(accounts))

    async def accounts(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """See `Store`."""
        return await self._scan(partition, self._keys(partition).states, cursor, limit)

    async def acted(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """See `Store`."""
        return await self._scan(partition, self._keys(partition).actions, cursor, limit)

    async def counts(self, partition: int) -> dict[str, int]:
        """See `Store`."""
        found = without_mark(await self._ask(partition, ("HGETALL", self._keys(partition).counts)))
        with head.legible(partition, "counts"):
            return {name.decode(): int(number) for name, number in _pairs(found)}

    async def views(self, partition: int, names: Sequence[ViewName]) -> list[bytes | None]:
        """See `Store`."""
        if not names:
            return []
        found: list[bytes | None] = await self._ask(partition, ("HMGET", self._keys(partition).views, *names))
        return found

    async def history(self, partition: int, account: str, days: Sequence[int]) -> AccountHistory:
        """See `Store`."""
        keys = self._keys(partition)
        commands: list[Command] = [
            ("LRANGE", keys.signals + account, 0, SIGNALS_KEPT - 1),
            ("LRANGE", keys.alerts + account, 0, ALERTS_KEPT - 1),
            *(("HGET", keys.scores(day), account) for day in days),
        ]
        signals, alerts, *scores = await ask(self._channel, [PartCommand(partition, keys, one) for one in commands])
        known = {day: float(score) for day, score in zip(days, scores, strict=True) if score is not None}
        return AccountHistory(signals, alerts, known)

    async def scores(self, partition: int, day: int) -> dict[str, float]:
        """See `Store`."""
        found = await self._ask(partition, ("HGETALL", self._keys(partition).scores(day)))
        return {account.decode(): float(score) for account, score in zip(found[::2], found[1::2], strict=True)}

    async def feed(self, partition: int, since: int, limit: int) -> list[Dated]:
        """See `Store`."""
        return await self._newest(partition, self._keys(partition).feed, since, limit)

    async def raises(self, partition: int, since: int, limit: int) -> list[Dated]:
        """See `Store`."""
        return await self._newest(partition, self._keys(partition).raises, since, limit)

    async def waiting(self, partition: int, outbox: Outbox, limit: int, after: str | None = None) -> list[Waiting]:
        """See `Store`."""
        stream = self._keys(partition).outbox(outbox)
        start = "-" if after is None else f"({after}"
        entries = await self._ask(partition, ("XRANGE", stream, start, "+", "COUNT", limit))
        with head.legible(partition, outbox_part(outbox)):
            return [Waiting(name.decode(), read_entry(fields)) for name, fields in entries]

    async def on_disk(self, partition: int, timeout_ms: int = 2000) -> bool | None:
        """See `Store`."""
        return await on_disk(self._channel, self._keys(partition).disk, timeout_ms)

    async def remove(self, partition: int, outbox: Outbox, entries: Sequence[str]) -> int:
        """See `Store`."""
        if not entries:
            return 0
        return int(await self._ask(partition, ("XDEL", self._keys(partition).outbox(outbox), *entries)))

    async def due(self, partition: int, until: int, limit: int) -> list[tuple[str, int]]:
        """See `Store`."""
        key = self._keys(partition).due
        command: Command = ("ZRANGEBYSCORE", key, "-inf", until, "WITHSCORES", "LIMIT", 0, limit + 1)
        found = await self._ask(partition, command)
        return [(account.decode(), int(float(at))) for account, at in _pairs(without_mark(found, limit=limit))]

    async def top(self, name: str, partitions: Sequence[int], limit: int) -> list[StoredRank]:
        """See `Store`."""
        asked = [
            PartCommand(partition, keys, ("ZREVRANGE", keys.ranks(name), 0, limit, "WITHSCORES"))
            for partition, keys in ((partition, self._keys(partition)) for partition in partitions)
        ]
        found = await ask(self._channel, asked)
        by_partition = [
            _stored_ranks(partition, without_mark(reply)) for partition, reply in zip(partitions, found, strict=True)
        ]
        highest_first = heapq.merge(*by_partition, key=lambda b: (b.priority, b.account.encode()), reverse=True)
        return list(islice(highest_first, limit))

    async def refresh(self, partition: int, name: str, fresh: Sequence[Fresh]) -> int:
        """See `Store`."""
        if not fresh:
            return 0
        keys = self._keys(partition)
        arguments: list[Argument] = []
        for account, read, state, priority in fresh:
            arguments += (account, read, int(state is not None), state or b"", "" if priority is None else priority)
        reply = await self._channel.run(REFRESH, [keys.ranks(name), keys.states], arguments)
        if isinstance(reply, list):
            key, found = (part.decode() for part in reply)
            raise Damaged(partition, [Damage(keys.name(key), found)])
        return int(reply)

    async def overlay(self, partition: int) -> dict[str, bytes]:
        """See `Store`."""
        found = await self._ask(partition, ("HGETALL", self._keys(partition).overlay))
        return {account.decode(): entry for account, entry in _pairs(found)}

    async def put_overlay(self, partition: int, entries: Mapping[str, bytes | None]) -> None:
        """See `Store`."""
        for command in hash_changes(self._keys(partition).overlay, entries) if entries else ():
            await self._ask(partition, command)

    async def outcomes_read(self, partition: int) -> bytes | None:
        """See `OutcomeHistory`."""
        found: bytes | None = await self._ask(partition, ("HGET", self._keys(partition).outcomes, _READ_UP_TO))
        return found

    async def outcomes(self, partition: int, accounts: Sequence[str]) -> list[bytes | None]:
        """See `OutcomeHistory`."""
        if not accounts:
            return []
        found: list[bytes | None] = await self._ask(partition, ("HMGET", self._keys(partition).outcomes, *accounts))
        return found

    async def with_outcomes(self, partition: int, cursor: int = 0, limit: int = 500) -> OutcomesPage:
        """See `OutcomeHistory`."""
        on, found = await self._ask(partition, ("HSCAN", self._keys(partition).outcomes, cursor, "COUNT", limit))
        pairs = {account.decode(): value for account, value in _pairs(found)}
        pairs.pop(_READ_UP_TO, None)
        return OutcomesPage(int(on), pairs)

    async def put_outcomes(
        self, partition: int, read: bytes | None, now_read: bytes, changed: Mapping[str, bytes], *, anew: bool = False
    ) -> bool:
        """See `OutcomeHistory`."""
        arguments: list[Argument] = [read or b"", now_read, int(anew)]
        for account, outcomes in changed.items():
            arguments += (account, outcomes)
        return bool(await self._channel.run(OUTCOMES, [self._keys(partition).outcomes], arguments))

    async def durability(self) -> Durability:
        """See `Store`."""
        return await durability(self._channel)

    async def _scan(self, partition: int, key: str, cursor: int, limit: int) -> Scanned:
        on, found = await self._ask(partition, ("HSCAN", key, cursor, "COUNT", limit))
        return Scanned(int(on), {account.decode(): value for account, value in _pairs(without_mark(found))})

    async def _newest(self, partition: int, key: str, since: int, limit: int) -> list[Dated]:
        command: Command = ("ZREVRANGEBYSCORE", key, "+inf", since, "WITHSCORES", "LIMIT", 0, limit)
        found = await self._ask(partition, command)
        return [Dated(int(at), record) for record, at in zip(found[::2], found[1::2], strict=True)]

    async def _ask(self, partition: int, command: Command) -> Any:
        return (await ask(self._channel, [PartCommand(partition, self._keys(partition), command)]))[0]

    def _keys(self, partition: int) -> Keys:
        return Keys.of(self._prefix, self._generation, partition)


def _pairs(reply: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(reply[::2], reply[1::2], strict=True)


def _stored_ranks(partition: int, reply: list[bytes]) -> Iterator[StoredRank]:
    """Bounds of a list, one by one: of many partitions' answers, only the highest are used."""
    for member, score in _pairs(reply):
        yield StoredRank(partition, member.decode(), float(score))
