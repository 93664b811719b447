"""Names of headers that are no UTF-8. Kafka's protocol says that they are, and no broker looks.

aiokafka raises at such a name, again at every try: the topic-partition would stand still for ever. Here it is read as
text, with `?` for every byte that is wrong; what else the record holds is as it came.
"""

from typing import Any

from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.util import decode_varint

from signal_engine.adapters.kafka.records.batches import KeptRecords, place_at
from signal_engine.adapters.kafka.records.unpacking import unpack


class ReadableRecords(KeptRecords):
    """The batches of an answer that end beyond a position, with names that can be read."""

    def __init__(self, records: KeptRecords, position: int) -> None:
        at = 0
        while (place := place_at(records.data, at)) is not None and place.end is not None and place.end <= position:
            at = place.behind
        super().__init__(records.data[at:])
        self.most = records.most

    def next_batch(self) -> Any:
        """The next one; None at the end."""
        batch = super().next_batch()
        if batch is None or not hasattr(batch, "base_offset"):  # the end; older formats, which have no headers
            return batch
        return _ReadableBatch(self.raw(), self.most)


class _ReadableBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final to those who check types
    _buffer: bytearray
    _pos: int
    _decompressed: bool

    def __init__(self, raw: bytes, most: int) -> None:
        super().__init__(raw)
        self._most = most

    def _maybe_uncompress(self) -> None:
        if self._decompressed:
            return
        if self.compression_type:
            records = unpack(self.compression_type, bytes(self._buffer[self._pos :]), self._most)
            self._buffer, self._pos = bytearray(records), 0
        _make_names_readable(self._buffer, self._pos, self._num_records)
        self._decompressed = True


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
