"""What the engine asks of a producer to Kafka."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from signal_engine.core.errors import SignalEngineError


class ToSend(NamedTuple):
    """One record to be produced."""

    topic: str
    partition: int | None
    """None: by the key (murmur2, as Java's and aiokafka's producers do)."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


class TooLarge(SignalEngineError):
    """A record that the broker or the producer will never take, for its size."""


class Producer(Protocol):
    """Sends records in order, idempotently, with all replicas asked."""

    async def send(self, records: Sequence[ToSend]) -> None:
        """Returns when every record is acknowledged. Tries again for as long as Kafka cannot be reached.

        Raises `TooLarge` for a record that can never be sent; those before it are sent, those after it are not.
        """
