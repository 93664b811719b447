"""Where a store of steps can live, behind one face, so that one suite runs on all of them."""

from copy import deepcopy
from typing import Any, Protocol

from signal_engine.adapters.memory.replayed import MemoryReplayed
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.step_store import MemoryGenerations, MemorySteps
from signal_engine.adapters.redis.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.replayed import RedisReplayed
from signal_engine.adapters.redis.step_store import RedisSteps
from signal_engine.engine.replayed import Replayed
from signal_engine.engine.step_store import Generations, StepStore

KINDS = ("memory", "valkey", "redis")


class Place(Protocol):
    """An empty server."""

    def store(self, prefix: str = "", generation: int = 0) -> StepStore: ...

    def generations(self, prefix: str = "") -> Generations: ...

    def replayed(self, prefix: str = "") -> Replayed: ...

    async def snapshot(self) -> dict[Any, Any]:
        """Every key with its value, byte for byte."""


class MemoryPlace:
    def __init__(self) -> None:
        self.server = MemoryServer()

    def store(self, prefix: str = "", generation: int = 0) -> MemorySteps:
        return MemorySteps(self.server, prefix, generation)

    def generations(self, prefix: str = "") -> MemoryGenerations:
        return MemoryGenerations(self.server, prefix)

    def replayed(self, prefix: str = "") -> MemoryReplayed:
        return MemoryReplayed(self.server, prefix)

    async def snapshot(self) -> dict[Any, Any]:
        kept = self.server
        return deepcopy({**kept.shelves, **kept.served, **kept.documents, **kept.fit_changes})


class RedisPlace:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def store(self, prefix: str = "", generation: int = 0) -> RedisSteps:
        return RedisSteps(self.channel, prefix, generation)

    def generations(self, prefix: str = "") -> RedisGenerations:
        return RedisGenerations(self.channel, prefix)

    def replayed(self, prefix: str = "") -> RedisReplayed:
        return RedisReplayed(self.channel, prefix)

    async def snapshot(self) -> dict[Any, Any]:
        keys = sorted(await self.channel.call("KEYS", "*"))
        return dict(zip(keys, await self.channel.calls([("DUMP", key) for key in keys]), strict=True))
