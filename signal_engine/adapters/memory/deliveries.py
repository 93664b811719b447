"""The ledger of deliveries in memory: the twin of the one in Redis."""

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field

from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.engine.ports.delivery.ledger import (
    CountedRows,
    DestinationNotes,
    DisabledDestination,
    LedgerHead,
    NewRow,
    RowChange,
    count_fields,
    note_of,
    notes_of,
)


@dataclass(slots=True)
class _PartitionRows:
    head: LedgerHead | None = None
    rows: dict[str, DeliveryRow] = field(default_factory=dict)
    alerts: dict[str, bytes] = field(default_factory=dict)
    counts: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    notes: dict[str, DestinationNotes] = field(default_factory=dict)


class MemoryLedger:
    """See `Ledger`. Nothing in it awaits, so every call is atomic."""

    def __init__(self) -> None:
        self.by_partition: dict[int, _PartitionRows] = {}
        self._disabled: dict[str, DisabledDestination] = {}
        self._counters: dict[str, bytes] = {}

    def _of(self, partition: int) -> _PartitionRows:
        return self.by_partition.setdefault(partition, _PartitionRows())

    async def head(self, partition: int) -> LedgerHead | None:
        """See `Ledger`."""
        return self._of(partition).head

    async def begin(self, partition: int, head: LedgerHead) -> LedgerHead:
        """See `Ledger`."""
        there = self._of(partition)
        there.head = there.head or head
        return there.head

    async def partitions(self) -> list[int]:
        """See `Ledger`."""
        return sorted(number for number, there in self.by_partition.items() if there.head is not None)

    async def plan(self, partition: int, before: int, after: int, rows: Sequence[NewRow]) -> bool:
        """See `Ledger`."""
        there = self._of(partition)
        if there.head is None or there.head.position != before:
            return False
        there.head = there.head._replace(position=after)
        _make(there, rows)
        return True

    async def change(self, partition: int, changes: Sequence[RowChange]) -> list[bool]:
        """See `Ledger`."""
        there = self._of(partition)
        written = []
        for before, after in changes:
            stored = there.rows.get(before.delivery_id)
            written.append(stored is not None and stored.revision == before.revision)
            if written[-1]:
                _write(there, before, after)
        return written

    async def add_with(self, partition: int, change: RowChange, rows: Sequence[NewRow]) -> bool:
        """See `Ledger`."""
        (written,) = await self.change(partition, [change])
        if written:
            _make(self._of(partition), rows)
        return written

    async def due(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        rows = self._of(partition).rows.values()
        return _earliest((one for one in rows if one.status != "for_digest"), destination, until, limit)

    async def for_digest(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        rows = self._of(partition).rows.values()
        return _earliest((one for one in rows if one.status == "for_digest"), destination, until, limit)

    async def to_look_at(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """See `Ledger`."""
        rows = [one for one in self._of(partition).rows.values() if one.destination == destination]
        looks = sorted((one.look_at, one.delivery_id, one) for one in rows if one.look_at is not None)
        return [row for look_at, _, row in looks if look_at <= until][:limit]

    async def rows(self, partition: int, delivery_ids: Sequence[str]) -> list[DeliveryRow | None]:
        """See `Ledger`."""
        return [self._of(partition).rows.get(one) for one in delivery_ids]

    async def every_row(self, partition: int) -> AsyncIterator[DeliveryRow]:
        """See `Ledger`."""
        for row in [*self._of(partition).rows.values()]:
            yield row

    async def alerts(self, partition: int, delivery_ids: Sequence[str]) -> list[bytes | None]:
        """See `Ledger`."""
        return [self._of(partition).alerts.get(one) for one in delivery_ids]

    async def counted(self, partition: int) -> list[CountedRows]:
        """See `Ledger`."""
        return sorted(CountedRows(*of, count) for of, count in self._of(partition).counts.items() if count)

    async def notes(self, partition: int) -> dict[str, DestinationNotes]:
        """See `Ledger`."""
        return dict(self._of(partition).notes)

    async def prune(self, partition: int, before: int, limit: int) -> int:
        """See `Ledger`."""
        there = self._of(partition)
        old = sorted(
            (one.changed_at, one.delivery_id)
            for one in there.rows.values()
            if one.is_finished and one.changed_at < before
        )[:limit]
        for _, delivery_id in old:
            del there.rows[delivery_id], there.alerts[delivery_id]
        return len(old)

    async def disable(self, destination: str, disabled: DisabledDestination) -> None:
        """See `Ledger`."""
        self._disabled[destination] = disabled

    async def enable(self, destination: str) -> bool:
        """See `Ledger`."""
        return self._disabled.pop(destination, None) is not None

    async def disabled(self) -> dict[str, DisabledDestination]:
        """See `Ledger`."""
        return dict(self._disabled)

    async def counter(self, name: str) -> bytes | None:
        """See `Ledger`."""
        return self._counters.get(name)

    async def replace_counter(self, name: str, old: bytes | None, new: bytes) -> bool:
        """See `Ledger`."""
        if self._counters.get(name) != old:
            return False
        self._counters[name] = new
        return True

    async def on_disk(self) -> bool | None:
        """See `Ledger`: there is no disk to wait for."""
        return True


def _make(there: _PartitionRows, rows: Sequence[NewRow]) -> None:
    for row, alert in rows:
        if row.delivery_id not in there.rows:
            there.alerts[row.delivery_id] = alert
            _write(there, None, row)


def _write(there: _PartitionRows, before: DeliveryRow | None, after: DeliveryRow) -> None:
    there.rows[after.delivery_id] = after
    down, up = count_fields(before, after)
    if down is not None:
        there.counts[down] -= 1
    if up is not None:
        there.counts[up] += 1
    note = note_of(before, after)
    if note is not None:
        known = there.notes.get(after.destination, DestinationNotes())
        there.notes[after.destination] = known.later(notes_of(note, after.type))


def _earliest(rows: Iterable[DeliveryRow], destination: str, until: int, limit: int) -> list[DeliveryRow]:
    due = [one for one in rows if one.destination == destination and one.due is not None and one.due <= until]
    return sorted(due, key=lambda one: (one.due, one.delivery_id))[:limit]
