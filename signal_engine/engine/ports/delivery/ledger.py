"""The ledger of deliveries: a row each, by partition of the topic of alerts, with its positions beside them.

There are two implementations, in memory and in Redis; one contract suite runs on both. Every method may raise
`StoreTrouble`, and is safe to repeat: a change names the revision of the row that it was made from.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from signal_engine.core.delivery.ledger import DeliveryRow


class LedgerHead(NamedTuple):
    """How far a partition of the topic of alerts is planned."""

    position: int
    """Offset of the next record."""
    uncertain_below: int = 0
    """Of records before this offset, nobody knows whether they were delivered: the ledger was lost."""


class NewRow(NamedTuple):
    """A row that is made, with the alert that it delivers."""

    row: DeliveryRow
    alert: bytes
    """JSON, as the topic has it."""


class RowChange(NamedTuple):
    """A row as it was seen, and as it is to be."""

    before: DeliveryRow
    after: DeliveryRow


class CountedRows(NamedTuple):
    """How many rows of one destination and alert type are in a state."""

    destination: str
    type: str
    status: str
    """A `RowStatus`."""
    many: int


class RowNote(NamedTuple):
    """What a change says of its destination."""

    kind: str
    """`success` or `error`."""
    at: int
    """ms."""
    said: str | None


def count_fields(
    before: DeliveryRow | None, after: DeliveryRow
) -> tuple[tuple[str, str, str] | None, tuple[str, str, str] | None]:
    """What is counted down and up by a change: (destination, type, status), nothing where the status stays."""
    if before is not None and before.status == after.status:
        return None, None
    up = (after.destination, after.type, after.status)
    return None if before is None else (before.destination, before.type, before.status), up


def note_of(before: DeliveryRow | None, after: DeliveryRow) -> RowNote | None:
    """What a row that was just changed says of its destination; None where it says nothing."""
    if before is not None and before.changed_at == after.changed_at and before.status == after.status:
        return None
    if after.status == "sent":
        return RowNote("success", after.changed_at, None)
    tried = before is not None and after.attempts > before.attempts  # else it only waits, for hours or its turn
    failing = after.status in {"failed", "given_up"} or (after.status == "pending" and tried)
    return RowNote("error", after.changed_at, after.said) if failing and after.said else None


class LastNotes(NamedTuple):
    """What happened last. Instants are ms."""

    last_success_at: int | None = None
    last_error_at: int | None = None
    last_error: str | None = None

    def later(self, other: "LastNotes") -> "LastNotes":
        """What happened last of both."""
        erring = max(self, other, key=lambda one: one.last_error_at or 0)
        success = max(self.last_success_at or 0, other.last_success_at or 0) or None
        return LastNotes(success, erring.last_error_at, erring.last_error)


class DestinationNotes(NamedTuple):
    """What happened last at a destination."""

    last: LastNotes = LastNotes()
    by_type: Mapping[str, LastNotes] = {}
    """Alert type -> the same of its deliveries."""

    def later(self, other: "DestinationNotes") -> "DestinationNotes":
        """What happened last of both."""
        types = {**self.by_type, **other.by_type}
        nothing = LastNotes()
        by_type = {one: self.by_type.get(one, nothing).later(other.by_type.get(one, nothing)) for one in sorted(types)}
        return DestinationNotes(self.last.later(other.last), by_type)


def notes_of(note: RowNote, alert_type: str | None) -> DestinationNotes:
    """What one note says; None: of a type that nobody knows any more."""
    last = LastNotes(note.at) if note.kind == "success" else LastNotes(None, note.at, note.said)
    return DestinationNotes(last, {} if alert_type is None else {alert_type: last})


class DisabledDestination(NamedTuple):
    """A destination to which nothing is sent until somebody enables it."""

    at: int
    """ms."""
    said: str


class Ledger(Protocol):
    """Rows of deliveries by partition of the topic of alerts, its positions beside them."""

    async def head(self, partition: int) -> LedgerHead | None:
        """How far the partition is planned; None: never."""

    async def begin(self, partition: int, head: LedgerHead) -> LedgerHead:
        """Store `head` unless there is one; return the one that is stored. The partition is one of `partitions` now."""

    async def partitions(self) -> list[int]:
        """The partitions that were begun, in order; none: no process ever delivered."""

    async def plan(self, partition: int, before: int, after: int, rows: Sequence[NewRow]) -> bool:
        """Make `rows` and move the position from `before` to `after`, in one step; a row that is there stays.

        False where the position is another: nothing is written.
        """

    async def change(self, partition: int, changes: Sequence[RowChange]) -> list[bool]:
        """Write each row whose stored revision is still that of `before`; whether it was, of each."""

    async def add_with(self, partition: int, change: RowChange, rows: Sequence[NewRow]) -> bool:
        """Write `change` and make `rows`, in one step; a row that is there stays.

        False where the stored revision is another than that of `change.before`: nothing is written.
        """

    async def due(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """Rows with `due` at `until` (ms) or before, the earliest first. Of `for_digest` none."""

    async def for_digest(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """Rows kept for a digest that is due at `until` (ms) or before, the earliest first."""

    async def to_look_at(self, partition: int, destination: str, until: int, limit: int) -> list[DeliveryRow]:
        """Rows with `look_at` at `until` (ms) or before, the earliest first."""

    async def rows(self, partition: int, delivery_ids: Sequence[str]) -> list[DeliveryRow | None]:
        """The rows with these ids."""

    def every_row(self, partition: int) -> AsyncIterator[DeliveryRow]:
        """All rows, in no order; one that changes meanwhile may come twice or in either state."""

    async def alerts(self, partition: int, delivery_ids: Sequence[str]) -> list[bytes | None]:
        """The alerts (JSON) that these rows deliver."""

    async def counted(self, partition: int) -> list[CountedRows]:
        """How many rows there are."""

    async def notes(self, partition: int) -> dict[str, DestinationNotes]:
        """Destination -> what happened last."""

    async def prune(self, partition: int, before: int, limit: int) -> int:
        """Remove up to `limit` rows that were finished before `before` (ms); how many."""

    async def disable(self, destination: str, disabled: DisabledDestination) -> None:
        """Send nothing there until it is enabled."""

    async def enable(self, destination: str) -> bool:
        """Send there again; whether it was disabled."""

    async def disabled(self) -> dict[str, DisabledDestination]:
        """The disabled destinations."""

    async def counter(self, name: str) -> bytes | None:
        """A small document that all processes share, such as what one person got in the last hour."""

    async def replace_counter(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Write it if it is still `old`; whether it was."""

    async def on_disk(self) -> bool | None:
        """Whether everything written so far is on disk, after a while; None if the server cannot tell."""
