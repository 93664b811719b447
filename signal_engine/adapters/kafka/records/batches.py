"""Record batches as a broker sends them: which one is read now, and packed ones unpacked within bounds.

aiokafka's own reading is as fast as ever where a batch is not packed: it is handed on as it is.
"""

import struct
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from aiokafka.record.memory_records import MemoryRecords

from signal_engine.adapters.kafka.records.unpacking import CannotUnpack, unpack

MAX_BATCH_BYTES: Final = 32 * 1024 * 1024
"""Bytes that a batch may unpack to, unless somebody says otherwise."""
CODEC: Final = 0x07
"""Of the attributes; 0: not packed."""

_FRAME: Final = struct.Struct(">qi")
"""First offset, and the length of what follows. The same in every version of the format, as are the next two."""
_MAGIC: Final = 16
"""The place of the version."""
_BATCHES: Final = 2
"""The version from which on there are batches; before, a packed message holds messages."""
_OLD_ATTRIBUTES: Final = 17
_OLD_KEYS: Final = {0: 18, 1: 26}
"""Version -> the place of a message's key."""
_ATTRIBUTES: Final = 22
"""The place of their lower byte, in a batch."""
_NUMBER: Final = struct.Struct(">i")
_LENGTH_AT: Final = 8
_LAST_AT: Final = 23
"""The place of a batch's last offset, less its first."""
_RECORDS_AT: Final = 61


class BatchPlace(NamedTuple):
    """One batch, or old message, in an answer of a broker."""

    first: int
    """The offset of its first record."""
    end: int | None
    """The position after it, as it says itself; None when what it says cannot be."""
    behind: int
    """Where in the answer the next one is."""


def place_at(data: bytes, at: int) -> BatchPlace | None:
    """The batch that begins there; None when there is none, or not the whole of it."""
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
    """aiokafka's `MemoryRecords`: knows also the bytes they are read from, and the batch that was handed out last."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.most = MAX_BATCH_BYTES
        """Bytes that a batch may unpack to."""
        records: Any = MemoryRecords(data)
        self.has_next = records.has_next
        self.size_in_bytes = records.size_in_bytes
        self._next_batch = records.next_batch
        self._now = self._at = 0
        if data and place_at(data, 0) is None:  # a broker sends the first one whole, however large it is
            self.has_next = _there_is
            self._next_batch = _wrong_length

    def next_batch(self) -> Any:
        """The next one; None at the end."""
        data, at = self.data, self._at
        place = place_at(data, at)
        self._now = at
        if place is None:
            return self._next_batch()
        self._at = place.behind
        if data[at + _MAGIC] >= _BATCHES:
            if not data[at + _ATTRIBUTES] & CODEC:
                return self._next_batch()
            return _Packed(self._next_batch(), data[at : place.behind], self.most)
        if not data[at + _OLD_ATTRIBUTES] & CODEC:
            return self._next_batch()
        return _PackedMessage(self._next_batch(), data[at : place.behind], self.most)

    def raw(self) -> bytes:
        """The bytes of the batch that was handed out last."""
        return self.data[self._now : self._at]

    def place(self) -> tuple[int, int | None]:
        """Of the batch that was handed out last: its first offset, and the position after it.

        The latter is where the next one begins; where there is none, as it says itself; None: nobody can say.
        """
        now, following = place_at(self.data, self._now), place_at(self.data, self._at)
        if now is None:
            return int.from_bytes(self.data[self._now : self._now + 8], "big"), None
        return now.first, now.end if following is None else following.first


def _there_is() -> bool:
    return True


def _wrong_length() -> Any:
    raise CannotUnpack("its length is wrong")


class _Packed:
    """A batch whose records are packed. They are unpacked when they are asked for: nobody may want them."""

    def __init__(self, batch: Any, raw: bytes, most: int) -> None:
        self._batch, self._raw, self._most = batch, raw, most
        self.base_offset, self.next_offset = batch.base_offset, batch.next_offset
        self.producer_id = batch.producer_id
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional

    def validate_crc(self) -> bool:
        """Whether the bytes are those that were sent."""
        return bool(self._batch.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        """Its records. Raises `CannotUnpack`."""
        raw = self._raw
        records = unpack(raw[_ATTRIBUTES] & CODEC, raw[_RECORDS_AT:], self._most)
        batch: Any = MemoryRecords(_with_records(raw, records)).next_batch()
        return iter(batch)


class _PackedMessage:
    """A packed message of before there were batches: aiokafka unpacks it, once it is known to be within bounds."""

    producer_id = None
    is_control_batch = is_transactional = False

    def __init__(self, message: Any, raw: bytes, most: int) -> None:
        self._message, self._raw, self._most = message, raw, most
        self.next_offset = message.next_offset

    def validate_crc(self) -> bool:
        """Whether the bytes are those that were sent."""
        return bool(self._message.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        """Its messages. Raises `CannotUnpack`."""
        raw, at = self._raw, _OLD_KEYS[self._raw[_MAGIC]]
        (key,) = _NUMBER.unpack_from(raw, at)
        unpack(raw[_OLD_ATTRIBUTES] & CODEC, raw[at + 2 * _NUMBER.size + max(key, 0) :], self._most)
        return iter(self._message)


def _with_records(raw: bytes, records: bytes) -> bytes:
    """The batch as it would be if it had not been packed, but for its checksum."""
    head = bytearray(raw[:_RECORDS_AT])
    _NUMBER.pack_into(head, _LENGTH_AT, _RECORDS_AT - _FRAME.size + len(records))
    head[_ATTRIBUTES] &= ~CODEC
    return bytes(head) + records
