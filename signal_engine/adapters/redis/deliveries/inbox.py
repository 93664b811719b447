"""Messages that stay on this machine, in Redis or Valkey: each under its own key, their order in one sorted set."""

from typing import Final

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import inbox_key
from signal_engine.engine.ports.delivery.inbox import MESSAGES_KEPT
from signal_engine.wire.messages.inbox import InboxMessage

_KEPT_S: Final = 30 * 86_400


class RedisInbox:
    """`Inbox` of one prefix."""

    def __init__(self, channel: Channel, prefix: str = "") -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._order = inbox_key(prefix)

    async def put(self, message: InboxMessage) -> None:
        """See `Inbox`. The message first: what the order names can be read."""
        await self._channel.calls(
            [
                ("SET", self._of(message.message_id), message.encode(), "EX", _KEPT_S),
                ("ZADD", self._order, message.at, message.message_id),
                ("ZREMRANGEBYRANK", self._order, 0, -MESSAGES_KEPT - 1),
            ]
        )

    async def read(self, message_id: str) -> InboxMessage | None:
        """See `Inbox`."""
        stored: bytes | None = await self._channel.call("GET", self._of(message_id))
        return None if stored is None else InboxMessage.decode(stored)

    async def newest(self, most: int) -> list[InboxMessage]:
        """See `Inbox`."""
        names: list[bytes] = await self._channel.call("ZREVRANGE", self._order, 0, most - 1)
        if not names:
            return []
        stored: list[bytes | None] = await self._channel.call("MGET", *(self._of(name.decode()) for name in names))
        return [InboxMessage.decode(one) for one in stored if one is not None]

    def _of(self, message_id: str) -> str:
        return f"{self._order}:{message_id}"
