"""What is kept of the digests that people were sent, in memory."""

from signal_engine.adapters.memory.server import MemoryServer


class MemorySentDigests:
    """`SentDigests` of one prefix. Nothing in it awaits, so every call is atomic."""

    def __init__(self, server: MemoryServer, prefix: str = "") -> None:
        self._server = server
        self._prefix = prefix

    async def read(self, name: str) -> bytes | None:
        """See `SentDigests`."""
        return self._server.digests.get((self._prefix, name))

    async def replace(self, name: str, old: bytes | None, new: bytes) -> bool:
        """See `SentDigests`."""
        if await self.read(name) != old:
            return False
        self._server.digests[self._prefix, name] = new
        return True

    async def on_disk(self) -> bool | None:
        """See `SentDigests`."""
        return True
