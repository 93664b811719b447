"""`engine.ports.delivery.ledger.Ledger` in Redis or Valkey. A step is one script over the keys of one partition."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Final

import orjson

from signal_engine.adapters.redis.connecting.channel import Argument, Channel
from signal_engine.adapters.redis.connecting.disk import on_disk
from signal_engine.adapters.redis.connecting.scripts import DELIVERIES, DROP_LOST, REPLACE
from signal_engine.adapters.redis.deliveries.changes import arguments_of
from signal_engine.adapters.redis.deliveries.own_keys import LedgerKeys
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.engine.ports.delivery.ledger import (
    CountedRows,
    DestinationNotes,
    DisabledDestination,
    LedgerHead,
    NewRow,
    RowChange,
    RowNote,
    notes_of,
)
from signal_engine.wire.storage import deliveries
from signal_engine.wire.storage.documents import UnreadableDocument, reading

_DISK_TIMEOUT_MS: Final = 2_000
_SCAN_ROWS: Final = 500
_FIRST_OR_NONE: Final = "first"
_LAST_OFFSET: Final = 2**63 - 1


class RedisLedger:
    """See `Ledger`. The ledger is of no generation: what was sent stays sent when scores are built anew."""

    def __init__(
        self,
        channel: Channel,
        prefix: str = "",
        set_aside: Callable[[int, str], None] | None = None,
        put_away: Callable[[str, str], None] | None = None,
    ) -> None:
        """`set_aside` is told partition and delivery id of each row that is due and cannot be read, once: it is kept
        apart then. `put_away` is told each key that cannot be read, and the key under which it is kept, without the
        prefix: to others it is as if it were lost. Without them, as for readers, such rows are passed over, and such a
        key is an error. Raises ValueError for a prefix with braces.
        """
        self._channel, self._set_aside = channel, set_aside
        self._keys = LedgerKeys(channel, prefix, put_away)
        self._key = self._keys.of

    async def head(self, partition: int) -> LedgerHead | None:
        """See `Ledger`."""
        found = await self._keys.call("HMGET", self._key(partition, "head"), "position", "uncertain_below")
        if found[0] is None:
            return None
        try:
            with reading("how far alerts have been read"):
                return LedgerHead(_offset(found[0]), _offset(found[1] or b"0"))
        except UnreadableDocument:
            if not self._keys.moves:
                raise
            moved = await self._keys.put_away_head(partition, found[0])
        return None if moved else await self.head(partition)

    async def begin(self, partition: int, head: LedgerHead) -> LedgerHead:
        """See `Ledger`."""
        key = self._key(partition, "head")
        await self._keys.calls(
            [
                ("SADD", self._keys.shared("partitions"), partition),
                ("HSETNX", key, "uncertain_below", head.uncertain_below),
                ("HSETNX", key, "position", head.position),
            ]
        )
        return await self.head(partition) or head

    async def partitions(self) -> list[int]:
        """See `Ledger`."""
        found = await self._keys.call("SMEMBERS", self._keys.shared("partitions"))
        return sorted(int(one) for one in found if one.isdigit())

    async def plan(self, partition: int, before: int, after: int, rows: Sequence[NewRow]) -> bool:
        """See `Ledger`."""
        changes = [(None, one.row, one.alert) for one in rows]
        return await self._written(partition, [before, after], changes) is not None

    async def change(self, partition: int, changes: Sequence[RowChange]) -> list[bool]:
        """See `Ledger`."""
        if not changes:
            return []
        written = await self._written(partition, ["", ""], [(one.before, one.after, b"") for one in changes])
        return [bool(one) for one in written or ()]

    async def add_with(self, partition: int, change: RowChange, rows: Sequence[NewRow]) -> bool:
        """See `Ledger`."""
        made = [(None, one.row, one.alert) for one in rows]
        changes = [(change.before, change.after, b""), *made]
        return await self._written(partition, ["", _FIRST_OR_NONE], changes) is not None

    async def _written(
        self,
        partition: int,
        positions: Sequence[Argument],
        changes: Sequence[tuple[DeliveryRow | None, DeliveryRow, bytes]],
    ) -> list[int] | None:
        places = {name: n for n, name in enumerate(dict.fromkeys(after.destination for _, after, _ in changes), 1)}
        keys = [self._key(partition, part) for part in ("head", "rows", "alerts", "finished", "counts", "notes")]
        for name in places:
            keys += [self._key(partition, f"{part}:{name}") for part in ("due", "digest", "looks")]
        arguments = list(positions)
        for before, after, alert in changes:
            arguments += arguments_of(before, after, alert, places[after.destination])
        written: list[int] | None = await self._keys.run(DELIVERIES, keys, arguments)
        return written

    async def due(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        return await self._by_instant(partition, f"due:{destination}", until, limit)

    async def for_digest(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        return await self._by_instant(partition, f"digest:{destination}", until, limit)

    async def _by_instant(self, partition: int, part: str, until: int, limit: int) -> list[DeliveryRow]:
        key = self._key(partition, part)
        ids = await self._keys.call("ZRANGEBYSCORE", key, "-inf", until, "LIMIT", 0, limit)
        if not ids:
            return []
        stored = await self._keys.call("HMGET", self._key(partition, "rows"), *ids)
        if self._set_aside is not None and None in stored:  # else they take the place of others for ever
            lost = [one for one, value in zip(ids, stored, strict=True) if value is None]
            await self._keys.run(DROP_LOST, [key, self._key(partition, "rows")], lost)
        found = []
        for delivery_id, value in zip(ids, stored, strict=True):
            row = _read(value)
            if row is not None:
                found.append(row)
            elif value is not None and self._set_aside is not None:
                await self._keep_apart(partition, part.partition(":")[2], delivery_id, value)
                self._set_aside(partition, delivery_id.decode(errors="replace"))
        return found

    async def _keep_apart(self, partition: int, destination: str, delivery_id: bytes, value: bytes) -> None:
        """Nobody meets the row any more; its bytes stay for whoever looks into it."""
        indexes = (self._key(partition, f"{part}:{destination}") for part in ("due", "digest", "looks"))
        await self._keys.calls(
            [
                ("HSET", self._key(partition, "unreadable"), delivery_id, value),
                ("HDEL", self._key(partition, "rows"), delivery_id),
                *(("ZREM", index, delivery_id) for index in indexes),
            ]
        )

    async def to_look_at(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        return await self._by_instant(partition, f"looks:{destination}", until, limit)

    async def rows(self, partition: int, delivery_ids: Sequence[str]) -> list[DeliveryRow | None]:
        """See `Ledger`."""
        return await self._rows(partition, delivery_ids)

    async def _rows(self, partition: int, ids: Sequence[Any]) -> list[DeliveryRow | None]:
        if not ids:
            return []
        found = await self._keys.call("HMGET", self._key(partition, "rows"), *ids)
        return [_read(value) for value in found]

    async def every_row(self, partition: int) -> AsyncIterator[DeliveryRow]:
        """See `Ledger`."""
        cursor = 0
        while True:
            on, found = await self._keys.call("HSCAN", self._key(partition, "rows"), cursor, "COUNT", _SCAN_ROWS)
            for value in found[1::2]:
                if (row := _read(value)) is not None:
                    yield row
            if (cursor := int(on)) == 0:
                return

    async def alerts(self, partition: int, delivery_ids: Sequence[str]) -> list[bytes | None]:
        """See `Ledger`."""
        if not delivery_ids:
            return []
        return [*await self._keys.call("HMGET", self._key(partition, "alerts"), *delivery_ids)]

    async def counted(self, partition: int) -> list[CountedRows]:
        """See `Ledger`."""
        found = await self._keys.call("HGETALL", self._key(partition, "counts"))
        counted = (_counted(field, n) for field, n in zip(found[::2], found[1::2], strict=True))
        return sorted(one for one in counted if one is not None and one.many)

    async def notes(self, partition: int) -> dict[str, DestinationNotes]:
        """See `Ledger`."""
        found = await self._keys.call("HGETALL", self._key(partition, "notes"))
        noted: dict[str, DestinationNotes] = {}
        for field, value in zip(found[::2], found[1::2], strict=True):
            if (one := _noted(field, value)) is None:
                continue
            destination, notes = one
            noted[destination] = noted.get(destination, DestinationNotes()).later(notes)
        return noted

    async def prune(self, partition: int, before: int, limit: int) -> int:
        """See `Ledger`. Counts go on: they are of all time."""
        key = self._key(partition, "finished")
        ids = await self._keys.call("ZRANGEBYSCORE", key, "-inf", f"({before}", "LIMIT", 0, limit)
        if ids:
            followed = {row.destination for row in await self._rows(partition, ids) if row is not None and row.look_at}
            await self._keys.calls(
                [
                    ("HDEL", self._key(partition, "alerts"), *ids),
                    ("HDEL", self._key(partition, "rows"), *ids),
                    ("ZREM", key, *ids),
                    *(("ZREM", self._key(partition, f"looks:{name}"), *ids) for name in sorted(followed)),
                ]
            )
        return len(ids)

    async def disable(self, destination: str, disabled: DisabledDestination) -> None:
        """See `Ledger`."""
        await self._keys.call("HSET", self._keys.shared("disabled"), destination, orjson.dumps([*disabled]))

    async def enable(self, destination: str) -> bool:
        """See `Ledger`."""
        return bool(await self._keys.call("HDEL", self._keys.shared("disabled"), destination))

    async def disabled(self) -> dict[str, DisabledDestination]:
        """See `Ledger`."""
        found = await self._keys.call("HGETALL", self._keys.shared("disabled"))
        pairs = zip(found[::2], found[1::2], strict=True)
        return {name.decode(errors="replace"): _disabled(value) for name, value in pairs}

    async def counter(self, name: str) -> bytes | None:
        """See `Ledger`."""
        found: bytes | None = await self._keys.call("GET", self._keys.shared(f"counter:{name}"))
        return found

    async def replace_counter(self, name: str, old: bytes | None, new: bytes) -> bool:
        """See `Ledger`."""
        arguments = [new] if old is None else [new, old]
        return bool(await self._keys.run(REPLACE, [self._keys.shared(f"counter:{name}")], arguments))

    async def on_disk(self) -> bool | None:
        """See `Ledger`."""
        return await on_disk(self._channel, self._keys.shared("disk"), _DISK_TIMEOUT_MS)


def _offset(value: bytes) -> int:
    """As scripts write it, since they compare it as text. Raises ValueError."""
    offset = int(value)
    if not 0 <= offset <= _LAST_OFFSET or value != b"%d" % offset:
        raise ValueError("no offset")
    return offset


def _read(value: bytes | None) -> DeliveryRow | None:
    """The row; None where there is none, or none that can be read."""
    if value is None:
        return None
    try:
        return deliveries.decode(value)
    except UnreadableDocument:
        return None


def _counted(field: bytes, many: bytes) -> CountedRows | None:
    """None where it cannot be read, and counts for nothing."""
    try:
        with reading("how many deliveries there are"):
            destination, type_, status = orjson.loads(field)
            return CountedRows(f"{destination}", f"{type_}", f"{status}", int(many))
    except UnreadableDocument:
        return None


def _noted(field: bytes, value: bytes) -> tuple[str, DestinationNotes] | None:
    """A destination and what happened there; None where that cannot be read: the next delivery replaces it."""
    try:
        with reading("what happened last at a destination"):
            kind, destination, *of = orjson.loads(field)  # earlier versions wrote no type
            at, said = orjson.loads(value)
            note = RowNote(f"{kind}", int(at), None if said is None else f"{said}")
            return f"{destination}", notes_of(note, f"{of[0]}" if of else None)
    except UnreadableDocument:
        return None


def _disabled(value: bytes) -> DisabledDestination:
    """What cannot be read disables, too: better to send nothing until somebody looks."""
    try:
        with reading("why a destination is disabled"):
            at, said = orjson.loads(value)
            return DisabledDestination(int(at), f"{said}")
    except UnreadableDocument:
        return DisabledDestination(0, "why cannot be read: its field of deliveries:disabled was not written by us")
