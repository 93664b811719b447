"""A receiver of list changes: Standard Webhooks to one URL."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from signal_engine.adapters.outgoing.handshake import Handshake
from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.webhook import send_webhook
from signal_engine.core.delivery.outcomes import Attempt


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """`engine.sync.places.ChangeReceiver`. `clock` gives ms since 1970."""

    poster: Poster
    url: str
    keys: Sequence[bytes]
    clock: Callable[[], int]
    handshake: Handshake | None = None
    """None: the receiver is not verified."""

    async def send(self, delivery_id: str, body: bytes) -> Attempt:
        """One attempt, signed with every key; none before a receiver that has to be verified gave the token back."""
        if self.handshake is not None:
            refusal = await self.handshake.refusal(self.url, self.clock(), self.keys)
            if refusal is not None:
                return refusal
        return await send_webhook(self.poster, self.url, delivery_id, self.clock() // 1000, body, self.keys)
