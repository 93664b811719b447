"""A transaction: everything that changes in one partition at once, and the conflict that keeps late writers out.

Kafka is the record and the store is its view, and they move in one transaction: account states, ranks, due times,
outgoing records, counters and the new positions of the topics that were read are written together or not at all. A
transaction names the counter of the partition as its writer last saw it. If another writer has made a transaction
since, the counter has moved and the transaction is refused, whatever it holds; its writer then drops what it knows of
the partition, reads `Positions` again, seeks, and goes on. Transactions of one partition number therefore follow each
other.

This module has values only. `engine.ports.store` says what a store of them does.
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
"""The partition number under which the publisher of lists makes its transactions: no topic has it, and its counter
fences two publishers as any other fences two workers.
"""

MAX_EXACT: Final = 2**53
"""Times, counts and offsets lie below this: to here the store's numbers are exact."""


class Outbox(StrEnum):
    """Where records wait until Kafka has them. Each partition has its own of each."""

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
    """The last record that was read up to a position."""

    offset: int
    timestamp: int
    """ms."""
    check: str
    """Of key, value and headers: `engine.ingest.topic_identity.check_value`."""


class TopicRead(NamedTuple):
    """The batch of one topic of the partition that a transaction has dealt with."""

    topic: str
    start: int
    """The position from which the fetch started. Not the first record's offset: transaction markers and retention
    leave gaps."""
    end: int
    """The position after it, not before `start`."""
    last: LastRecord | None = None
    """The last record of it; None where there was none, and then the one before stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction of one partition. What is not named stays as it is; None removes.

    Raises ValueError for what no store could keep exactly: a bound that is not finite, a number of 2**53 or more, a
    position that goes back. Nothing of a transaction may fail half-way, so this is found out before.
    """

    partition: int
    """0.., or `PUBLISHER`."""
    counter: int
    """The partition's transaction counter as the writer last saw it; 0 before the first transaction."""
    reads: Sequence[TopicRead] = ()
    """Each of another topic, or control; none for a timer or garbage collection."""
    states: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> its state."""
    fits: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> its fit row: it changes in the transaction in which the account is decided again."""
    actions: Mapping[str, bytes | None] = field(default_factory=dict)
    """Account -> what people decided about it (`wire.storage.actions`); never collected as garbage."""
    ranks: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    """List -> account -> priority at this transaction, which bounds what it will be until evidence is added."""
    due: Mapping[str, int | None] = field(default_factory=dict)
    """Account -> when its level or its cooldown ends (ms)."""
    outbox: Mapping[Outbox, Sequence[Outgoing]] = field(default_factory=dict)
    """Records that this transaction decided, in the order in which they leave."""
    counts: Mapping[CounterName, int] = field(default_factory=dict)
    """Counter name -> what is added to it."""
    origins: Mapping[TopicPartition, int] = field(default_factory=dict)
    """Origin of rerouted records -> the highest origin offset applied; a lower one than stored changes nothing."""
    views: Mapping[ViewName, bytes | None] = field(default_factory=dict)
    """What people look at, and what the next owner has to know besides positions; no account's state depends on it."""
    history: History = field(default_factory=History)
    """What only people look at, and there is more of with time."""

    def __post_init__(self) -> None:
        if self.partition < PUBLISHER or not 0 <= self.counter < MAX_EXACT:
            raise ValueError(f"no such partition or counter: {self.partition}, {self.counter}")
        for read in self.reads:
            if not 0 <= read.start <= read.end < MAX_EXACT:
                raise ValueError(f"{read.topic} cannot be read from {read.start} to {read.end}")
        if len({read.topic for read in self.reads}) < len(self.reads):
            raise ValueError("a transaction has one batch per topic")
        for name, ranks in self.ranks.items():
            if not all(isfinite(bound) for bound in ranks.values() if bound is not None):
                raise ValueError(f"list {name}: a rank must be finite")
        for numbers in (self.due, self.counts, self.origins):
            if not all(-MAX_EXACT < number < MAX_EXACT for number in numbers.values() if number is not None):
                raise ValueError("a time, a count or an origin offset is out of range")


def parts(transaction: Transaction) -> list[str]:
    """The parts of the partition that a transaction writes, each of which can be lost alone. Histories excepted."""
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
    """The transaction is written."""

    counter: int
    """The counter the next transaction must name."""


class Conflict(StrEnum):
    """Why a transaction was refused."""

    STALE_COUNTER = "stale_counter"
    """Somebody else has written this partition since (or the store has lost what it had)."""
    STALE_POSITION = "stale_position"
    """The topic was read from another position than the one stored: a seek was missed."""


class NotApplied(NamedTuple):
    """Nothing was written. The writer drops what it knows and reads the partition's positions again."""

    conflict: Conflict
    counter: int
    """The one stored."""


class Positions(NamedTuple):
    """Where a partition stands: what a writer reads when it takes the partition over, and after a refusal."""

    counter: int
    """0 before the first transaction."""
    topics: dict[str, int]
    """Topic -> the position to read from; a topic without one is read from its beginning."""
    origins: dict[TopicPartition, int]
    """Origin of rerouted records -> the highest origin offset applied; what is not above it is passed over."""
    last: dict[str, LastRecord] = MappingProxyType({})  # type: ignore[assignment]  # an empty one that nobody fills
    """Topic -> the last record that was read of it."""
