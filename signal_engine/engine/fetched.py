"""What the engine is handed from Kafka, in its own words: one fetch of one partition of one signal topic."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class FetchedRecord(Protocol):
    """One record, as aiokafka's `ConsumerRecord` is: attributes only, so that none has to be copied."""

    @property
    def offset(self) -> int:
        """Its place in its partition."""

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

    def split(self, number: int) -> tuple["Fetched", "Fetched"]:
        """The first `number` records (1..), and the rest, which starts where those end."""
        at = self.records[number - 1].offset + 1
        return self._replace(end=at, records=self.records[:number]), self._replace(
            start=at, records=self.records[number:]
        )


class Position(NamedTuple):
    """Where to read on."""

    topic: str
    partition: int
    offset: int | None
    """None: from the beginning of the topic."""
    held: bool = False
    """To stand there and not read on: the topic-partition is paused."""
