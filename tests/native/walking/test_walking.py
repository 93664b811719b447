"""Batches of Kafka's records, whatever they hold, are read natively as they are read by aiokafka alone: record by
record, part by part, position by position, and with the same words where they cannot be read.
"""

from typing import Any, Final

import pytest
from aiokafka.record.legacy_records import LegacyRecordBatchBuilder
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.walking.record_batches import (
    ABORT,
    ATTRIBUTES,
    COMMIT,
    CONTROL,
    LOG_APPEND_TIME,
    NO_CODEC,
    TRANSACTIONAL,
    Batch,
    Rec,
    answer,
    mended,
    of,
    packed,
    plain,
    record,
    same,
    varints,
)  # fmt: skip

short = st.binary(max_size=6)
names = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
records = st.builds(
    Rec,
    value=st.none() | short | st.binary(min_size=100, max_size=200),
    key=st.none() | short,
    headers=st.lists(st.tuples(names, st.none() | short), max_size=2).map(tuple)
    | st.sampled_from([(), (), (("backfill", b""),)]),
    stamp=st.sampled_from([0, 1, -7, 2**40, -(2**40)]),
    gap=st.sampled_from([0, 0, 0, 1, 300]),
)
batches = st.builds(
    Batch,
    records=st.lists(records, max_size=6).map(tuple),
    codec=st.sampled_from([NO_CODEC, NO_CODEC, 1, 2, 3, 4]),
    flags=st.sampled_from([0, 0, 0, LOG_APPEND_TIME]),
    producer=st.sampled_from([-1, -1, 7]),
)
transactions = st.builds(
    Batch,
    records=st.lists(records, min_size=1, max_size=3).map(tuple),
    codec=st.sampled_from([NO_CODEC, 4]),
    flags=st.just(TRANSACTIONAL),
    producer=st.sampled_from([7, 8]),
)
markers = st.builds(
    Batch,
    records=st.sampled_from([ABORT, COMMIT]).map(lambda key: (Rec(b"\x00" * 6, key),)),
    codec=st.just(NO_CODEC),
    flags=st.just(TRANSACTIONAL | CONTROL),
    producer=st.sampled_from([7, 8]),
)
rooms = st.tuples(st.integers(1, 8) | st.just(5_000), st.sampled_from([0, 5, 150, 1 << 20]))


@settings(max_examples=150, deadline=None)
@given(st.lists(batches | transactions | markers, max_size=6).map(tuple), st.integers(0, 40), rooms, st.data())
def test_whole_batches_are_read_as_ever(
    native_module: Any, made: tuple[Batch, ...], at: int, room: tuple[int, int], data: st.DataObject
) -> None:
    aborted = data.draw(st.lists(st.tuples(st.sampled_from([7, 8]), st.integers(0, 30)), max_size=3))
    same(native_module, answer(made), at, *room, aborted)


MEBIBYTE: Final = 1 << 20
sizes = st.sampled_from([0, 63, 64, 8_191, 8_192, MEBIBYTE - 1, MEBIBYTE]) | st.integers(0, MEBIBYTE)
"""Those at which a length takes one more byte included."""
large = st.builds(
    lambda value, key, header: Rec(bytes(value), bytes(key), (("h", bytes(header)),)), sizes, sizes, sizes
)


@settings(max_examples=30, deadline=None)
@given(st.lists(large, min_size=1, max_size=3), st.sampled_from([1, 5_000]), st.sampled_from([0, MEBIBYTE, 1 << 30]))
def test_large_records_are_read_as_ever(native_module: Any, made: list[Rec], most: int, left: int) -> None:
    same(native_module, answer((Batch((*made,)), Batch((Rec(b"behind"),)))), 0, most, left)


KINDS_OF_BATCH: Final = (
    Batch((Rec(b"a"), Rec(b"b", b"key", (("h", b"1"), ("i", None))), Rec(None))),
    Batch((Rec(b"c" * 70, b"key", stamp=2**40), Rec(b"d", stamp=-7, gap=300), Rec(b"", headers=(("\u00e9", b""),)))),
    Batch((Rec(b"e"), Rec(b"f")), flags=LOG_APPEND_TIME),
    Batch((Rec(b"g" * 200), Rec(b"g" * 200)), codec=1),
    Batch((Rec(b"h" * 200), Rec(b"h" * 200)), codec=2),
    Batch((Rec(b"i" * 200), Rec(b"i" * 200)), codec=3, flags=LOG_APPEND_TIME),
    Batch((Rec(b"j" * 200), Rec(b"j" * 200)), codec=4, producer=7),
)
damages = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=3)


def damaged(one: Batch, base: int, places: list[tuple[float, int]]) -> bytes:
    """A batch with other bytes behind its checksum, which is right: what a broker keeps of a strange producer."""
    raw = bytearray(packed(one.codec, one, base))
    for place, byte in places:
        raw[ATTRIBUTES + int(place * (len(raw) - ATTRIBUTES))] = byte
    return mended(raw)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(KINDS_OF_BATCH), damages, st.integers(0, 6), rooms)
def test_damaged_batches_are_read_as_ever(
    native_module: Any, one: Batch, places: list[tuple[float, int]], at: int, room: tuple[int, int]
) -> None:
    before, behind = packed(NO_CODEC, KINDS_OF_BATCH[0], 0), packed(4, KINDS_OF_BATCH[6], 400)
    same(native_module, before + damaged(one, 3, places) + behind, at, *room)


STARTS: Final = varints(0, 1, -1, 1)
"""Of a record: when, where, no key, a value of one byte."""

HOSTILE: Final = {
    "offsets that go back": of(plain(0), plain(2), plain(1), plain(3)),
    "the same offset twice": of(plain(0), plain(1), plain(1), plain(2)),
    "offsets beyond its last one": of(plain(0), plain(9)),
    "an offset before its first one": of(plain(-1), plain(0), base=5),
    "an offset below zero": of(plain(-9), plain(0), base=5),
    "an offset beyond 64 bits": of(plain(2**62), plain(2**62 + 1), base=2**62, last=0),
    "an instant beyond 64 bits": of(plain(0, stamp=2**63 - 500)),
    "more than it counts": of(plain(0), plain(1), count=1),
    "fewer than it counts": of(plain(0), plain(1), count=3),
    "a count below zero": of(plain(0), count=-1),
    "a count below zero and nothing": of(count=-1),
    "nothing": of(),
    "a record of no length": of(plain(0), b"\x00"),
    "a record that is longer": of(plain(0), record(b"\x00", STARTS, b"v", varints(0), b"more")),
    "a record that is shorter": of(plain(0), record(b"\x00", STARTS, b"v", varints(0), length=3)),
    "a length below zero": of(plain(0), varints(-5)),
    "a key of length -2": of(plain(0), record(b"\x00", varints(0, 1, -2, 1), b"v", varints(0))),
    "a value of length -3": of(plain(0), record(b"\x00", varints(0, 1, -1, -3), varints(0))),
    "a value beyond the end": of(plain(0), record(b"\x00", varints(0, 1, -1, 2**31), b"v", varints(0))),
    "headers below zero": of(plain(0), record(b"\x00", STARTS, b"v", varints(-1))),
    "more headers than fit": of(plain(0), record(b"\x00", STARTS, b"v", varints(2**31 - 1))),
    "a name of length -1": of(plain(0), record(b"\x00", STARTS, b"v", varints(1, -1, -1))),
    "a name that is no text": of(plain(0), record(b"\x00", STARTS, b"v", varints(1, 1), b"\xff", varints(-1))),
    "half a surrogate": of(plain(0), record(b"\x00", STARTS, b"v", varints(1, 3), b"\xed\xa0\x80", varints(-1))),
    "an attribute": of(plain(0), record(b"\x7f", varints(0, 1, -1, 1), b"v", varints(0))),
    "attributes of two bytes": of(plain(0), record(b"\xff\x00", varints(0, 1, -1, 1), b"v", varints(0))),
    "a number in more bytes than it needs": of(plain(0), record(b"\x00\x80\x00", varints(1, -1, 1), b"v", varints(0))),
    "a number that never ends": of(plain(0), record(b"\x00", b"\x80" * 12)),
    "a number of 65 bits": of(plain(0), record(b"\x00", b"\xff" * 9 + b"\x03", varints(1, -1, 1), b"v", varints(0))),
    "its last number cut off": of(plain(0), b"\x80"),
}  # fmt: skip


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("most", [1, 2, 5_000])
def test_hostile_batches_are_read_as_ever(native_module: Any, data: bytes, most: int) -> None:
    before, behind = packed(NO_CODEC, Batch((Rec(b"before"),)), 0), packed(4, Batch((Rec(b"behind"),)), 9)
    same(native_module, data, 0, most)
    same(native_module, before + data + behind, 0, most)
    same(native_module, data + behind, 2, most)


def test_an_answer_that_is_cut_off_is_read_as_ever(native_module: Any) -> None:
    whole = answer((Batch((Rec(b"a"), Rec(b"b"))), Batch((Rec(b"c" * 30),), codec=3), Batch((Rec(b"d"),))))
    for end in range(len(whole)):
        same(native_module, whole[:end])


@pytest.mark.parametrize("magic", [0, 1])
def test_older_formats_become_objects(native_module: Any, magic: int) -> None:
    builder = LegacyRecordBatchBuilder(magic, 1, 10_000_000)
    for number in range(3):
        assert builder.append(number, None if magic == 0 else 1_000, b"k", b"v%d" % number)
    old = bytes(builder.build())
    (part, *_) = same(native_module, old)
    assert [one[4] for one in part.records] == [b"v0", b"v1", b"v2"]
    same(native_module, packed(NO_CODEC, Batch((Rec(b"a"), Rec(b"b"), Rec(b"c"))), 0) + old)


def test_a_batch_that_unpacks_to_too_much_is_named_as_ever(native_module: Any) -> None:
    good, bomb = Batch((Rec(b"good"),)), Batch((Rec(bytes(2 << 20)),), codec=4)
    (part,) = same(native_module, answer((good, bomb)))
    assert "decompresses to more than 1 MiB" in part.found[0].why
    assert [one[4] for one in part.records] == [b"good"]


@pytest.mark.parametrize("packed_by", [NO_CODEC, 4])
def test_what_lies_in_keys_and_headers_counts_too(native_module: Any, packed_by: int) -> None:
    for one in (
        Rec(None, bytes(1_000)),
        Rec(None, None, (("h", bytes(1_000)),)),
        Rec(None, None, (("n" * 1_000, None),)),
    ):
        parts = same(native_module, answer((Batch((one,) * 50, codec=packed_by),)), left=10_000)
        assert max(len(part.records) for part in parts) <= 11
