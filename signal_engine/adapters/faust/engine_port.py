"""The engine as Faust's side sees it."""

from collections.abc import Sequence
from typing import Protocol

from signal_engine.engine.ports.fetched import Fetched, Position


class Engine(Protocol):
    """`engine.worker.live_engine.LiveEngine`, or a fake one."""

    async def take(self, partitions: Sequence[int]) -> list[Position]:
        """The partitions are this worker's: where to read each of their topics on. Nothing is fetched before."""

    def receive(self, fetched: Fetched) -> None:
        """Takes what has been fetched and never waits: it is applied when it is its turn.

        The engine says itself how far it is, and where to read on (`engine.context.engine_context.Reading`).
        """

    async def release(self, partitions: Sequence[int]) -> None:
        """These are no longer this worker's; returns when the transaction in hand is done. Others are ignored."""
