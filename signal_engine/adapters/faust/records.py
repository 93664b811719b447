"""Records as the engine wants them: six fields, where aiokafka's frozen dataclass has eleven and costs 2 us to make.

A consumer opts in by `value_deserializer=plain`; all other consumers of the process get aiokafka's own records. What
transactions have aborted is filtered by aiokafka as ever: only the making of one record is replaced (pinned by a test),
and names of headers that cannot be read do not stop the reading.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any, Final, NamedTuple

from aiokafka.consumer import fetcher

from signal_engine.adapters.faust.unreadable_names import KeptRecords, ReadableRecords


class PlainRecord(NamedTuple):
    """One record, as `engine.fetched.FetchedRecord` says."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]


_new: Final = partial(tuple.__new__, PlainRecord)


def plain(value: bytes | None) -> bytes | None:
    """The value as it is; naming it as the deserialiser asks for `PlainRecord`s."""
    return value


class _PlainRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no type hints
    _records: Any

    def _unpack_records(self) -> Iterator[Any]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:  # what came before it in the batch is passed over by its offset
            self._records = ReadableRecords(self._records.data, self.next_fetch_offset)
            yield from super()._unpack_records()

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        if self._value_deserializer is not plain:
            return super()._consumer_record(tp, record)
        headers = record.headers
        told = tuple(headers) if headers else ()
        return _new((record.offset, record.timestamp, record.timestamp_type, record.key, record.value, told))


fetcher.PartitionRecords = _PlainRecords
fetcher.MemoryRecords = KeptRecords
