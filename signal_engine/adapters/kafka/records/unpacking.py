"""Decompress Kafka's four codecs within a size limit.

Codec libraries have no limit of their own: 18 KB of zstd can expand to 600 MB. Here a batch is decompressed into a
buffer of the allowed size and stops when it is full.
"""

import mmap
import threading
import zlib
from typing import Final

from signal_engine.core.errors import SignalEngineError

try:
    import cramjam
except ImportError:  # reported at start, see `unusable_codecs`
    cramjam = None  # type: ignore[assignment]

GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
_NAMES: Final = {GZIP: "gzip", SNAPPY: "snappy", LZ4: "lz4", ZSTD: "zstd"}
_GZIP_WINDOW: Final = 31
"""zlib's word for a gzip header and the largest window."""
_XERIAL: Final = b"\x82SNAPPY\x00"
"""Start of Java's snappy stream: a header of 16 bytes, then blocks, each preceded by its length."""
_XERIAL_HEADER: Final = 16
_NO_ROOM: Final = "failed to write whole buffer"
"""cramjam's message when the buffer is full. Pinned by a test."""
_SAMPLE: Final = b"signals.intent signals.intent"
_PACKED: Final = {
    GZIP: "1f8b08000000000002032bce4ccf4bcc29d6cbcc2b49cd2b512846e10200d014dc771d000000",
    SNAPPY: "1d707369676e616c732e696e74656e74207369676e616c732e696e74656e74",
    LZ4: "04224d185440ae19000000f5007369676e616c732e696e74656e74200f00506e74656e741b4ad64c0000000027d80127",
    ZSTD: "28b52ffd201dad0000787369676e616c732e696e74656e7420010022cf3a",
}


class CannotUnpack(SignalEngineError):
    """A batch cannot be decompressed; the message says why."""


class _Buffer(threading.local):
    """This thread's buffer. The system allocates its memory only when it is written to."""

    def __init__(self) -> None:
        self._buffer = memoryview(b"")

    def of(self, size: int) -> memoryview:
        if len(self._buffer) != size:
            self._buffer = memoryview(mmap.mmap(-1, size))
        return self._buffer


_buffer = _Buffer()


def unpack(codec: int, packed: bytes, max_bytes: int) -> bytes:
    """Decompress the records of a batch by `codec`, the number in its attributes, into at most `max_bytes` bytes (1..).

    Raises `CannotUnpack` for an unknown codec, more than `max_bytes` bytes, or bytes that the codec cannot read.
    """
    if codec not in _NAMES:
        raise CannotUnpack(f"codec {codec} is unknown")
    try:
        if codec == GZIP:
            return _gzip(packed, max_bytes)
        if codec == SNAPPY:
            return _snappy(packed, max_bytes)
        buffer = _buffer.of(max_bytes)
        size = (cramjam.lz4 if codec == LZ4 else cramjam.zstd).decompress_into(packed, buffer)
        return bytes(buffer[:size])
    except CannotUnpack:
        raise
    except Exception as error:  # noqa: BLE001 (each library has its own)
        if str(error) == _NO_ROOM:
            raise _too_large(max_bytes) from None
        raise CannotUnpack(f"the bytes are not {_NAMES[codec]}: {error}") from None


def unusable_codecs() -> list[str]:
    """A line per codec that this installation cannot read; empty if all four work."""
    wrong = []
    for codec, packed in _PACKED.items():
        try:
            if unpack(codec, bytes.fromhex(packed), len(_SAMPLE)) == _SAMPLE:
                continue
            reason = "it does not read back what was written"
        except CannotUnpack as error:
            reason = "the package cramjam is not installed" if cramjam is None and codec != GZIP else str(error)
        wrong.append(f"records compressed with {_NAMES[codec]} cannot be read: {reason}")
    return wrong


def _too_large(max_bytes: int) -> CannotUnpack:
    return CannotUnpack(f"it decompresses to more than {max_bytes / 1024 / 1024:g} MiB")


def _gzip(packed: bytes, max_bytes: int) -> bytes:
    """All gzip members, decompressed."""
    found, size = [], 0
    while packed:
        member = zlib.decompressobj(_GZIP_WINDOW)
        some = member.decompress(packed, max_bytes - size + 1)
        size += len(some)
        if size > max_bytes:
            raise _too_large(max_bytes)
        if not member.eof:
            raise CannotUnpack("the bytes are not gzip: they end too early")
        found.append(some)
        packed = member.unused_data
    return b"".join(found)


def _snappy(packed: bytes, max_bytes: int) -> bytes:
    blocks = _xerial_blocks(packed) if packed.startswith(_XERIAL) else [packed]
    if sum(map(cramjam.snappy.decompress_raw_len, blocks)) > max_bytes:
        raise _too_large(max_bytes)
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
