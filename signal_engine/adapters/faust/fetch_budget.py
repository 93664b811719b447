"""Limits how much fetched data a worker holds: two fetches per topic-partition, handed over and not applied yet.

While one is applied, the next is ready. A topic-partition without room is not fetched: what aiokafka has fetched ahead
(one answer) stays in aiokafka. So a worker that cannot keep up holds

    owned topic-partitions x (2 + 1) x bytes per fetch  =  SIGNAL_ENGINE_FETCH_MEGABYTES (`Membership.bytes_per_fetch`)

about three times that where records are objects, whatever the backlog and however long its store is away. Compressed
records count by what they unpack to (`PlainDeserializer.bytes_per_fetch`); of each topic-partition one unpacked batch
may stand beside them, of SIGNAL_ENGINE_BATCH_MEGABYTES at the most. There are also the interpreter, one answer of each
broker (16 MB), and the accounts that are kept decoded (at most 8,000 of a partition, 6 KB each, see
`engine.partition.account_cache`).
"""

from collections import deque
from typing import Final

from aiokafka import TopicPartition

FETCHES_PER_PARTITION: Final = 2


class FetchBudget:
    """Tells which topic-partitions may be fetched. For one thread."""

    def __init__(self) -> None:
        self._ends: dict[TopicPartition, deque[int]] = {}

    def __contains__(self, place: TopicPartition) -> bool:
        """Whether another fetch of a topic-partition may be handed over."""
        return len(self._ends.get(place, ())) < FETCHES_PER_PARTITION

    def hand_over(self, place: TopicPartition, end: int) -> None:
        """Note that a fetch up to position `end` was handed over."""
        self._ends.setdefault(place, deque()).append(end)

    def applied(self, place: TopicPartition, end: int) -> None:
        """Note that everything up to position `end` was applied."""
        ends = self._ends.get(place, ())
        while ends and ends[0] <= end:
            ends.popleft()

    def anew(self, place: TopicPartition) -> None:
        """Forget what was handed over: reading continues from another position."""
        self._ends.pop(place, None)
