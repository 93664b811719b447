"""Messages that stay on this machine, in memory: the twin of those in Redis."""

from signal_engine.engine.ports.delivery.inbox import MESSAGES_KEPT
from signal_engine.wire.messages.inbox import InboxMessage


class MemoryInbox:
    """See `Inbox`."""

    def __init__(self) -> None:
        self._kept: dict[str, InboxMessage] = {}

    async def put(self, message: InboxMessage) -> None:
        """See `Inbox`."""
        self._kept[message.message_id] = message
        newest = await self.newest(MESSAGES_KEPT)
        self._kept = {one.message_id: one for one in newest}

    async def read(self, message_id: str) -> InboxMessage | None:
        """See `Inbox`."""
        return self._kept.get(message_id)

    async def newest(self, most: int) -> list[InboxMessage]:
        """See `Inbox`."""
        return sorted(self._kept.values(), key=lambda one: (one.at, one.message_id), reverse=True)[:most]
