"""The engine's own output topics, read back when the store has lost its data."""

from collections.abc import Callable
from typing import Protocol

Take = Callable[[bytes | None, bytes | None], None]
"""Called with the key and the value of each record."""


class OutputTopics(Protocol):
    """Reads output topics. Both methods retry for as long as Kafka is unreachable."""

    async def partitions(self, topic: str) -> int:
        """Its number of partitions."""

    async def read(self, topic: str, partition: int, start: int, take: Take) -> int:
        """Pass every record from `start` up to the current end to `take`; return that end."""
