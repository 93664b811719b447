"""Kafka's four codecs, unpacked into no more bytes than are allowed.

What a codec library unpacks by itself has no bound: 18 KB of zstd can hold 600 MB. Here a batch is unpacked into a
room of the size that is allowed, and stops where that is full.
"""

import mmap
import threading
import zlib
from typing import Final

from signal_engine.core.errors import SignalEngineError

try:
    import cramjam
except ImportError:  # told at the start, see `unusable_codecs`
    cramjam = None  # type: ignore[assignment]

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
_NAMES: Final = {GZIP: "gzip", SNAPPY: "snappy", LZ4: "lz4", ZSTD: "zstd"}
_GZIP_WINDOW: Final = 31
"""zlib's word for a gzip header and the largest window."""
_XERIAL: Final = b"\x82SNAPPY\x00"
"""What Java's snappy stream begins with: a header of 16 bytes, then blocks, each behind its length."""
_XERIAL_HEADER: Final = 16
_NO_ROOM: Final = "failed to write whole buffer"
"""What cramjam says when the room is full. Pinned by a test."""
_SAMPLE: Final = b"signals.intent signals.intent"
_PACKED: Final = {
    GZIP: "1f8b08000000000002032bce4ccf4bcc29d6cbcc2b49cd2b512846e10200d014dc771d000000",
    SNAPPY: "1d707369676e616c732e696e74656e74207369676e616c732e696e74656e74",
    LZ4: "04224d185440ae19000000f5007369676e616c732e696e74656e74200f00506e74656e741b4ad64c0000000027d80127",
    ZSTD: "28b52ffd201dad0000787369676e616c732e696e74656e7420010022cf3a",
}


class CannotUnpack(SignalEngineError):
    """A batch that cannot be unpacked; the message says why, in a few words."""


class _Room(threading.local):
    """Where this thread unpacks. Memory that is not written to is none: the system gives it when it is."""

    def __init__(self) -> None:
        self._room = memoryview(b"")

    def of(self, size: int) -> memoryview:
        if len(self._room) != size:
            self._room = memoryview(mmap.mmap(-1, size))
        return self._room


_room = _Room()


def unpack(codec: int, packed: bytes, most: int) -> bytes:
    """What the records of a batch are, packed by `codec` as its attributes say. `most` is in bytes (1..).

    Raises `CannotUnpack`: a codec that Kafka does not have, more than `most` bytes, or bytes that are not of the codec.
    """
    if codec not in _NAMES:
        raise CannotUnpack(f"codec {codec} is unknown")
    try:
        if codec == GZIP:
            return _gzip(packed, most)
        if codec == SNAPPY:
            return _snappy(packed, most)
        room = _room.of(most)
        size = (cramjam.lz4 if codec == LZ4 else cramjam.zstd).decompress_into(packed, room)
        return bytes(room[:size])
    except CannotUnpack:
        raise
    except Exception as error:  # noqa: BLE001 (each library has its own)
        if str(error) == _NO_ROOM:
            raise _too_large(most) from None
        raise CannotUnpack(f"the bytes are not {_NAMES[codec]}: {error}") from None


def unusable_codecs() -> list[str]:
    """What is wrong with the codecs of this installation, a line each; empty when all four read what they should."""
    wrong = []
    for codec, packed in _PACKED.items():
        try:
            if unpack(codec, bytes.fromhex(packed), len(_SAMPLE)) == _SAMPLE:
                continue
            reason = "it reads something else than was written"
        except CannotUnpack as error:
            reason = "the package cramjam is not installed" if cramjam is None and codec != GZIP else str(error)
        wrong.append(f"records compressed with {_NAMES[codec]} cannot be read: {reason}")
    return wrong


def _too_large(most: int) -> CannotUnpack:
    return CannotUnpack(f"it unpacks to more than {most / 1024 / 1024:g} MiB")


def _gzip(packed: bytes, most: int) -> bytes:
    """All members of it, as gzip has it."""
    found, size = [], 0
    while packed:
        member = zlib.decompressobj(_GZIP_WINDOW)
        some = member.decompress(packed, most - size + 1)
        size += len(some)
        if size > most:
            raise _too_large(most)
        if not member.eof:
            raise CannotUnpack("the bytes are not gzip: they end too early")
        found.append(some)
        packed = member.unused_data
    return b"".join(found)


def _snappy(packed: bytes, most: int) -> bytes:
    blocks = _xerial_blocks(packed) if packed.startswith(_XERIAL) else [packed]
    if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > most:
        raise _too_large(most)
    return b"".join(bytes(cramjam.snappy.decompress_raw(block)) for block in blocks)


def _xerial_blocks(packed: bytes) -> list[bytes]:
    blocks, at = [], _XERIAL_HEADER
    while at < len(packed):
        size = int.from_bytes(packed[at : at + 4], "big", signed=True)
        begins, at = at + 4, at + 4 + size
        if size < 0 or at > len(packed):
            raise CannotUnpack("the bytes are not snappy: a block ends beyond them")
        blocks.append(packed[begins:at])
    return blocks
