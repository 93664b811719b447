"""A broker's answers as bytes, and what a worker's fetch makes of them."""

from collections.abc import Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.engine.ports.fetched import Fetched

_PER_BATCH: Final = 500
"""Records."""
_NO_PRODUCER: Final = -1
_READ_COMMITTED: Final = 1


class Assignment:
    """As much of one as a result of a fetch asks for."""

    active, paused = True, False

    def __init__(self, position: int) -> None:
        self.position = position

    def state_value(self, _: TopicPartition) -> "Assignment":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def answer(values: Sequence[bytes], first: int, at: int) -> bytes:
    """Uncompressed batches of records with these values, from offset `first` on, of the instant `at` (ms)."""
    made = bytearray()
    for place in range(0, len(values), _PER_BATCH):
        some = values[place : place + _PER_BATCH]
        builder = DefaultRecordBatchBuilder(2, 0, 0, _NO_PRODUCER, -1, -1, 1 << 30)
        for number, value in enumerate(some):
            builder.append(number, at, b"key", value, [])
        raw = builder.build()
        raw[:8] = (first + place).to_bytes(8, "big")  # the checksum does not cover it
        made += raw
    return bytes(made)


def fetch(topic: str, partition: int, start: int, data: bytes) -> Fetched:
    """All records of an answer, as a worker's consumer hands them over."""
    place, plain = TopicPartition(topic, partition), PlainDeserializer(packed=True)
    plain.bytes_per_fetch = len(data)
    read: Any = fetcher.PartitionRecords(
        place, fetcher.MemoryRecords(data), [], start, None, plain, True, _READ_COMMITTED
    )
    result: Any = fetcher.FetchResult(place, assignment=Assignment(start), partition_records=read, backoff=0)
    records = result.getall()
    return Fetched(topic, partition, start, records[-1].offset + 1, records)
