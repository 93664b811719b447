"""The four codecs: what producers write is read, bounds hold before memory is taken, and what is wrong has a name."""

import gzip
import subprocess
import sys
from contextlib import suppress

import cramjam
import pytest
from aiokafka import codec
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.adapters.kafka.records import unpacking
from signal_engine.adapters.kafka.records.unpacking import (
    GZIP,
    LZ4,
    SNAPPY,
    ZSTD,
    CannotUnpack,
    unpack,
    unusable_codecs,
)

MOST = 1 << 20
WRITERS = {
    "gzip": (GZIP, codec.gzip_encode),
    "gzip of several members": (GZIP, lambda raw: gzip.compress(raw[:7]) + gzip.compress(raw[7:])),
    "snappy in blocks, as Java writes it": (SNAPPY, codec.snappy_encode),
    "snappy in one piece, as librdkafka writes it": (SNAPPY, lambda raw: bytes(codec.snappy_encode(raw, False))),
    "lz4": (LZ4, codec.lz4_encode),
    "zstd": (ZSTD, codec.zstd_encode),
}
BOMB = bytes(64 << 20)


@pytest.mark.parametrize(("number", "write"), WRITERS.values(), ids=WRITERS)
@settings(max_examples=60, deadline=None)
@given(raw=st.one_of(st.binary(max_size=300), st.binary(max_size=20).map(lambda some: some * 5_000)))
def test_what_is_written_is_read_and_just_as_much_is_allowed(number: int, write: object, raw: bytes) -> None:
    packed = write(raw)  # type: ignore[operator]
    assert unpack(number, packed, MOST) == raw
    assert unpack(number, packed, max(1, len(raw))) == raw
    if len(raw) > 1:
        with pytest.raises(CannotUnpack, match="decompresses to more than"):
            unpack(number, packed, len(raw) - 1)


@pytest.mark.parametrize(("number", "write"), WRITERS.values(), ids=WRITERS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_bytes_that_are_not_of_the_codec_are_named_whatever_they_are(
    number: int, write: object, data: st.DataObject
) -> None:
    packed = bytearray(write(b"signals " * 50))  # type: ignore[operator]
    cut = data.draw(st.integers(0, len(packed)))
    for at in data.draw(st.lists(st.integers(0, len(packed) - 1), max_size=3)):
        packed[at] ^= data.draw(st.integers(1, 255))
    with suppress(CannotUnpack):  # and nothing else; not every change shows
        assert len(unpack(number, bytes(packed[:cut]), MOST)) <= MOST


@pytest.mark.parametrize("number", [5, 6, 7])
def test_a_codec_that_kafka_does_not_have_is_named(number: int) -> None:
    with pytest.raises(CannotUnpack, match=f"codec {number} is unknown"):
        unpack(number, b"", MOST)


@pytest.mark.parametrize(("number", "write"), WRITERS.values(), ids=WRITERS)
def test_a_bomb_takes_no_more_memory_than_is_allowed(number: int, write: object) -> None:
    packed = write(BOMB)  # type: ignore[operator]
    code = f"""
import resource, sys
from signal_engine.adapters.kafka.records.unpacking import CannotUnpack, unpack
packed = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    unpack({number}, packed, {4 * MOST})
except CannotUnpack as error:
    print(error, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    done = subprocess.run([sys.executable, "-c", code], input=packed, capture_output=True, check=True)
    words, _, kilobytes = done.stdout.decode().rpartition(" ")
    assert words == "it decompresses to more than 4 MiB"
    assert int(kilobytes) < 3 * 4 * 1024, f"{len(packed)} bytes took {kilobytes} KB"


def test_all_four_are_usable_here() -> None:
    assert unusable_codecs() == []


def test_a_missing_package_and_a_broken_one_are_told_codec_by_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "cramjam", None)
    assert unusable_codecs() == [
        f"records compressed with {name} cannot be read: the package cramjam is not installed"
        for name in ("snappy", "lz4", "zstd")
    ]
    monkeypatch.setattr(unpacking, "cramjam", cramjam)
    monkeypatch.setattr(unpacking, "_gzip", lambda packed, most: b"else")
    assert unusable_codecs() == ["records compressed with gzip cannot be read: it does not read back what was written"]


def test_cramjam_says_that_there_is_no_room_as_it_is_understood() -> None:
    for module in (cramjam.lz4, cramjam.zstd):
        with pytest.raises(cramjam.DecompressionError, match=f"^{unpacking._NO_ROOM}$"):
            module.decompress_into(bytes(module.compress(bytes(100))), bytearray(99))
