"""Which generation of keys is served, and the removal of those that are not."""

from collections.abc import Sequence
from typing import Final

from signal_engine.adapters.redis.channel import Channel
from signal_engine.adapters.redis.controls import RedisControls
from signal_engine.adapters.redis.fit_changes import RedisFitChanges
from signal_engine.adapters.redis.keys import Keys, checked, document_key, generation_key
from signal_engine.adapters.redis.scripts import SWAP
from signal_engine.adapters.redis.step_store import RedisSteps
from signal_engine.engine.controls import DOCUMENTS

_AT_ONCE: Final = 1_000


class RedisGenerations:
    """`Generations` of one prefix."""

    def __init__(self, channel: Channel, prefix: str = "") -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)

    async def current(self) -> int | None:
        """As `Generations` says."""
        served = await self._channel.call("GET", generation_key(self._prefix))
        return None if served is None else int(served)

    async def swap(self, old: int | None, new: int) -> bool:
        """As `Generations` says."""
        expected = "" if old is None else str(old)
        return bool(await self._channel.run(SWAP, [generation_key(self._prefix)], [expected, new]))

    def store(self, generation: int) -> RedisSteps:
        """As `Generations` says."""
        return RedisSteps(self._channel, self._prefix, generation)

    def controls(self, generation: int) -> RedisControls:
        """As `Generations` says."""
        return RedisControls(self._channel, self._prefix, generation)

    def fit_changes(self, generation: int) -> RedisFitChanges:
        """As `Generations` says."""
        return RedisFitChanges(self._channel, self._prefix, generation)

    async def drop(self, generation: int, partitions: Sequence[int]) -> None:
        """As `Generations` says. The memory is given back in the background (UNLINK)."""
        if await self.current() == generation:
            raise ValueError(f"generation {generation} is being served")
        for name in DOCUMENTS:
            await self._channel.call("UNLINK", document_key(self._prefix, generation, name))
        for partition in partitions:
            keys = Keys.of(self._prefix, generation, partition)
            lists = await self._channel.call("SMEMBERS", keys.lists)
            ranks = [keys.ranks(name.decode()) for name in lists]
            days = await self._channel.call("SMEMBERS", keys.days)
            scores = [keys.scores(day.decode()) for day in days]
            await self._drop_histories(keys)
            await self._channel.call("UNLINK", *ranks, *scores, *keys.all_but_ranks())

    async def _drop_histories(self, keys: Keys) -> None:
        """Those of every account that has a state: no other has one."""
        cursor = "0"
        while True:
            on, found = await self._channel.call("HSCAN", keys.states, cursor, "COUNT", _AT_ONCE)
            if accounts := [account.decode() for account in found[::2]]:
                await self._channel.call(
                    "UNLINK", *(kept + a for kept in (keys.signals, keys.alerts) for a in accounts)
                )
            cursor = on.decode()
            if cursor == "0":
                return
