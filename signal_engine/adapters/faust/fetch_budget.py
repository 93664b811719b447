"""How much of the topics may lie in a worker: two fetches of each topic-partition, handed over and not applied yet.

While one is applied the next is there. A topic-partition without room is not asked about: what aiokafka has fetched of
it ahead (one answer) stays where it is, and nothing more comes. So a worker that cannot keep up holds of the topics

    owned topic-partitions x (2 + 1) x bytes a fetch  =  SIGNAL_ENGINE_FETCH_MEGABYTES (`Membership.bytes_a_fetch`)

about three times that as objects, whatever the backlog and however long its store is away. Compressed records count by
what they unpack to (`Plain.bytes_a_fetch`); of each topic-partition one unpacked batch may stand beside them, of
SIGNAL_ENGINE_BATCH_MEGABYTES at the most. There are also the interpreter, one answer of each broker (16 MB), and the
accounts that are kept decoded (at most 8,000 of a partition, 6 KB each, see `engine.partition.account_cache`).
"""

from collections import deque
from typing import Final

from aiokafka import TopicPartition

FETCHES_PER_PARTITION: Final = 2


class FetchBudget:
    """Which topic-partitions may be asked about. Of one thread."""

    def __init__(self) -> None:
        self._ends: dict[TopicPartition, deque[int]] = {}

    def __contains__(self, place: TopicPartition) -> bool:
        """Whether another fetch of a topic-partition may be handed over."""
        return len(self._ends.get(place, ())) < FETCHES_PER_PARTITION

    def hand_over(self, place: TopicPartition, end: int) -> None:
        """A fetch up to position `end` is on its way."""
        self._ends.setdefault(place, deque()).append(end)

    def applied(self, place: TopicPartition, end: int) -> None:
        """Everything up to position `end` is done with."""
        ends = self._ends.get(place, ())
        while ends and ends[0] <= end:
            ends.popleft()

    def anew(self, place: TopicPartition) -> None:
        """It is read on from another position: whatever was handed over is dropped."""
        self._ends.pop(place, None)
