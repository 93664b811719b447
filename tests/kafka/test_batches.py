"""An answer of a broker read to the batch that cannot be read, whatever is wrong with it, and from behind it."""

import struct
from typing import Any, NamedTuple

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

from signal_engine.adapters.kafka.records.plain_record import PlainRecord
from signal_engine.adapters.kafka.records.records import PlainDeserializer, UnreadableBatch
from signal_engine.engine.ports.fetched import Unreadable

TP = TopicPartition("signals.intent", 3)
CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
CRC, ATTRIBUTES = 17, 21


class Read(NamedTuple):
    values: list[bytes | None]
    found: list[Unreadable]
    position: int


def batch(base: int, *values: bytes, codec: int = 0, producer: int = -1, transactional: bool = False) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, transactional, producer, 0 if producer >= 0 else -1, 0, 100_000_000)
    for number, value in enumerate(values):
        assert builder.append(number, 1_000 + number, b"k", value, [("h", value[:1])])
    raw = bytearray(builder.build())
    raw[:8] = base.to_bytes(8, "big")  # the checksum does not cover it
    return bytes(raw)


def changed(raw: bytes, at: int, byte: int, *, mend: bool) -> bytes:
    made = bytearray(raw)
    made[at] = byte
    if mend:
        struct.pack_into(">I", made, CRC, calc_crc32c(bytes(made[ATTRIBUTES:])))
    return bytes(made)


def read(data: bytes, at: int = 0, most: int = 1 << 20, aborted: Any = None) -> Read:
    found: list[Unreadable] = []

    def note(place: TopicPartition, what: Unreadable) -> None:
        assert place == TP
        found.append(what)

    records = fetcher.PartitionRecords(
        TP, fetcher.MemoryRecords(data), aborted, at, None, PlainDeserializer(note, most), True, 1
    )
    made = list(records)
    assert all(type(one) is PlainRecord for one in made)
    return Read([one.value for one in made], found, records.next_fetch_offset)


@pytest.mark.parametrize("codec", CODECS.values(), ids=CODECS)
def test_every_codec_is_read_with_everything_a_record_has(codec: int) -> None:
    data = batch(0, b"a", b"b", codec=codec) + batch(2, b"c", codec=codec) + batch(3, b"d")
    assert read(data) == Read([b"a", b"b", b"c", b"d"], [], 4)
    assert read(data, at=1).values == [b"b", b"c", b"d"], "reading begins within a batch"
    found = list(fetcher.PartitionRecords(TP, fetcher.MemoryRecords(data), [], 0, None, PlainDeserializer(), True, 1))
    assert found[1] == PlainRecord(1, 1_001, 0, b"k", b"b", (("h", b"b"),))


GOOD = batch(5, b"good", codec=CODECS["zstd"])
BAD = batch(6, b"x" * 500, b"y" * 500, codec=CODECS["zstd"])
BEHIND = batch(8, b"behind")
BROKEN = {
    "a wrong checksum": (changed(BAD, CRC, BAD[CRC] ^ 1, mend=False), "its checksum is wrong"),
    "a codec nobody knows": (changed(BAD, 22, 5, mend=True), "codec 5 is unknown"),
    "another codec than it says": (changed(BAD, 22, 3, mend=True), "the bytes are not lz4: "),
    "packed bytes that are broken": (changed(BAD, 63, 0xFF, mend=True), "the bytes are not zstd: "),
    "more records than it says": (changed(batch(6, b"x", b"y"), 60, 1, mend=True), "its records are malformed: "),
    "a record longer than it": (changed(batch(6, b"x", b"y"), 61, 0x7E, mend=True), "its records are malformed: "),
    "more than is allowed": (batch(6, bytes(1_000), bytes(1_048_000), codec=CODECS["zstd"]), "more than 1 MiB"),
}


@pytest.mark.parametrize(("broken", "why"), BROKEN.values(), ids=BROKEN)
def test_reading_ends_before_what_cannot_be_read_and_goes_on_behind_it(broken: bytes, why: str) -> None:
    before = read(GOOD + broken + BEHIND, at=5)
    assert before.values[:1] == [b"good"]
    (found,) = before.found
    assert why in found.why
    assert found.end == 8
    assert before.position == found.offset, "nothing is passed over by itself"
    assert read(broken + BEHIND, at=found.offset).found == [found], "as often as it is tried"
    assert read(BEHIND, at=8) == Read([b"behind"], [], 9)


@pytest.mark.parametrize(("broken", "why"), BROKEN.values(), ids=BROKEN)
def test_of_the_last_batch_the_end_is_what_it_says_itself(broken: bytes, why: str) -> None:
    (found,) = read(broken, at=6).found
    assert found.end == 8
    (found,) = read(changed(broken, 23, 0xFF, mend="checksum" not in why), at=6).found
    assert found.end is None, "a batch that ends before it begins says nothing"


def test_of_a_batch_with_fewer_records_than_it_says_those_that_are_there_are_read() -> None:
    came = read(changed(batch(6, b"x", b"y"), 60, 3, mend=True) + BEHIND, at=6)
    assert (came.values, came.position) == ([b"x", b"y"], 8)
    assert came.found == [Unreadable(8, None, "its records are malformed: CorruptRecordException")]


def test_another_consumer_gets_an_error_that_names_topic_partition_and_offset() -> None:
    data = GOOD + BROKEN["a codec nobody knows"][0]
    records = fetcher.PartitionRecords(TP, fetcher.MemoryRecords(data), [], 5, None, None, True, 1)
    assert next(records).value == b"good"
    with pytest.raises(UnreadableBatch) as error:
        next(records)
    result = str(error.value)
    assert "signals.intent/3: the batch at offset 6 to 7 cannot be read: codec 5 is unknown" in result


def test_what_a_transaction_has_aborted_is_passed_over_without_being_unpacked() -> None:
    bomb = changed(batch(0, bytes(2 << 20), codec=4, producer=77, transactional=True), 22, 0x10 | 4, mend=True)
    assert read(bomb + batch(1, b"after"), aborted=[(77, 0)]) == Read([b"after"], [], 2)
    assert read(bomb + batch(1, b"after")).found[0].offset == 0


@pytest.mark.parametrize("magic", [0, 1])
@pytest.mark.parametrize("codec", [1, 2, 3])
def test_old_messages_are_read_within_the_same_bounds(magic: int, codec: int) -> None:
    if (magic, codec) == (0, 3):
        pytest.skip("Kafka 0.8 wrote lz4 in a way of its own")

    def old(value: bytes) -> bytes:
        builder = LegacyRecordBatchBuilder(magic, codec, 10_000_000)
        assert builder.append(0, None if magic == 0 else 1_000, b"k", value)
        return bytes(builder.build())

    assert read(old(b"v" * 100)).values == [b"v" * 100]
    (found,) = read(old(bytes(2 << 20))).found
    assert found == Unreadable(0, 1, "it decompresses to more than 1 MiB")


@pytest.mark.parametrize("length", [1 << 30, 0, -1, -(1 << 31)])
def test_a_length_that_cannot_be_is_named_wherever_it_stands(length: int) -> None:
    wrong = bytearray(BAD)
    struct.pack_into(">i", wrong, 8, length)
    first = read(bytes(wrong) + BEHIND, at=6)
    assert (first.values, first.position) == ([], 6)
    (found,) = first.found
    assert (found.offset, found.why) in {
        (6, "its length is wrong"),
        (6, "its records are malformed: CorruptRecordException"),
    }
    behind = read(GOOD + bytes(wrong) + BEHIND, at=5)
    assert (behind.values, behind.position) == ([b"good"], 6), "what cannot be seen from here comes first next time"
    assert [one.offset for one in behind.found] in ([], [6])


class Assignment:
    """As much of one as a result of a fetch asks for."""

    active = True

    def __init__(self) -> None:
        self.position, self.paused = 0, False

    def state_value(self, tp: TopicPartition) -> "Assignment":
        return self

    def consumed_to(self, position: int) -> None:
        self.position = position


def much(where: str, codec: int) -> bytes:
    """Fifty records of 1,000 bytes, packed to next to nothing."""
    builder = DefaultRecordBatchBuilder(2, codec, False, -1, -1, 0, 100_000_000)
    for number in range(50):
        bytes_ = bytes([number]) * 1_000
        headers = [("h", bytes_)] if where == "header" else [(f"{number:02}" * 500, None)] if where == "name" else []
        key, value = bytes_ if where == "key" else None, bytes_ if where == "value" else None
        assert builder.append(number, 1_000, key, value, headers)
    return bytes(builder.build())


@pytest.mark.parametrize("where", ["value", "key", "header", "name"])
def test_much_out_of_little_comes_in_parts_and_nothing_twice(where: str) -> None:
    plain = PlainDeserializer(max_bytes=1 << 20)
    plain.bytes_per_fetch = 10_000
    records = fetcher.PartitionRecords(
        TP, fetcher.MemoryRecords(much(where, CODECS["zstd"])), [], 0, None, plain, True, 1
    )
    assignment, came = Assignment(), []
    result = fetcher.FetchResult(TP, assignment=assignment, partition_records=records, backoff=0)
    while result.has_more():
        part = result.getall(5_000)
        assert len(part) <= 11, "one more record may pass the bound"
        came += [one.offset for one in part]
    assert (came, assignment.position) == ([*range(50)], 50)
