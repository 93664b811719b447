"""The topic of account actions as a test feeds it."""

import asyncio

from signal_engine.engine.ports.fetched import TakeRecords


class FakeTail:
    """Hands over what a test puts into it, to whoever follows."""

    def __init__(self) -> None:
        self.following: dict[int, int] = {}
        self.take: TakeRecords | None = None

    def follow(self, partition: int, start: int) -> None:
        self.following[partition] = start

    def leave(self, partition: int) -> None:
        self.following.pop(partition, None)

    async def run(self, take: TakeRecords) -> None:
        self.take = take
        await asyncio.Event().wait()
