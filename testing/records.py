"""Records of signal topics, before and after they are produced."""

from typing import Any, NamedTuple


class ToProduce(NamedTuple):
    """One record, before it is produced."""

    kind: str
    partition: int
    key: bytes
    value: bytes | None
    event: dict[str, Any] | None
    """None: broken."""
    timestamp: int | None = None
    """ms; None: the broker's or the producer's clock."""
    headers: tuple[tuple[str, bytes], ...] = ()


class Produced(NamedTuple):
    """A record and where it is."""

    record: ToProduce
    offset: int
    timestamp: int
