"""Records as the engine wants them, and what to do with a batch that cannot be read.

A consumer opts in with `PlainDeserializer` as its `value_deserializer`; all other consumers of the process get
aiokafka's own records. Whoever opted in may have them packed, without an object for each (`walking`). aiokafka filters
aborted transactions as before (pinned by a test), and unreadable header names do not stop the reading.

aiokafka raises at a batch with a wrong checksum, of an unknown codec or malformed: what was read before it in the same
fetch is lost to the caller, of other topic-partitions too, and each further try ends there. Here reading ends before
it, and whoever opted in learns where. All others get an `UnreadableBatch`, which names it.
"""

from collections.abc import Callable, Iterator
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException, KafkaError

from signal_engine.adapters.kafka.records.batches import MAX_BATCH_BYTES, KeptRecords
from signal_engine.adapters.kafka.records.plain_record import bytes_of, new_record, plain_record
from signal_engine.adapters.kafka.records.unpacking import CannotUnpack
from signal_engine.adapters.kafka.records.unreadable_names import ReadableRecords
from signal_engine.adapters.kafka.records.walking import TakenRecords, WalkedTo, walking
from signal_engine.engine.ports.fetched import PackedRecords, Unreadable

OnUnreadable = Callable[[TopicPartition, Unreadable], None]


class UnreadableBatch(KafkaError):  # type: ignore[misc]  # aiokafka has no type hints
    """A batch that cannot be read; the message says where it is and why."""

    def __init__(self, place: TopicPartition, what: Unreadable) -> None:
        super().__init__(f"{place.topic}/{place.partition}: {what.in_words()}")


class PlainDeserializer:
    """As a consumer's `value_deserializer`: requests `PlainRecord`s, and a call for each unreadable batch."""

    def __init__(
        self, found: OnUnreadable | None = None, max_bytes: int = MAX_BATCH_BYTES, *, packed: bool = False
    ) -> None:
        self.found = found
        """Called where reading ends; then nothing comes of that topic-partition until somebody seeks."""
        self.max_bytes = max_bytes
        """Bytes that a batch may unpack to."""
        self.packed = packed
        """Whether what is handed out at once may be `PackedRecords`."""
        self.bytes_per_fetch: int | None = None
        """Of the records of one topic-partition that are handed out at once, keys and headers included; one more record
        may pass it.
        """

    def __call__(self, value: bytes | None) -> bytes | None:
        """The value as it is."""
        return value


class _PlainRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka has no type hints
    _records: Any
    next_fetch_offset: int
    into: TakenRecords | None = None
    """See `walking.Reads`."""

    def _unpack_records(self) -> Iterator[Any]:
        asked = self._value_deserializer
        if type(asked) is PlainDeserializer:
            self._records.max_bytes = asked.max_bytes
            self._records.reads = self if asked.packed else None
        try:
            try:
                yield from super()._unpack_records()
            except UnicodeDecodeError:  # what came before it in the batch is passed over by its offset
                self._records = ReadableRecords(self._records, self.next_fetch_offset)
                yield from super()._unpack_records()
        except Exception as error:  # noqa: BLE001 (bytes of strangers: whatever they break, it is this batch's)
            found = _unreadable(self._records, self.next_fetch_offset, error)
            if type(asked) is not PlainDeserializer or asked.found is None:
                raise UnreadableBatch(self._tp, found) from None
            asked.found(self._tp, found)
        finally:
            self._records.reads = None  # else each would keep the other, and an answer of megabytes

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        if type(record) is WalkedTo:
            return record
        if type(self._value_deserializer) is not PlainDeserializer:
            return super()._consumer_record(tp, record)
        return plain_record(record)


class _BoundedResult(fetcher.FetchResult):  # type: ignore[misc]  # as above
    _partition_records: Any

    def getall(self, max_records: int | None = None) -> list[Any] | PackedRecords:
        """As ever; but what was packed can be much more than was fetched, and comes in several parts then."""
        asked = self._partition_records and self._partition_records._value_deserializer  # noqa: SLF001 (pinned by a test)
        max_bytes = asked.bytes_per_fetch if type(asked) is PlainDeserializer else None
        if max_bytes is None:
            return list(super().getall(max_records))
        if not self.check_assignment(self._topic_partition) or not self.has_more():
            return []
        reads, walker, records, left = self._partition_records, walking.walker, list[Any](), max_bytes
        into = reads.into = walker.room(new_record, max_records, max_bytes) if walker and asked.packed else None
        for record in reads:
            if type(record) is WalkedTo and into is not None:
                is_full = into.is_full
            else:
                if into is not None:  # aiokafka reads on: from here to the end of this part there are objects
                    records, left, into, reads.into = [*into.taken()], into.left, None, None
                records.append(record)
                left -= bytes_of(record)
                is_full = left < 0 or len(records) == max_records
            if is_full:
                self._update_position()
                break
        else:
            self._update_position()
            self._partition_records = None
        reads.into = None
        return records if into is None else into.taken()


def _unreadable(records: KeptRecords, position: int, error: Exception) -> Unreadable:
    first, end = records.place()
    offset = max(first, position)
    return Unreadable(offset, end if end is not None and end > offset else None, _words(error))


def _words(error: Exception) -> str:
    match error:
        case CannotUnpack():
            return str(error)
        case CorruptRecordException() if "Invalid CRC" in str(error):
            return "its checksum is wrong"
    return f"its records are malformed: {type(error).__name__}"


fetcher.PartitionRecords = _PlainRecords
fetcher.MemoryRecords = KeptRecords
fetcher.FetchResult = _BoundedResult
