"""Answers of a broker as bytes, ordinary and strange, and how they are read by aiokafka alone and natively."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c, encode_varint

from bench.native.answers import Assignment
from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.adapters.kafka.records.walking import walking
from signal_engine.adapters.native.walker import NativeWalker
from signal_engine.engine.ports.fetched import Unreadable

TP: Final = TopicPartition("signals.intent", 3)
HEAD, CRC, ATTRIBUTES, LAST, FIRST_TIMESTAMP, COUNT = 61, 17, 21, 23, 27, 57
LOG_APPEND_TIME, TRANSACTIONAL, CONTROL = 0x08, 0x10, 0x20
ABORT, COMMIT = b"\x00\x00\x00\x00", b"\x00\x00\x00\x01"
NO_CODEC: Final = 0

Header = tuple[str, bytes | None]


class Rec(NamedTuple):
    """A record of a batch; `gap`: how many offsets before it hold nothing any more."""

    value: bytes | None
    key: bytes | None = None
    headers: tuple[Header, ...] = ()
    stamp: int = 0
    gap: int = 0


class Batch(NamedTuple):
    records: tuple[Rec, ...]
    codec: int = NO_CODEC
    flags: int = 0
    producer: int = -1


class Part(NamedTuple):
    """What comes at once, and how the topic-partition stands then."""

    records: list[tuple[Any, ...]]
    found: list[Unreadable]
    position: int


def packed(codec: int, batch: Batch, base: int, last: int | None = None) -> bytes:
    """A batch as a broker sends it: aiokafka packs it, and here what aiokafka cannot write is put into the head."""
    builder = DefaultRecordBatchBuilder(2, codec, False, batch.producer, 0, 0, 1 << 30)
    at = 0
    for one in batch.records:
        at += one.gap
        assert builder.append(at, 1_000 + one.stamp, one.key, one.value, [*one.headers])
        at += 1
    raw = bytearray(builder.build())
    raw[:8] = base.to_bytes(8, "big", signed=True)
    raw[ATTRIBUTES + 1] |= batch.flags
    struct.pack_into(">i", raw, LAST, max(at - 1, 0) if last is None else last)
    return mended(raw)


def mended(raw: bytes | bytearray) -> bytes:
    """With the checksum that belongs to it."""
    made = bytearray(raw)
    struct.pack_into(">I", made, CRC, calc_crc32c(bytes(made[ATTRIBUTES:])))
    return bytes(made)


def answer(batches: tuple[Batch, ...], base: int = 0) -> bytes:
    """Batches one behind the other."""
    made = b""
    for one in batches:
        made += packed(one.codec, one, base)
        base += sum(record.gap + 1 for record in one.records) or 1
    return made


def read(data: bytes, at: int, most: int, left: int, aborted: Any = (), *, some: list[Any] | None = None) -> list[Part]:
    """All parts of an answer; `some` are noted in it as they come."""
    found: list[Unreadable] = []
    plain = PlainDeserializer(lambda place, what: found.append(what), 1 << 20, packed=True)
    plain.bytes_per_fetch = left
    assignment, parts = Assignment(at), []
    records = fetcher.PartitionRecords(TP, fetcher.MemoryRecords(data), [*aborted], at, None, plain, True, 1)
    result = fetcher.FetchResult(TP, assignment=assignment, partition_records=records, backoff=0)
    while result.has_more():
        came = result.getall(most)
        if some is not None:
            some.append(came)
        parts.append(Part([*map(tuple, came)], found[:], assignment.position))
    return parts


@contextmanager
def walked_by(module: Any, *, checks: bool = False, broken: bool = False) -> Iterator[list[Exception]]:
    """Batches are walked natively; the errors for which that was given up."""
    failures: list[Exception] = []
    before, walking.failed = walking.failed, failures.append
    walking.offer(NativeWalker(module, broken=broken), checks=checks)
    try:
        yield failures
    finally:
        walking.offer(None)
        walking.failed = before


def same(
    module: Any, data: bytes, at: int = 0, most: int = 5_000, left: int = 1 << 20, aborted: Any = ()
) -> list[Part]:
    """What comes of an answer, by aiokafka alone, natively, and checked."""
    python = read(data, at, most, left, aborted)
    for checks in (False, True):
        with walked_by(module, checks=checks) as failures:
            assert read(data, at, most, left, aborted) == python
        assert failures == []
    return python


def varints(*numbers: int) -> bytes:
    made = bytearray()
    for number in numbers:
        encode_varint(number, made.append)
    return bytes(made)


def record(*parts: bytes, length: int | None = None) -> bytes:
    whole = b"".join(parts)
    return varints(len(whole) if length is None else length) + whole


def of(*records: bytes, count: int | None = None, base: int = 0, last: int = 3) -> bytes:
    """A batch of records that are bytes already."""
    head = bytearray(packed(NO_CODEC, Batch((Rec(b"x"),)), base, last)[:HEAD])
    struct.pack_into(">i", head, COUNT, len(records) if count is None else count)
    whole = bytes(head) + b"".join(records)
    return mended(whole[:8] + struct.pack(">i", len(whole) - 12) + whole[12:])


def plain(delta: int, value: bytes = b"v", stamp: int = 0) -> bytes:
    return record(b"\x00", varints(stamp, delta, -1, len(value)), value, varints(0))
