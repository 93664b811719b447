"""Names of headers that are no UTF-8. Kafka's protocol says that they are, and no broker looks.

aiokafka raises at such a name, again at every try: the topic-partition would stand still for ever. Here it is read as
text, with `?` for every byte that is wrong; what else the record holds is as it came.
"""

from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords, _MemoryRecordsPy
from aiokafka.record.util import decode_varint


class KeptRecords:
    """aiokafka's `MemoryRecords`, and the bytes they are read from."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        records: Any = MemoryRecords(data)
        self.has_next = records.has_next
        self.next_batch = records.next_batch
        self.size_in_bytes = records.size_in_bytes


class ReadableRecords:
    """The batches of `data` that end beyond position `at`, with names that can be read."""

    def __init__(self, data: bytes, at: int) -> None:
        self._records: Any = _MemoryRecordsPy(data)
        self._at = at
        self._next = self._find()

    def has_next(self) -> bool:
        """Whether there is another batch."""
        return self._next is not None

    def next_batch(self) -> Any:
        """The next batch; None at the end."""
        found, self._next = self._next, self._find()
        return found

    def _find(self) -> Any:
        while self._records.has_next():
            raw = self._records._next_slice  # noqa: SLF001 (pinned by a test)
            batch = self._records.next_batch()
            if batch.next_offset > self._at:
                return batch if batch.magic < 2 else _ReadableBatch(raw)  # older formats have no headers
        return None


class _ReadableBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final to those who check types
    def _maybe_uncompress(self) -> None:
        first = not self._decompressed
        super()._maybe_uncompress()
        if first:
            _make_names_readable(self._buffer, self._pos, self._num_records)


def _make_names_readable(buffer: bytearray, pos: int, records: int) -> None:
    """Changes names in their places, none longer or shorter than it was: all lengths stay true."""
    for _ in range(records):
        length, pos = decode_varint(buffer, pos)
        end = pos + length
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
    """The place after bytes that begin with their length; -1 stands for null."""
    size, start = decode_varint(buffer, pos)
    return int(start + max(size, 0))


def _readable(name: bytearray) -> bytes:
    text = name.decode("utf-8", "surrogateescape")  # one surrogate a byte that is wrong
    return "".join("?" if "\ud800" <= char <= "\udfff" else char for char in text).encode()
