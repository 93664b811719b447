"""The engine as Faust's side sees it."""

from collections.abc import Sequence
from typing import Protocol

from signal_engine.engine.fetched import Fetched, Position


class Engine(Protocol):
    """`engine.live.LiveEngine`, or a fake one."""

    async def take(self, partitions: Sequence[int]) -> list[Position]:
        """The partitions are this worker's: where to read each of their topics on. Nothing is fetched before."""

    async def apply(self, fetched: Fetched) -> list[Position]:
        """Applies a batch. A nonempty answer says where to read on: nothing of it has been written then.

        Tries infrastructure trouble again by itself; what it raises stops the worker, with nothing written.
        """

    async def release(self, partitions: Sequence[int]) -> None:
        """The partitions are no longer this worker's; returns when the step in hand is done."""
