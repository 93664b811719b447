"""Refused records on their way to the dead-letter topic: bytes and headers as received, with the reason beside them."""

from hashlib import sha256
from typing import Final

from signal_engine.engine.fetched import FetchedRecord
from signal_engine.engine.producing import ToSend
from signal_engine.engine.steps import TopicPartition
from signal_engine.wire.instants import format_instant
from signal_engine.wire.refusals import Refusal

_PER_HEADER: Final = 16
_PER_RECORD: Final = 256
"""Bytes: what Kafka's record format adds at most, with room to spare."""
_SMALL: Final = 8 * 1024
"""Bytes: a key or headers beyond are left out of a letter that would not fit."""


def dead_letter(
    record: FetchedRecord, place: TopicPartition, refusal: Refusal, at: int, topic: str, most: int
) -> ToSend:
    """The letter of a record refused at `place` at `at` (ms), of at most `most` bytes, to the same partition number."""
    told = {
        "dlq.reason": refusal.reason,
        "dlq.detail": refusal.detail,
        "dlq.topic": place.topic,
        "dlq.partition": str(place.partition),
        "dlq.offset": str(record.offset),
        "dlq.at": format_instant(at),
    }
    own = [*record.headers]
    whole = ToSend(topic, place.partition, record.key, record.value, [*own, *_headers(told)])
    if _size(whole) <= most:
        return whole
    value = record.value or b""
    told |= {"dlq.truncated": "value", "dlq.sha256": sha256(value).hexdigest(), "dlq.size": str(len(value))}
    key = record.key if len(record.key or b"") <= _SMALL else None
    if sum(len(name) + len(content or b"") for name, content in own) > _SMALL:
        own, told["dlq.truncated"] = [], "value, headers"
    return ToSend(topic, place.partition, key, None, [*own, *_headers(told)])


def _headers(told: dict[str, str]) -> list[tuple[str, bytes | None]]:
    return [(name, value.encode()) for name, value in told.items()]


def _size(letter: ToSend) -> int:
    headers = sum(len(name.encode()) + len(value or b"") + _PER_HEADER for name, value in letter.headers)
    return len(letter.key or b"") + len(letter.value or b"") + headers + _PER_RECORD
