"""Which dead letters were redriven: remembered until the dead-letter topic itself has forgotten them.

It belongs to the topic, not to the view: a rebuild makes a new view of the same records and leaves this as it is. There
is one in Redis (`adapters.redis`) and one in memory (`adapters.memory`).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Redriven(Protocol):
    """By partition of the dead-letter topic. Every method may raise `StoreTrouble`."""

    async def note(self, partition: int, dead_letters: Mapping[str, int]) -> None:
        """Remembers dead letters (`DeadLetter.name`), each with the highest offset of its copies, which only rises."""

    async def among(self, partition: int, names: Sequence[str]) -> set[str]:
        """Those of `names` that are remembered."""

    async def prune(self, partition: int, beginning: int) -> int:
        """Forgets those whose last copy lay below `beginning`, where the partition begins now; how many."""
