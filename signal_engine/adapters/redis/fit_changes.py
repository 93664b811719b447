"""The fit table on its way to the accounts, in Redis or Valkey: a hash for every partition and version."""

from collections.abc import Mapping
from itertools import islice
from typing import Final

from signal_engine.adapters.redis.connecting.channel import Argument, Channel
from signal_engine.adapters.redis.connecting.keys import Keys, checked
from signal_engine.adapters.redis.transactions.asking import PartCommand, ask
from signal_engine.adapters.redis.transactions.marks import without_mark
from signal_engine.engine.ports.fit_changes import FitRows

_BATCH_ROWS: Final = 2_000
"""Rows a command: a server answers nobody else while it works on one."""
_GONE: Final = b""
"""What stands for a row that is no more; no row is empty."""


class RedisFitChanges:
    """`FitChanges` of one generation."""

    def __init__(self, channel: Channel, prefix: str = "", generation: int = 0) -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)
        self._generation = generation

    async def write(self, partition: int, version: int, rows: Mapping[str, bytes | None]) -> None:
        """See `FitChanges`."""
        key = self._keys(partition).fit_changes(version)
        left = iter(rows.items())
        while some := list(islice(left, _BATCH_ROWS)):
            pairs: list[Argument] = []
            for account, row in some:
                pairs += (account, _GONE if row is None else row)
            await self._channel.call("HSET", key, *pairs)

    async def read(self, partition: int, version: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """See `FitChanges`."""
        keys = self._keys(partition)
        return await self._scan(
            PartCommand(partition, keys, ("HSCAN", keys.fit_changes(version), cursor, "COUNT", limit))
        )

    async def drop(self, partition: int, version: int) -> None:
        """See `FitChanges`. The memory is given back in the background (UNLINK)."""
        await self._channel.call("UNLINK", self._keys(partition).fit_changes(version))

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """See `FitChanges`."""
        keys = self._keys(partition)
        return await self._scan(PartCommand(partition, keys, ("HSCAN", keys.fits, cursor, "COUNT", limit)))

    async def _scan(self, asked: PartCommand) -> FitRows:
        ((cursor, reply),) = await ask(self._channel, [asked])
        found = without_mark(reply)
        pairs = zip(found[::2], found[1::2], strict=True)
        return FitRows(int(cursor), {account.decode(): row or None for account, row in pairs})

    def _keys(self, partition: int) -> Keys:
        return Keys.of(self._prefix, self._generation, partition)
