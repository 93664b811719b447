"""Senders: one per destination, each of one medium. What arrives is a value, whatever the receiver does."""

from typing import NamedTuple, Protocol

from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.wire.messages.to_send import MessageToSend


class Capabilities(NamedTuple):
    """What a receiver allows."""

    finds: bool
    """`find` says whether a delivery arrived."""
    idempotent: bool
    """A delivery that is sent twice arrives once: its receiver knows it by its id."""
    edits: bool
    """`update` replaces a message that was sent."""
    for_people: bool = True
    """People read it, so messages about one account are grouped; a system gets each alert."""
    concurrency: int = 4
    """Requests at once."""


class MessageSender(Protocol):
    """One destination. Attempts never raise for what a receiver does."""

    @property
    def capabilities(self) -> Capabilities:
        """What its receiver allows."""

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        """One attempt, within 30 seconds. Raises `ConfigurationError` for a secret that cannot be used."""

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:
        """Replace the message that the receiver knows by `receiver_id`; only if it `edits`."""

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:
        """Look for a delivery that was sent at `since` (ms) or later; only if it `finds`.

        `sent` with the receiver's id: it is there. `failed`: it is not. `retry`: it cannot be told now. `uncertain`: it
        cannot be told at all.
        """
