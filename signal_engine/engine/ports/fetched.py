"""Fetched records: one fetch of one partition of one signal topic."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


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
