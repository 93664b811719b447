"""Write dead letters: bytes and headers as received, and the reason in additional headers."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant

_BYTES_PER_HEADER: Final = 16
_BYTES_PER_RECORD: Final = 256
"""Upper limit of the bytes that Kafka's record format adds."""
_SMALL_BYTES: Final = 8 * 1024
"""Bytes beyond which key or headers are left out of a dead letter that would not fit."""


def dead_letter(
    record: FetchedRecord, refusal: Refusal, place: TopicPartition, at: int, topic: str, max_bytes: int
) -> ToSend:
    """The dead letter, of at most `max_bytes`, of a record rejected at `place` at `at` (ms); same partition number."""
    about = {
        "dlq.reason": refusal.reason,
        "dlq.detail": refusal.detail,
        "dlq.topic": place.topic,
        "dlq.partition": str(place.partition),
        "dlq.offset": str(record.offset),
        "dlq.at": format_instant(at),
    }
    own = [*record.headers]
    whole = ToSend(topic, place.partition, record.key, record.value, [*own, *_headers(about)])
    if _size(whole) <= max_bytes:
        return whole
    value = record.value or b""
    left_out = ["value"]
    key = record.key
    if len(key or b"") > _SMALL_BYTES:
        key = None
        left_out.append("key")
    if _size_of_headers(own) > _SMALL_BYTES:
        own = []
        left_out.append("headers")
    about |= {
        "dlq.truncated": ", ".join(left_out),
        "dlq.sha256": sha256(value).hexdigest(),
        "dlq.size": str(len(value)),
    }
    return ToSend(topic, place.partition, key, None, [*own, *_headers(about)])


def _headers(about: dict[str, str]) -> list[tuple[str, bytes | None]]:
    return [(name, value.encode()) for name, value in about.items()]


def _size(record: ToSend) -> int:
    return len(record.key or b"") + len(record.value or b"") + _size_of_headers(record.headers) + _BYTES_PER_RECORD


def _size_of_headers(headers: Sequence[tuple[str, bytes | None]]) -> int:
    return sum(len(name.encode()) + len(value or b"") + _BYTES_PER_HEADER for name, value in headers)
