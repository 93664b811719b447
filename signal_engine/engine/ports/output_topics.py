"""What the engine asks of the topics that it writes itself: to be read back, when the store has lost what it knew."""

from collections.abc import Callable
from typing import Protocol

Take = Callable[[bytes | None, bytes | None], None]
"""Is handed key and value of each record."""


class OutputTopics(Protocol):
    """Both try again for as long as Kafka cannot be reached."""

    async def partitions(self, topic: str) -> int:
        """How many it has."""

    async def read(self, topic: str, partition: int, start: int, take: Take) -> int:
        """Hands over every record from `start` on, up to the end that there is now; returns where that is."""
