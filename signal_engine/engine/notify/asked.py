"""What people ask of the ledger: which deliveries there are, how many, and another attempt at some of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from heapq import nlargest
from typing import Final, NamedTuple

from signal_engine.core.delivery.ledger import DeliveryRow, RowStatus, retried
from signal_engine.engine.ports.delivery.ledger import DestinationNotes, DisabledDestination, Ledger, RowChange

RETRIABLE: Final[frozenset[RowStatus]] = frozenset({"failed", "given_up", "uncertain"})
"""States in which a delivery may be tried again by hand."""
_STEP_ROWS: Final = 200


class RowFilter(NamedTuple):
    """Which deliveries are asked for; what is empty asks for nothing."""

    statuses: Collection[str] = ()
    destinations: Collection[str] = ()
    accounts: Collection[str] = ()
    people: Collection[str] = ()
    delivery_ids: Collection[str] = ()
    into: Collection[str] = ()
    """Ids of deliveries by whose messages they were told."""

    def takes(self, row: DeliveryRow) -> bool:
        """Whether the delivery is one of them."""
        asked = (
            (self.statuses, row.status),
            (self.destinations, row.destination),
            (self.accounts, row.account),
            (self.people, row.person),
            (self.delivery_ids, row.delivery_id),
            (self.into, row.into),
        )
        return all(not wanted or found in wanted for wanted, found in asked)


class FoundRow(NamedTuple):
    """A row and its partition."""

    partition: int
    row: DeliveryRow
    tells_of: int = 0
    """Other deliveries in the ledger that its message tells of."""


class UnreachedAlerts(NamedTuple):
    """Alerts that were meant for a person and went to the fallback, of those that are still in the ledger."""

    alerts: int
    accounts: int
    """Whose they are."""


class LedgerTotals(NamedTuple):
    """The ledger in numbers."""

    counts: dict[tuple[str, str, str], int]
    """(destination, alert type, status) -> deliveries, of all time."""
    maybe_twice: dict[str, int]
    """Destination -> messages sent again although they may have arrived, of those that are still in the ledger."""
    notes: dict[str, DestinationNotes]
    disabled: dict[str, DisabledDestination]
    unreached: dict[str, UnreachedAlerts]
    """`Unreached` -> how many."""


async def find_rows(ledger: Ledger, partitions: Iterable[int], asked: RowFilter, most: int) -> list[FoundRow]:
    """The deliveries that were changed last, newest first. Every row is looked at, once."""
    found: list[FoundRow] = []
    told: Counter[str] = Counter()
    for partition in partitions:
        async for row in ledger.every_row(partition):
            if row.into is not None:
                told[row.into] += 1
            if asked.takes(row):
                found.append(FoundRow(partition, row))
    latest = nlargest(most, found, key=lambda one: (one.row.changed_at, one.row.delivery_id))
    return [one._replace(tells_of=told[one.row.delivery_id]) for one in latest]


async def totals(
    ledger: Ledger, partitions: Iterable[int], look: Callable[[DeliveryRow], None] | None = None
) -> LedgerTotals:
    """How many deliveries there are, and what happened last at each destination.

    `look` sees every row on the way.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    twice: Counter[str] = Counter()
    notes: dict[str, DestinationNotes] = {}
    unreached: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for partition in partitions:
        for one in await ledger.counted(partition):
            counts[one.destination, one.type, one.status] += one.many
        async for row in ledger.every_row(partition):
            if row.maybe_twice:
                twice[row.destination] += row.maybe_twice
            if row.unreached:
                unreached[row.unreached][row.alert_id] = row.account
            if look is not None:
                look(row)
        for destination, note in (await ledger.notes(partition)).items():
            notes[destination] = notes.get(destination, DestinationNotes()).later(note)
    nobody = {why: UnreachedAlerts(len(of), len({*of.values()})) for why, of in unreached.items()}
    return LedgerTotals(dict(counts), dict(twice), notes, await ledger.disabled(), nobody)


async def retry_rows(ledger: Ledger, found: Iterable[FoundRow], now: int) -> list[str]:
    """Ask for another attempt at each that may have one; the ids of those that get one."""
    by_partition: dict[int, list[DeliveryRow]] = {}
    for partition, row, _ in found:
        if row.status in RETRIABLE and row.due is None:
            by_partition.setdefault(partition, []).append(row)
    done = []
    for partition, rows in by_partition.items():
        for begin in range(0, len(rows), _STEP_ROWS):
            some = rows[begin : begin + _STEP_ROWS]
            written = await ledger.change(partition, [RowChange(row, retried(row, now)) for row in some])
            done += [row.delivery_id for row, ok in zip(some, written, strict=True) if ok]
    return done
