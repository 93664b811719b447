"""A transaction, which is everything that changes in one partition at once, and the conflict that keeps out late
writers.

Kafka is the record and the store is a view of it. Account states, ranks, due times, outgoing records, counters and the
new positions of the topics read are written together or not at all. A transaction names the partition's counter as its
writer last saw it. If another writer has written since, the counter has moved, and the transaction is refused whatever
it holds; its writer then drops what it knows of the partition, reads `Positions` again, seeks, and continues. So the
transactions of a partition follow one another.

This module has only values; `engine.ports.store` says what a store does with them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import isfinite
from types import MappingProxyType
from typing import Final, NamedTuple

from signal_engine.engine.ports.counters import CounterName
from signal_engine.engine.ports.history import History
from signal_engine.engine.ports.views import ViewName

PUBLISHER: Final = -1
"""The partition number of the publisher of lists. No topic has it; its counter fences publishers, as others fence
workers.
"""

MAX_EXACT: Final = 2**53
"""Times, counts and offsets are below this, up to which the store's numbers are exact."""


class Outbox(StrEnum):
    """The queues of records that wait until Kafka has them. Each partition has one of each."""

    ALERTS = "alerts"
    LISTS = "lists"


class TopicPartition(NamedTuple):
    """Where a rerouted record came from."""

    topic: str
    partition: int


class Outgoing(NamedTuple):
    """A record to be produced."""

    topic: str
    key: str
    value: bytes | None
    """None is a tombstone."""


class LastRecord(NamedTuple):
    """The last record before a position."""

    offset: int
    timestamp: int
    """ms."""
    check: str
    """Check value of key, value and headers (`engine.ingest.topic_identity.check_value`)."""


class TopicRead(NamedTuple):
    """The batch of one topic that a transaction has processed."""

    topic: str
    start: int
    """The position from which the fetch started. Not the first record's offset: transaction markers and retention
    leave gaps."""
    end: int
    """The position after it, not before `start`."""
    last: LastRecord | None = None
    """Its last record; None if it had none, and then the stored one stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction of one partition. Whatever it does not name stays unchanged; None removes.

    Raises ValueError for what no store could keep exactly: a bound that is not finite, a number of 2**53 or more, a
    position that goes back. A transaction may not fail half-way, so this is checked in advance.
    """

    partition: int
    """0.., or `PUBLISHER`."""
    counter: int
    """The partition's transaction counter as the writer last saw it; 0 before the first transaction."""
    reads: Sequence[TopicRead] = ()
    """Each of a different topic or control; none for timers and garbage collection."""
    states: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> its state."""
    fits: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> its fit row, which changes in the same transaction as the decision."""
    actions: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> what people decided about it (`wire.storage.actions`); never collected as garbage."""
    ranks: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """List -> account -> its priority now: an upper bound until evidence is added."""
    due: Mapping[str, int | None] = field(default_factory=dict)
    """Account -> when its level or cooldown ends (ms)."""
    outbox: Mapping[Outbox, Sequence[Outgoing]] = field(default_factory=dict)
    """Records that this transaction adds, in the order in which they are sent."""
    counts: Mapping[CounterName, int] = field(default_factory=dict)
    """Counter name -> increment."""
    origins: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Origin of rerouted records -> the highest origin offset applied. The stored value never falls."""
    views: Mapping[ViewName, bytes | None] = field(default_factory=dict)
    """Data for people, and what the next owner needs besides positions. No account's state depends on it."""
    history: History = field(default_factory=History)
    """Additions to the history."""

    def __post_init__(self) -> None:
        if self.partition < PUBLISHER or not 0 <= self.counter < MAX_EXACT:
            raise ValueError(f"no such partition or counter: {self.partition}, {self.counter}")
        for read in self.reads:
            if not 0 <= read.start <= read.end < MAX_EXACT:
                raise ValueError(f"{read.topic} cannot be read from {read.start} to {read.end}")
        if len({read.topic for read in self.reads}) < len(self.reads):
            raise ValueError("a transaction has one batch per topic")
        for name, ranks in self.ranks.items():
            if not all(isfinite(upper_bound) for upper_bound in ranks.values() if upper_bound is not None):
                raise ValueError(f"list {name}: a rank must be finite")
        for numbers in (self.due, self.counts, self.origins):
            if not all(-MAX_EXACT < number < MAX_EXACT for number in numbers.values() if number is not None):
                raise ValueError("a time, a count or an origin offset is out of range")


def parts(transaction: Transaction) -> list[str]:
    """The parts of the partition that the transaction writes, each of which can be lost alone; without histories."""
    named = {
        "states": transaction.states,
        "fits": transaction.fits,
        "actions": transaction.actions,
        "views": transaction.views,
        "due": transaction.due,
        "counts": transaction.counts,
    }
    return [
        *(name for name, changes in named.items() if changes),
        *(ranks_part(name) for name in transaction.ranks),
        *(outbox_part(outbox) for outbox, records in transaction.outbox.items() if records),
    ]


def ranks_part(name: str) -> str:
    """The part that holds the stored bounds of list `name`."""
    return f"ranks:{name}"


def outbox_part(outbox: Outbox) -> str:
    """The part that holds the records which wait in `outbox`."""
    return f"outbox:{outbox}"


class Applied(NamedTuple):
    """The transaction was written."""

    counter: int
    """The counter the next transaction must name."""


class Conflict(StrEnum):
    """Why a transaction was refused."""

    STALE_COUNTER = "stale_counter"
    """Another writer has written the partition since, or the store has lost data."""
    STALE_POSITION = "stale_position"
    """The topic was read from a position other than the stored one: a seek was missed."""


class NotApplied(NamedTuple):
    """Nothing was written. The writer drops what it knows and reads the partition's positions again."""

    conflict: Conflict
    counter: int
    """The stored counter."""


class Positions(NamedTuple):
    """Where a partition stands. A writer reads it when it takes over the partition, and after a refusal."""

    counter: int
    """0 before the first transaction."""
    topics: dict[str, int]
    """Topic -> the position to read from; a topic without one is read from its beginning."""
    origins: dict[TopicPartition, int]
    """Origin of rerouted records -> the highest origin offset applied; copies up to it are skipped."""
    last: dict[str, LastRecord] = MappingProxyType({})  # type: ignore[assignment]  # an empty one that nobody fills
    """Topic -> the last record read."""
