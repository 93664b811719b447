"""The Kafka producer that the engine needs."""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from signal_engine.core.errors import SignalEngineError


class ToSend(NamedTuple):
    """One record to be produced."""

    topic: str
    partition: int | None
    """None: derived from the key (murmur2, as in the producers of Java and aiokafka)."""
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]] = ()


class TooLarge(SignalEngineError):
    """The record is too large: neither broker nor producer will ever accept it."""


Still = Callable[[], Awaitable[bool]]
"""Whether records are still to be sent."""


class Producer(Protocol):
    """Sends records in order, idempotently, acknowledged by all replicas."""

    async def send(self, records: Sequence[ToSend], still: Still | None = None) -> bool:
        """Return True when every record is acknowledged. Retries for as long as Kafka is unreachable; `still` is asked
        before each further try. Where it says no, returns False: some of them may be sent.

        Raises `TooLarge` for a record that can never be sent; the records before it are sent, those after it are not.
        """


class Sent(Enum):
    """What became of a record."""

    ACKNOWLEDGED = "acknowledged"
    """All replicas have it."""
    UNKNOWN = "unknown"
    """It may be there: send it again under the same id."""
    NOT_SENT = "not sent"
    """Kafka is away, and the record has not been given to it."""


class PromptProducer(Protocol):
    """Sends records while somebody waits."""

    @property
    def is_up(self) -> bool:
        """Whether Kafka is connected and took what it was given last."""

    async def attempt(self, records: Sequence[ToSend]) -> list[Sent]:
        """What became of each record, in their order, within seconds."""
