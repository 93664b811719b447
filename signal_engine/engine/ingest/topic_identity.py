"""Verifies that the topics are those whose positions are stored; offsets alone cannot tell.

A topic that was recreated has the same offsets with other events; so has a topic of the same name in another cluster,
or on a broker restored from an older disk. So each position is stored with the last record before it: its offset,
timestamp and a check value of its content.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from xxhash import xxh3_64

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.transaction import LastRecord, Positions


class TopicsReplaced(SignalEngineError):
    """The topics are not those whose positions are stored; `lines` say which, and what to do."""

    exit_code = WRONG_USE

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)

    def messages(self) -> tuple[str, ...]:
        """One per problem."""
        return self.lines


class TopicIdentity(Protocol):
    """Compares stored positions with Kafka."""

    async def check(self, positions: Mapping[int, Positions]) -> None:
        """Compare the stored positions of partitions with Kafka. Safe to repeat.

        Raises `TopicsReplaced`, and `StoreTrouble`.
        """

    async def changed(self) -> None:
        """Return when the topics may have been replaced; `check` tells whether they were."""


def last_record(record: FetchedRecord) -> LastRecord:
    """The data by which a record is recognised."""
    return LastRecord(record.offset, record.timestamp, check_value(record))


def check_value(record: FetchedRecord) -> str:
    """xxh3 (64 bits, hex) of key, value and headers, each preceded by its length; null differs from empty."""
    digest = xxh3_64()
    parts = [record.key, record.value]
    for name, value in record.headers:
        parts += (name.encode("utf-8", "surrogateescape"), value)
    for part in parts:
        digest.update(b"-" if part is None else b"%d:" % len(part))
        digest.update(part or b"")
    return digest.hexdigest()
