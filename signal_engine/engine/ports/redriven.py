"""Remembers which dead letters were redriven, for as long as the dead-letter topic keeps them.

It belongs to the topic, not to the view: a rebuild makes a new view of the same records and does not touch it.
`adapters.redis` and `adapters.memory` implement it.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Redriven(Protocol):
    """Redriven dead letters, by partition of the dead-letter topic. Every method may raise `StoreTrouble`."""

    async def note(self, partition: int, dead_letters: Mapping[str, int]) -> None:
        """Remember dead letters (`DeadLetter.name`), each with the highest offset of its copies; that only rises."""

    async def among(self, partition: int, names: Sequence[str]) -> set[str]:
        """The remembered ones among `names`."""

    async def prune(self, partition: int, beginning: int) -> int:
        """Forget those whose last copy lies below `beginning`, the partition's first offset now; return how many."""
