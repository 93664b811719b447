"""Iterate over the record batches of a broker's answer, decompressing within limits and tracking the position.

Uncompressed batches are passed on to aiokafka unchanged and read at its usual speed.
"""

import struct
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka.record.memory_records import MemoryRecords

from signal_engine.adapters.kafka.records.unpacking import CannotUnpack, unpack
from signal_engine.adapters.kafka.records.walking import Reads, WalkableBatch

MAX_BATCH_BYTES: Final = 32 * 1024 * 1024
"""Default limit of a batch's uncompressed size, in bytes."""
_CODEC: Final = 0x07
"""Bits of the attributes that name the codec; 0: uncompressed."""

_FRAME: Final = struct.Struct(">qi")
"""First offset, and length of the rest. The same in every version of the format, like the next two."""
_MAGIC: Final = 16
"""Position of the version byte."""
_BATCHES: Final = 2
"""The first version with batches; before, a compressed message contains messages."""
_OLD_ATTRIBUTES: Final = 17
_OLD_KEYS: Final = {0: 18, 1: 26}
"""Version -> position of a message's key."""
_ATTRIBUTES: Final = 22
"""Position of the attributes' lower byte in a batch."""
_NUMBER: Final = struct.Struct(">i")
_LENGTH_AT: Final = 8
_LAST_AT: Final = 23
"""Position of a batch's last offset minus its first."""
_RECORDS_AT: Final = 61


class BatchPlace(NamedTuple):
    """The place of a batch, or of an old message, in a broker's answer."""

    first: int
    """The offset of its first record."""
    end: int | None
    """The position after it by its own header; None if the header is implausible."""
    behind: int
    """Index of the next one in the answer."""


def place_at(data: bytes, at: int) -> BatchPlace | None:
    """The batch that begins at index `at`; None if there is none or it is incomplete."""
    if len(data) - at <= _MAGIC:
        return None
    first, length = _FRAME.unpack_from(data, at)
    behind = at + _FRAME.size + length
    if length < 0 or behind > len(data):
        return None
    if data[at + _MAGIC] < _BATCHES:
        return BatchPlace(first, first + 1, behind)
    (last,) = _NUMBER.unpack_from(data, at + _LAST_AT)
    return BatchPlace(first, first + last + 1 if last >= 0 else None, behind)


class KeptRecords:
    """aiokafka's `MemoryRecords` that also knows the last batch it returned, and its bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.max_bytes = MAX_BATCH_BYTES
        """Limit of a batch's uncompressed size, in bytes."""
        self.reads: Reads | None = None
        """Who reads the batches, if those may be walked by somebody else than aiokafka."""
        records: Any = MemoryRecords(data)
        self.has_next = records.has_next
        self.size_in_bytes = records.size_in_bytes
        self._next_batch = records.next_batch
        self._now = self._at = 0
        if data and place_at(data, 0) is None:  # brokers send the first batch in full, however large
            self.has_next = _there_is
            self._next_batch = _wrong_length

    def next_batch(self) -> Any:
        """The next batch; None at the end."""
        data, at = self.data, self._at
        place = place_at(data, at)
        self._now = at
        if place is None:
            return self._next_batch()
        self._at = place.behind
        if data[at + _MAGIC] >= _BATCHES:
            batch: Any = self._next_batch()
            if data[at + _ATTRIBUTES] & _CODEC:
                batch = _CompressedBatch(batch, data[at : place.behind], self.max_bytes)
            return self._walkable(batch, at, place.behind)
        if not data[at + _OLD_ATTRIBUTES] & _CODEC:
            return self._next_batch()
        return _PackedMessage(self._next_batch(), data[at : place.behind], self.max_bytes)

    def _walkable(self, batch: Any, at: int, behind: int) -> Any:
        data, max_bytes = self.data, self.max_bytes
        if self.reads is None or batch.is_control_batch:
            return batch

        def again() -> Any:
            raw = data[at:behind]
            batch: Any = MemoryRecords(raw).next_batch()
            return _CompressedBatch(batch, raw, max_bytes) if raw[_ATTRIBUTES] & _CODEC else batch

        return WalkableBatch(batch, self.reads, (data, at, behind), again)

    def raw(self) -> bytes:
        """The bytes of the batch returned last."""
        return self.data[self._now : self._at]

    def place(self) -> tuple[int, int | None]:
        """First offset of the batch returned last, and the position after it.

        The latter is where the next batch begins, or by its own header if it is the last; None if unknown.
        """
        now, following = place_at(self.data, self._now), place_at(self.data, self._at)
        if now is None:
            return int.from_bytes(self.data[self._now : self._now + 8], "big"), None
        return now.first, now.end if following is None else following.first


def _there_is() -> bool:
    return True


def _wrong_length() -> Any:
    raise CannotUnpack("its length is wrong")


class _CompressedBatch:
    """A compressed batch, decompressed only when its records are read."""

    def __init__(self, batch: Any, raw: bytes, max_bytes: int) -> None:
        self._batch, self._raw, self._max_bytes = batch, raw, max_bytes
        self.base_offset, self.next_offset = batch.base_offset, batch.next_offset
        self.producer_id = batch.producer_id
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional

    def validate_crc(self) -> bool:
        """Whether the checksum is right."""
        return bool(self._batch.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        """Iterate over its records. Raises `CannotUnpack`."""
        batch: Any = MemoryRecords(_with_records(self._raw, self.unpacked())).next_batch()
        return iter(batch)

    def unpacked(self) -> bytes:
        """Its records, decompressed. Raises `CannotUnpack`."""
        return unpack(self._raw[_ATTRIBUTES] & _CODEC, self._raw[_RECORDS_AT:], self._max_bytes)


class _PackedMessage:
    """A compressed message of the formats before batches: aiokafka decompresses it once it is known to be in limits."""

    producer_id = None
    is_control_batch = is_transactional = False

    def __init__(self, message: Any, raw: bytes, max_bytes: int) -> None:
        self._message, self._raw, self._max_bytes = message, raw, max_bytes
        self.next_offset = message.next_offset

    def validate_crc(self) -> bool:
        """Whether the checksum is right."""
        return bool(self._message.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        """Iterate over its messages. Raises `CannotUnpack`."""
        raw, at = self._raw, _OLD_KEYS[self._raw[_MAGIC]]
        (key,) = _NUMBER.unpack_from(raw, at)
        unpack(raw[_OLD_ATTRIBUTES] & _CODEC, raw[at + 2 * _NUMBER.size + max(key, 0) :], self._max_bytes)
        return iter(self._message)


def _with_records(raw: bytes, records: bytes) -> bytes:
    """The batch as if it were uncompressed, except for its checksum."""
    head = bytearray(raw[:_RECORDS_AT])
    _NUMBER.pack_into(head, _LENGTH_AT, _RECORDS_AT - _FRAME.size + len(records))
    head[_ATTRIBUTES] &= ~_CODEC
    return bytes(head) + records
