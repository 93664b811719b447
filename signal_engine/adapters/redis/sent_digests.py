"""What is kept of the digests that people were sent, in Redis or Valkey."""

from typing import Final

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.disk import on_disk
from signal_engine.adapters.redis.connecting.keys import checked, digest_key
from signal_engine.adapters.redis.connecting.scripts import REPLACE

_DISK_TIMEOUT_MS: Final = 2_000
"""As long as everysec may take, and as long again."""


class RedisSentDigests:
    """`SentDigests` of one prefix. Every call but `on_disk` is one round trip."""

    def __init__(self, channel: Channel, prefix: str = "") -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._prefix = checked(prefix)

    async def read(self, name: str) -> bytes | None:
        """See `SentDigests`."""
        found: bytes | None = await self._channel.call("GET", digest_key(self._prefix, name))
        return found

    async def replace(self, name: str, old: bytes | None, new: bytes) -> bool:
        """See `SentDigests`."""
        arguments = [new] if old is None else [new, old]
        return bool(await self._channel.run(REPLACE, [digest_key(self._prefix, name)], arguments))

    async def on_disk(self) -> bool | None:
        """See `SentDigests`."""
        return await on_disk(self._channel, digest_key(self._prefix, "disk"), _DISK_TIMEOUT_MS)
