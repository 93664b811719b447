"""Which dead letters have been redriven, in memory."""

from collections.abc import Mapping, Sequence

from signal_engine.adapters.memory.server import MemoryServer


class MemoryRedriven:
    """`Redriven` of one prefix. Nothing in it awaits, so every call is atomic."""

    def __init__(self, server: MemoryServer, prefix: str = "") -> None:
        self._server = server
        self._prefix = prefix

    async def note(self, partition: int, dead_letters: Mapping[str, int]) -> None:
        """See `Redriven`."""
        noted = self._of(partition)
        for name, offset in dead_letters.items():
            noted[name] = max(offset, noted.get(name, offset))

    async def among(self, partition: int, names: Sequence[str]) -> set[str]:
        """See `Redriven`."""
        return self._of(partition).keys() & set(names)

    async def prune(self, partition: int, beginning: int) -> int:
        """See `Redriven`."""
        noted = self._of(partition)
        gone = [name for name, offset in noted.items() if offset < beginning]
        for name in gone:
            del noted[name]
        return len(gone)

    def _of(self, partition: int) -> dict[str, int]:
        return self._server.replayed.setdefault((self._prefix, partition), {})
