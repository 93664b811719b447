"""Documents that all processes of one engine share, and the lists that are served, in Redis or Valkey."""

from collections.abc import Sequence

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import checked, document_key, list_keys
from signal_engine.adapters.redis.connecting.scripts import REPLACE, SERVE
from signal_engine.engine.ports.controls import DocumentName


class RedisControls:
    """`Controls` of one generation. Every call is one round trip."""

    def __init__(self, channel: Channel, prefix: str = "", generation: int = 0) -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)
        self._generation = generation

    async def read(self, name: DocumentName) -> bytes | None:
        """See `Controls`."""
        found: bytes | None = await self._channel.call("GET", document_key(self._prefix, self._generation, name))
        return found

    async def replace(self, name: DocumentName, old: bytes | None, new: bytes) -> bool:
        """See `Controls`."""
        arguments = [new] if old is None else [new, old]
        key = document_key(self._prefix, self._generation, name)
        return bool(await self._channel.run(REPLACE, [key], arguments))

    async def serve(self, name: str, version: int, value: bytes) -> bool:
        """See `Controls`."""
        return bool(await self._channel.run(SERVE, list_keys(self._prefix, name), [version, value]))

    async def served(self, name: str) -> bytes | None:
        """See `Controls`."""
        key, _ = list_keys(self._prefix, name)
        found: bytes | None = await self._channel.call("GET", key)
        return found

    async def versions(self, names: Sequence[str]) -> list[int]:
        """See `Controls`."""
        keys = [version for _, version in (list_keys(self._prefix, name) for name in names)]
        return [int(found or 0) for found in await self._channel.calls([("GET", key) for key in keys])]

    async def retire(self, name: str, version: int) -> bool:
        """See `Controls`."""
        return bool(await self._channel.run(SERVE, list_keys(self._prefix, name), [version]))
