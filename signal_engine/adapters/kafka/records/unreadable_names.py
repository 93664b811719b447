"""Make header names readable that are not UTF-8: the protocol forbids them, but brokers do not check.

aiokafka raises at such a name at every attempt, so the topic-partition would be stuck for ever. Here each invalid byte
of a name becomes `?`; the rest of the record stays unchanged.

Numbers are read by aiokafka's Python, because its C does not check where the bytes end: a batch that is malformed as
well would end the process.
"""

from typing import Any

from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint_py as decode_varint

from signal_engine.adapters.kafka.records.batches import KeptRecords, place_at
from signal_engine.adapters.kafka.records.unpacking import unpack


class ReadableRecords(KeptRecords):
    """The batches of an answer that end beyond a position, with readable header names."""

    def __init__(self, records: KeptRecords, position: int) -> None:
        at = 0
        while (place := place_at(records.data, at)) is not None and place.end is not None and place.end <= position:
            at = place.behind
        super().__init__(records.data[at:])
        self.max_bytes = records.max_bytes

    def next_batch(self) -> Any:
        """The next batch; None at the end."""
        batch = super().next_batch()
        if batch is None or not hasattr(batch, "base_offset"):  # the end, or an older format without headers
            return batch
        return _ReadableBatch(self.raw(), self.max_bytes)


class _ReadableBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final to those who check types
    _buffer: bytearray
    _pos: int
    _decompressed: bool

    def __init__(self, raw: bytes, max_bytes: int) -> None:
        super().__init__(raw)
        self._max_bytes = max_bytes

    def _maybe_uncompress(self) -> None:
        if self._decompressed:
            return
        if self.compression_type:
            records = unpack(self.compression_type, bytes(self._buffer[self._pos :]), self._max_bytes)
            self._buffer, self._pos = bytearray(records), 0
        _make_names_readable(self._buffer, self._pos, self._num_records)
        self._decompressed = True

    def _read_msg(self, decode_varint: Any = decode_varint) -> Any:
        return super()._read_msg(decode_varint)


def _make_names_readable(buffer: bytearray, pos: int, records: int) -> None:
    """Change names in place without changing their lengths."""
    for _ in range(records):
        length, pos = decode_varint(buffer, pos)
        end = pos + length
        if not pos < end <= len(buffer):  # never back: so many records may be claimed that this would not end
            raise CorruptRecordException(f"a record has a length of {length} bytes")
        for _ in range(3):  # attributes, timestamp, offset
            _, pos = decode_varint(buffer, pos)
        for _ in range(2):  # key, value
            pos = _after(buffer, pos)
        headers, pos = decode_varint(buffer, pos)
        for _ in range(headers):
            size, pos = decode_varint(buffer, pos)
            buffer[pos : pos + size] = _readable(buffer[pos : pos + size])
            pos = _after(buffer, pos + size)
        pos = end


def _after(buffer: bytearray, pos: int) -> int:
    """The position after a length-prefixed value; length -1 means null."""
    size, start = decode_varint(buffer, pos)
    return int(start + max(size, 0))


def _readable(name: bytearray) -> bytes:
    text = name.decode("utf-8", "surrogateescape")  # one surrogate a byte that is wrong
    return "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text).encode()
