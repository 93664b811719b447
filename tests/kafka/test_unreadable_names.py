"""Headers whose names are no UTF-8 are read, and what stands beside them is not touched."""

from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from signal_engine.adapters.kafka.records import records as ours
from tests.kafka.raw_batches import with_bytes_changed

TP = TopicPartition("t", 0)
PLAIN = ours.PlainDeserializer()


def batch(base: int, *values: bytes, headers: list[tuple[str, bytes | None]], codec: int = 0) -> bytes:
    builder = DefaultRecordBatchBuilder(2, codec, 0, -1, -1, -1, 1_000_000)
    for number, value in enumerate(values):
        assert builder.append(number, 1_000 + number, b"k", value, [*headers, ("n", value)])
    raw = bytearray(builder.build())
    raw[:8] = base.to_bytes(8, "big")  # the checksum does not cover it
    return bytes(raw)


def unpacked(data: bytes, at: int = 0, deserializer: Any = PLAIN) -> list[Any]:
    return list(fetcher.PartitionRecords(TP, fetcher.MemoryRecords(data), [], at, None, deserializer, True, 1))


GOOD = batch(0, b"a", b"b", headers=[("ok", None)])
BAD = with_bytes_changed(batch(2, b"c", b"d", headers=[("x!!y", b"!!1"), ("ü", None)]), b"x!!y", b"x\xff\xfey")
LAST = batch(4, b"e", headers=[])


@pytest.mark.parametrize("at", range(5))
def test_every_record_comes_once_from_wherever_reading_begins(at: int) -> None:
    batches = [GOOD, BAD, LAST][at // 2 :]  # a broker's answer begins with the batch that holds the offset
    found = unpacked(b"".join(batches), at)
    assert [(one.offset, one.value) for one in found] == list(enumerate([b"a", b"b", b"c", b"d", b"e"]))[at:]
    for one in found:
        if one.offset in {2, 3}:
            assert one.headers == (("x??y", b"!!1"), ("ü", None), ("n", one.value))
    assert [one.timestamp for one in found] == [1_000, 1_001, 1_000, 1_001, 1_000][at:]


def test_several_such_batches_and_one_that_is_cut_off() -> None:
    again = bytearray(BAD)
    again[:8] = (4).to_bytes(8, "big")
    assert [one.offset for one in unpacked(BAD + bytes(again) + LAST[:30])] == [2, 3, 4, 5]


def test_another_consumer_of_the_process_reads_them_too() -> None:
    (first, _) = unpacked(BAD, deserializer=None)
    assert first.headers[0] == ("x??y", b"!!1")
    assert first.topic == "t"


def test_a_batch_that_is_in_order_is_read_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ours, "ReadableRecords", None)
    assert [one.value for one in unpacked(GOOD + LAST)] == [b"a", b"b", b"e"]


@pytest.mark.parametrize(
    "more",
    [b"", b"\x80\x80\x80", b"\x01", b"\xfe\xff\xff\xff\x0f", b"\x10\x00\x00\x00\x01\x01\xfe\xff\xff\xff\x0f"],
    ids=["nothing", "a number without end", "a length that leads back", "a vast length", "headers without end"],
)
def test_a_batch_that_claims_records_without_end_is_named_and_ends_nothing(more: bytes) -> None:
    raw = bytearray(BAD + more)
    raw[8:12] = (len(raw) - 12).to_bytes(4, "big")
    raw[57:61] = (2**31 - 1).to_bytes(4, "big")
    found: list[Any] = []
    plain = ours.PlainDeserializer(lambda _, what: found.append(what))
    data = GOOD + with_bytes_changed(bytes(raw), b"!!1", b"!!2")  # and so with a checksum that is right
    records = fetcher.PartitionRecords(TP, fetcher.MemoryRecords(data), [], 0, None, plain, True, 1)
    assert [one.value for one in records][:2] == [b"a", b"b"]
    (unreadable,) = found
    assert (unreadable.offset, unreadable.end) == (2, 4)
    assert unreadable.why.startswith("its records are malformed: ")
