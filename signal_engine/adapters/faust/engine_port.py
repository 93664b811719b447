"""The interface of the engine for Faust."""

from collections.abc import Sequence
from typing import Protocol

from signal_engine.engine.ports.fetched import Fetched, Position


class Engine(Protocol):
    """`engine.worker.live_engine.LiveEngine`, or a fake one."""

    async def take(self, partitions: Sequence[int]) -> list[Position]:
        """The partitions are this worker's now; return where to continue each of their topics. Nothing is fetched
        before.
        """

    def receive(self, fetched: Fetched) -> None:
        """Take fetched records; they are applied in turn. Never waits.

        The engine reports its progress and changes of position by `engine.context.engine_context.Reading`.
        """

    async def release(self, partitions: Sequence[int]) -> None:
        """These are no longer this worker's; returns when the transaction in hand is done. Others are ignored."""
