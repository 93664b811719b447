"""Documents that all processes of one engine share, and the lists that are served, in memory."""

from collections.abc import Sequence

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.engine.ports.controls import DocumentName


class MemoryControls:
    """`Controls` of one generation. Nothing in it awaits, so every call is atomic."""

    def __init__(self, server: MemoryServer, prefix: str = "", generation: int = 0) -> None:
        self._server = server
        self._prefix = prefix
        self._generation = generation

    async def read(self, name: DocumentName) -> bytes | None:
        """See `Controls`."""
        return self._server.documents.get((self._prefix, self._generation, name))

    async def replace(self, name: DocumentName, old: bytes | None, new: bytes) -> bool:
        """See `Controls`."""
        if await self.read(name) != old:
            return False
        self._server.documents[self._prefix, self._generation, name] = new
        return True

    async def serve(self, name: str, version: int, value: bytes) -> bool:
        """See `Controls`."""
        return self._put(name, version, value)

    async def served(self, name: str) -> bytes | None:
        """See `Controls`."""
        _, value = self._server.lists.get((self._prefix, name), (0, None))
        return value

    async def versions(self, names: Sequence[str]) -> list[int]:
        """See `Controls`."""
        return [self._server.lists.get((self._prefix, name), (0, None))[0] for name in names]

    async def retire(self, name: str, version: int) -> bool:
        """See `Controls`."""
        return self._put(name, version, None)

    def _put(self, name: str, version: int, value: bytes | None) -> bool:
        there = self._server.lists.get((self._prefix, name))
        if there is not None and there[0] >= version:
            return False
        self._server.lists[self._prefix, name] = (version, value)
        return True
