"""Where a record came from that was produced again to the partition it belongs to."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.engine.fetched import FetchedRecord
from signal_engine.engine.producing import ToSend
from signal_engine.engine.steps import MOST, TopicPartition

TOPIC: Final = "origin.topic"
PARTITION: Final = "origin.partition"
OFFSET: Final = "origin.offset"
TIMESTAMP: Final = "origin.timestamp"
NAMES: Final = (TOPIC, PARTITION, OFFSET, TIMESTAMP)


class Origin(NamedTuple):
    """Its first place, which is its identity: a copy made twice has the same."""

    place: TopicPartition
    offset: int
    timestamp: int
    """When it arrived there (ms): when it is decided."""


class UnreadableOrigin(ValueError):
    """Headers that begin to name an origin and do not; none of ours."""


def is_copy(headers: Sequence[tuple[str, bytes | None]]) -> bool:
    """Whether `headers` name an origin, readable or not."""
    return any(name == TOPIC for name, _ in headers)


def origin_of(headers: Sequence[tuple[str, bytes | None]]) -> Origin | None:
    """The origin that `headers` name; None for a record that is where its producer put it.

    Raises `UnreadableOrigin`.
    """
    named = {name: value for name, value in headers if name in NAMES}
    if not named:
        return None
    try:
        topic, *numbers = ((named[name] or b"").decode() for name in NAMES)
        partition, offset, timestamp = map(int, numbers)
    except (KeyError, ValueError):  # a UnicodeDecodeError is one
        raise UnreadableOrigin(f"the headers {', '.join(NAMES)} do not name an origin") from None
    if not (topic and 0 <= partition < MOST and 0 <= offset < MOST and 0 <= timestamp < MOST):
        raise UnreadableOrigin(f"the headers {', '.join(NAMES)} name no possible origin")
    return Origin(TopicPartition(topic, partition), offset, timestamp)


def sent_on(record: FetchedRecord, here: TopicPartition, to: int, account: str, arrived: int) -> ToSend:
    """The record as it is produced to partition `to` of its topic, with `here` as its origin."""
    origin = {TOPIC: here.topic, PARTITION: str(here.partition), OFFSET: str(record.offset), TIMESTAMP: str(arrived)}
    headers = [*record.headers, *((name, value.encode()) for name, value in origin.items())]
    return ToSend(here.topic, to, account.encode(), record.value, headers)
