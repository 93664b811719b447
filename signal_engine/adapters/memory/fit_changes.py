"""The fit table on its way to the accounts, in memory."""

from collections.abc import Mapping

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.engine.ports.fit_changes import FitRows


class MemoryFitChanges:
    """`FitChanges` of one generation. Nothing in it awaits, so every call is atomic."""

    def __init__(self, server: MemoryServer, prefix: str = "", generation: int = 0) -> None:
        self._server = server
        self._place = (prefix, generation)

    async def write(self, partition: int, version: int, rows: Mapping[str, bytes | None]) -> None:
        """See `FitChanges`."""
        self._server.fit_changes.setdefault((*self._place, partition, version), {}).update(rows)

    async def read(self, partition: int, version: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """See `FitChanges`."""
        return _page(self._server.fit_changes.get((*self._place, partition, version), {}), cursor, limit)

    async def drop(self, partition: int, version: int) -> None:
        """See `FitChanges`."""
        self._server.fit_changes.pop((*self._place, partition, version), None)

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """See `FitChanges`."""
        data = self._server.partitions.get((*self._place, partition))
        return _page(data.fits if data else {}, cursor, limit)


def _page(rows: Mapping[str, bytes | None], cursor: int, limit: int) -> FitRows:
    names = sorted(rows)
    after = cursor + limit
    return FitRows(after if after < len(names) else 0, {name: rows[name] for name in names[cursor:after]})
