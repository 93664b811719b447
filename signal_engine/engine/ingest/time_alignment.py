"""Time alignment: which of a partition's topics are read next, and how far.

Topics are read at different speeds. To decide a backlog about as on arrival, the topic furthest behind is always among
those read next, and none is read more than a minute beyond what another may still deliver. Events of one transaction
are processed in order of time.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from signal_engine.engine.ports.fetched import Fetched, FetchedRecord, latest

_MAX_LEAD_MS: Final = 60_000
"""ms, by record timestamps, that a topic may be ahead of the slowest unread one."""

TriagedEvent = Callable[[str, FetchedRecord], int]
"""Arrival of a triaged record (ms)."""


class Head:
    """The first queued fetch of a topic."""

    def __init__(self, topic: str, waiting: Sequence[Fetched], arrived: TriagedEvent) -> None:
        self.topic = topic
        self.records = waiting[0].records
        self._behind = waiting[1].records if len(waiting) > 1 else ()
        self._arrived = arrived

    def at(self, number: int) -> int:
        """When (ms) the record with this number arrived; past the end, when the last one did."""
        records = self.records
        if number < len(records):
            return self._arrived(self.topic, records[number])
        if self._behind:
            return self._arrived(self.topic, self._behind[0])
        return self._arrived(self.topic, records[-1]) if records else 0

    def reaches(self, until: int | None, max_records: int) -> int:
        """How many records arrived up to an instant (ms), at most `max_records`: those before the first later one.

        A record never arrives after its timestamp; timestamps of producers may be in any order.
        """
        some = self.records[:max_records]
        if until is None or not some or latest(some) <= until:  # mostly so: a fetch is less than that
            return len(some)
        return next((number for number in range(len(some)) if self.at(number) > until), len(some))


def together(heads: Sequence[Head], unread: Iterable[int], max_records: int) -> dict[str, int]:
    """Topic -> how many of its queued records the next transaction reads, topics furthest behind first.

    `unread` has the topics that may have more records but none queued, with the instant (ms) up to which they were
    read; topics read to their end are in neither. No topic is read more than a minute beyond the next record of another
    one, or beyond what that may still deliver; at most `max_records` in all, or one per topic. The result is empty if
    more records must be fetched first, but never if `unread` is empty.
    """
    heads = sorted(heads, key=lambda head: head.at(0))
    empty = next((head for head in heads if not head.records), None)
    if empty is not None:  # markers of transactions only: passed over alone
        return {empty.topic: 0}
    slowest = min(unread, default=None)
    here = sum(len(head.records) for head in heads)
    numbers = [max(1, min(len(head.records), len(head.records) * max_records // max(here, 1))) for head in heads]
    if here <= max_records:
        numbers = [len(head.records) for head in heads]
    while True:
        ends = [head.at(number) for head, number in zip(heads, numbers, strict=True)]
        cut = [head.reaches(_until(slowest, [*ends[:n], *ends[n + 1 :]]), numbers[n]) for n, head in enumerate(heads)]
        if cut == numbers:
            break
        numbers = cut
    if not any(numbers):  # times that are in no order: the one that is furthest behind, alone
        return _alone(heads, slowest, max_records)
    return {head.topic: number for head, number in zip(heads, numbers, strict=True) if number}


def _alone(heads: Sequence[Head], slowest: int | None, max_records: int) -> dict[str, int]:
    if not heads:
        return {}
    first, others = heads[0], [head.at(0) for head in heads[1:]]
    until = _until(slowest, others)
    if until is not None and first.at(0) > until:
        return {}
    return {first.topic: max(1, first.reaches(until, max_records))}


def _until(slowest: int | None, others: Sequence[int]) -> int | None:
    """The instant (ms) up to which a topic may be read; None: all of it, as nothing else is unread."""
    limits = others if slowest is None else [slowest, *others]
    return min(limits) + _MAX_LEAD_MS if limits else None
