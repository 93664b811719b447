"""Which generation of keys is served, which is being built, and the removal of those that are neither."""

import re
from typing import Final

from signal_engine.adapters.redis.connecting.channel import Argument, Channel
from signal_engine.adapters.redis.connecting.keys import checked, generation_root, is_of_generation, mark_keys
from signal_engine.adapters.redis.connecting.scripts import BEGIN, FINISH, GIVE_UP, SWAP, Script
from signal_engine.adapters.redis.controls import RedisControls
from signal_engine.adapters.redis.fit_changes import RedisFitChanges
from signal_engine.adapters.redis.redriven import RedisRedriven
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.store import Marks
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.documents import reading

_SCAN_KEYS: Final = 1_000
"""Keys that a server looks at before it answers somebody else."""
_GLOB: Final = re.compile(r"([\\*?\[\]])")


class RedisGenerations:
    """`Generations` of one prefix."""

    def __init__(self, channel: Channel, prefix: str = "") -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)
        self._keys = mark_keys(prefix)

    async def current(self) -> int | None:
        """See `Generations`."""
        return (await self.marks()).served

    async def marks(self) -> Marks:
        """See `Generations`."""
        served_key, building_key, outdated_key = self._keys
        (served, building), outdated = await self._channel.calls(
            [("MGET", served_key, building_key), ("SMEMBERS", outdated_key)]
        )
        with reading("which generation of keys is served"):
            return Marks(
                None if served is None else int(served),
                None if building is None else Building.decode(building),
                tuple(sorted(map(int, outdated))),
            )

    async def swap(self, old: int | None, new: int) -> bool:
        """See `Generations`."""
        return await self._run(SWAP, "" if old is None else str(old), new)

    async def begin(self, served: int | None, building: Building) -> bool:
        """See `Generations`."""
        return await self._run(BEGIN, "" if served is None else str(served), building.encode())

    async def finish(self, building: Building) -> bool:
        """See `Generations`."""
        return await self._run(FINISH, building.encode(), building.generation)

    async def give_up(self, building: Building) -> bool:
        """See `Generations`."""
        return await self._run(GIVE_UP, building.encode(), building.generation)

    def store(self, generation: int) -> RedisStore:
        """See `Generations`."""
        return RedisStore(self._channel, self._prefix, generation)

    def controls(self, generation: int) -> RedisControls:
        """See `Generations`."""
        return RedisControls(self._channel, self._prefix, generation)

    def fit_changes(self, generation: int) -> RedisFitChanges:
        """See `Generations`."""
        return RedisFitChanges(self._channel, self._prefix, generation)

    def replayed(self) -> RedisRedriven:
        """Which dead letters were sent again. No generation's: a new one must not have them sent again."""
        return RedisRedriven(self._channel, self._prefix)

    async def drop(self, generation: int) -> None:
        """See `Generations`. The memory is given back in the background (UNLINK)."""
        marks = await self.marks()
        if generation in {marks.served, marks.worked_on}:
            raise ValueError(f"generation {generation} is being served or built")
        root, cursor = generation_root(self._prefix, generation), 0
        pattern = _GLOB.sub(r"\\\1", root) + "*"
        while True:
            on, keys = await self._channel.call("SCAN", cursor, "MATCH", pattern, "COUNT", _SCAN_KEYS)
            if mine := [key for key in keys if is_of_generation(key.decode(), root)]:
                await self._channel.call("UNLINK", *mine)
            if (cursor := int(on)) == 0:
                break
        await self._channel.call("SREM", self._keys[2], generation)

    async def _run(self, script: Script, *arguments: Argument) -> bool:
        return bool(await self._channel.run(script, self._keys, arguments))
