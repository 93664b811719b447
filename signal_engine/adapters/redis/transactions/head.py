"""The head of a partition: its transaction counter, positions, origins and marks, and whether one ended half-way."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from signal_engine.adapters.redis.transactions.marks import marked_part
from signal_engine.engine.ports.store import HEAD, Damage, Damaged
from signal_engine.engine.ports.transaction import LastRecord, Positions, TopicPartition

COUNTER: Final = "counter"
OPEN: Final = "open"
"""The counter that a half-written transaction would have reached."""
NOT_OURS: Final = "it holds what no transaction wrote"
_POSITION: Final = "at:"
_ORIGIN: Final = "from:"
_LAST: Final = "last:"


def position_field(topic: str) -> str:
    """The field of a partition's head with the position of a topic."""
    return _POSITION + topic


def last_field(topic: str) -> str:
    """The field of a partition's head with the last record read of a topic."""
    return _LAST + topic


def origin_field(origin: TopicPartition) -> str:
    """The field of a partition's head with the highest offset of an origin."""
    return f"{_ORIGIN}{origin.partition}:{origin.topic}"


def fields(reply: Sequence[bytes]) -> dict[str, bytes]:
    """Field -> value, from the reply to HGETALL."""
    return {name.decode(): value for name, value in zip(reply[::2], reply[1::2], strict=True)}


@contextmanager
def legible(partition: int, part: str = HEAD) -> Iterator[None]:
    """Raises `Damaged` if, inside, a part turns out to be incomplete or not to hold a number."""
    try:
        yield
    except (ValueError, KeyError):
        raise Damaged(partition, [Damage(part, NOT_OURS)]) from None


def positions(head: Mapping[str, bytes]) -> Positions:
    """Read counter, positions, origins and last records."""
    topics, origins, last = {}, {}, {}
    for name, value in head.items():
        if name.startswith(_POSITION):
            topics[name.removeprefix(_POSITION)] = int(value)
        elif name.startswith(_ORIGIN):
            partition, _, topic = name.removeprefix(_ORIGIN).partition(":")
            origins[TopicPartition(topic, int(partition))] = int(value)
        elif name.startswith(_LAST):
            offset, timestamp, check = value.decode().split()
            last[name.removeprefix(_LAST)] = LastRecord(int(offset), int(timestamp), check)
    return Positions(int(head.get(COUNTER, 0)), topics, origins, last)


def marks(head: Mapping[str, bytes]) -> dict[str, int]:
    """Part -> its mark."""
    return {part: int(value) for name, value in head.items() if (part := marked_part(name)) is not None}
