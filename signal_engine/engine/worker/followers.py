"""What follows topics beside the consumer group, for the partitions that are a worker's own."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Protocol


class Follower(Protocol):
    """Follows one topic outside the order in which partitions are judged."""

    async def take(self, number: int) -> None:
        """The partition is ours."""

    def release(self, number: int) -> None:
        """The partition is no longer ours."""

    async def run(self) -> None:
        """Runs until cancelled."""


class Followers:
    """All of one worker."""

    def __init__(self, followers: Sequence[Follower]) -> None:
        self._followers = tuple(followers)

    async def take(self, number: int) -> None:
        """See `Follower`."""
        await asyncio.gather(*(one.take(number) for one in self._followers))

    def release(self, number: int) -> None:
        """See `Follower`."""
        for one in self._followers:
            one.release(number)

    def works(self) -> list[Coroutine[Any, Any, None]]:
        """`Follower.run` of each."""
        return [one.run() for one in self._followers]
