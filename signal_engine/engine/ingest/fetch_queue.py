"""Fetched but unprocessed records of one partition number: a short queue of fetches per topic."""

from collections import deque
from collections.abc import Collection, Mapping
from typing import Final

from signal_engine.engine.ingest.time_alignment import Head, TriagedEvent, together
from signal_engine.engine.ports.fetched import Fetched, value_bytes

_MAX_BYTES: Final = 4 * 1024 * 1024
"""Bytes of values in one transaction, which blocks the event loop: the records that one may take are known from those
before, and what comes next may be a hundred times as large."""


class FetchQueue:
    """Holds at most what the consumer hands over: two fetches per topic (`adapters.faust.fetch_budget`)."""

    def __init__(self) -> None:
        self._fetched: dict[str, deque[Fetched]] = {}

    @property
    def topics(self) -> Collection[str]:
        """The topics with queued fetches."""
        return self._fetched.keys()

    @property
    def records(self) -> int:
        """Number of queued records."""
        return sum(len(fetched.records) for waiting in self._fetched.values() for fetched in waiting)

    def put(self, fetched: Fetched) -> None:
        """Queue a fetch that follows the queued ones."""
        self._fetched.setdefault(fetched.topic, deque()).append(fetched)

    def drop(self, topic: str | None = None) -> None:
        """Drop the fetches of a topic, or of all: reading continues from another position."""
        if topic is None:
            self._fetched.clear()
        else:
            self._fetched.pop(topic, None)

    def take(self, unread: Collection[int], arrived: TriagedEvent, max_records: int) -> list[Fetched]:
        """Take the fetches to process next, in one transaction, one per topic; none if nothing may be processed.

        `unread` and `max_records` are as in `together`; more than `_MAX_BYTES` are only taken in a single record of a
        topic. Every transaction has a fixed cost, so all topics that may be read together are: with a few records each,
        that is a sixth of the transactions.
        """
        heads = {topic: Head(topic, fetched, arrived) for topic, fetched in self._fetched.items()}
        numbers = together([*heads.values()], unread, max_records)
        while max_records > 1 and (size := self._bytes(numbers)) > _MAX_BYTES:
            max_records = max(1, min(max_records // 2, sum(numbers.values()) * _MAX_BYTES // size))
            numbers = together([*heads.values()], unread, max_records)
        return [self._cut(topic, number) for topic, number in numbers.items()]

    def _bytes(self, numbers: Mapping[str, int]) -> int:
        """Bytes of values in so many records of each topic."""
        return sum(value_bytes(self._fetched[topic][0].records[:number]) for topic, number in numbers.items())

    def _cut(self, topic: str, number: int) -> Fetched:
        waiting = self._fetched[topic]
        fetched = waiting.popleft()
        if number < len(fetched.records):
            fetched, rest = fetched.split(number)
            waiting.appendleft(rest)
        if not waiting:
            del self._fetched[topic]
        return fetched
