"""Fetched records: one fetch of one partition of one signal topic."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from operator import attrgetter
from typing import Final, NamedTuple, Protocol


class FetchedRecord(Protocol):
    """One record with the attributes of aiokafka's `ConsumerRecord`, so that none has to be copied."""

    @property
    def offset(self) -> int:
        """The record's offset in its partition."""

    @property
    def timestamp(self) -> int:
        """ms since 1970."""

    @property
    def timestamp_type(self) -> int:
        """0: CreateTime, by the producer's clock; 1: LogAppendTime, by the broker's."""

    @property
    def key(self) -> bytes | None:
        """As received."""

    @property
    def value(self) -> bytes | None:
        """As received."""

    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]:
        """As received, in order."""


_timestamp: Final = attrgetter("timestamp")


class PackedRecords(Sequence[FetchedRecord]):
    """Records of which none is an object before it is looked at; each look makes another."""

    @abstractmethod
    def latest(self) -> int:
        """The latest of their timestamps (ms), of which there is one."""

    @abstractmethod
    def offsets(self) -> Sequence[int]:
        """Their offsets."""

    @abstractmethod
    def value_bytes(self) -> int:
        """Bytes of all their values."""

    @abstractmethod
    def with_headers(self) -> Sequence[FetchedRecord]:
        """Those that have headers."""


def latest(records: Sequence[FetchedRecord]) -> int:
    """The latest timestamp (ms) of records, of which there is one."""
    return records.latest() if isinstance(records, PackedRecords) else max(map(_timestamp, records))


def offsets(records: Sequence[FetchedRecord]) -> Sequence[int]:
    """The offsets of records."""
    return records.offsets() if isinstance(records, PackedRecords) else [record.offset for record in records]


def value_bytes(records: Sequence[FetchedRecord]) -> int:
    """Bytes of all values of records."""
    return (
        records.value_bytes() if isinstance(records, PackedRecords) else sum(len(one.value or b"") for one in records)
    )


def with_headers(records: Sequence[FetchedRecord]) -> Sequence[FetchedRecord]:
    """Those of records that have headers."""
    if isinstance(records, PackedRecords):
        return records.with_headers()
    return [record for record in records if record.headers]


TakeRecords = Callable[[int, Sequence[FetchedRecord]], Awaitable[None]]
"""Is handed a partition's number and what was appended to it, in order; the tail reads on once it is done."""


class PartitionTail(Protocol):
    """Follows partitions of one topic, beside the consumer group."""

    def follow(self, partition: int, start: int) -> None:
        """Read a partition from offset `start` on; from its beginning where that offset is not there."""

    def leave(self, partition: int) -> None:
        """Read it no longer."""

    async def run(self, take: TakeRecords) -> None:
        """Runs until cancelled; an unreachable Kafka is waited for."""


class Unreadable(NamedTuple):
    """An unreadable batch, at which its topic-partition stops."""

    offset: int
    """The position at which reading stopped."""
    end: int | None
    """The position after the batch; None if unknown."""
    why: str
    """The reason in a few words, without content."""

    def in_words(self) -> str:
        """Place and reason in words."""
        last = self.offset if self.end is None else self.end - 1
        until = f" to {last}" if last > self.offset else ""
        return f"the batch at offset {self.offset}{until} cannot be read: {self.why}"


class Fetched(NamedTuple):
    """Consecutive records of one partition of one topic."""

    topic: str
    partition: int
    start: int
    """The position from which they were fetched. Not the first record's offset: transaction markers and retention
    leave gaps."""
    end: int
    """The position after them."""
    records: Sequence[FetchedRecord]
    unreadable: Unreadable | None = None
    """The unreadable batch at `end`, if any; the topic-partition then delivers nothing more."""

    def split(self, number: int) -> tuple["Fetched", "Fetched"]:
        """The first `number` records (1..), and the rest, which starts where those end."""
        at = self.records[number - 1].offset + 1
        first = self._replace(end=at, records=self.records[:number], unreadable=None)
        return first, self._replace(start=at, records=self.records[number:])


class Position(NamedTuple):
    """The position from which to continue a topic-partition."""

    topic: str
    partition: int
    offset: int | None
    """None: from the beginning of the topic."""
    held: bool = False
    """Whether the topic-partition is paused, and so stays at the position."""
