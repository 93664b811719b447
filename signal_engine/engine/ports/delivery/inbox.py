"""Messages that stay on this machine: what the page Inbox shows instead of what people would have been sent."""

from typing import Final, Protocol

from signal_engine.wire.messages.inbox import InboxMessage

MESSAGES_KEPT: Final = 500
"""The newest; older ones are let go."""


class Inbox(Protocol):
    """The messages of one prefix. Every method may raise `StoreTrouble`."""

    async def put(self, message: InboxMessage) -> None:
        """Keep it, in the place of an earlier one with its id."""

    async def read(self, message_id: str) -> InboxMessage | None:
        """The message with this id; None where there is none, or none any more."""

    async def newest(self, most: int) -> list[InboxMessage]:
        """By when they were sent first, newest first."""
