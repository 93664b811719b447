"""Which dead letters have been redriven, in Redis or Valkey: a sorted set for every partition."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from signal_engine.adapters.redis.connecting.channel import Argument, Channel
from signal_engine.adapters.redis.connecting.keys import checked, replayed_key

_BATCH_DEAD_LETTERS: Final = 2_000


class RedisRedriven:
    """`Redriven` of one prefix."""

    def __init__(self, channel: Channel, prefix: str = "") -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)

    async def note(self, partition: int, dead_letters: Mapping[str, int]) -> None:
        """See `Redriven`."""
        left = iter(dead_letters.items())
        while some := list(islice(left, _BATCH_DEAD_LETTERS)):
            pairs: list[Argument] = []
            for name, offset in some:
                pairs += (offset, name)
            await self._channel.call("ZADD", replayed_key(self._prefix, partition), "GT", *pairs)

    async def among(self, partition: int, names: Sequence[str]) -> set[str]:
        """See `Redriven`."""
        found: set[str] = set()
        for start in range(0, len(names), _BATCH_DEAD_LETTERS):
            some = names[start : start + _BATCH_DEAD_LETTERS]
            scores = await self._channel.call("ZMSCORE", replayed_key(self._prefix, partition), *some)
            found |= {name for name, score in zip(some, scores, strict=True) if score is not None}
        return found

    async def prune(self, partition: int, beginning: int) -> int:
        """See `Redriven`."""
        key = replayed_key(self._prefix, partition)
        return int(await self._channel.call("ZREMRANGEBYSCORE", key, "-inf", f"({beginning}"))
