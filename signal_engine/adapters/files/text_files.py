"""Input files as lines: UTF-8 or UTF-16, lines that end with LF, CR LF or CR, gzip or not, or standard input.

All of it is detected by content, not by name.
"""

import codecs
import gzip
import io
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from signal_engine.core.errors import SignalEngineError

STDIN: Final = "-"
_UTF_8: Final = "UTF-8"
_UTF_16: Final = "UTF-16"
_MAX_LINE_BYTES: Final = 16 * 1024 * 1024
"""Bytes. A longer line is given cut at this length, and its rest is passed over; no event is nearly that long."""

_BLOCK_BYTES: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"
_WORKBOOK: Final = "open it and save the sheet as CSV UTF-8"
_UNPACK: Final = "unpack it first, or compress it with gzip instead"
PARQUET: Final = b"PAR1"
"""How such a file begins."""
_NOT_TEXT: Final = {
    PARQUET: "is Parquet, which `import` reads from a file as it stands: neither from standard input nor inside gzip",
    b"PK\x03\x04": f"is a ZIP file, as Excel workbooks (.xlsx) are: {_WORKBOOK}",
    b"\xd0\xcf\x11\xe0": f"is an Excel workbook (.xls): {_WORKBOOK}",
    b"\x28\xb5\x2f\xfd": f"is compressed with zstd: {_UNPACK}",
    b"\xfd7zX": f"is compressed with xz: {_UNPACK}",
    **{b"BZh%d" % level: f"is compressed with bzip2: {_UNPACK}" for level in range(1, 10)},
    b"7z\xbc\xaf": f"is a 7-Zip archive: {_UNPACK}",
    b"Rar!": f"is a RAR archive: {_UNPACK}",
    b"%PDF": "is a PDF: export it as CSV",
}
_HTML: Final = re.compile(rb"\s*<(?:!doctype\s+html|html|table|head|meta|\?xml)\b", re.IGNORECASE)
_HEAD_BYTES: Final = 256
"""Bytes that tell what a file is."""


class UnreadableInput(SignalEngineError):
    """An input that cannot be read, or not to its end; the message names it and says why."""


class Source:
    """One input that can be read from its start more than once.

    Standard input cannot be rewound, so what is read of it is kept in a temporary file in case it is asked again.
    """

    def __init__(self, name: str, max_document_bytes: int = _MAX_LINE_BYTES) -> None:
        """A line may have `max_document_bytes` instead where the input begins as JSON, which may be all one line."""
        self._max_document_bytes = max_document_bytes
        self.name = "standard input" if name == STDIN else name
        self.on_read: Callable[[int], None] = lambda _: None
        """Called with the number of bytes of every read, as they are in the file."""
        self.encoding = _UTF_8
        """`_UTF_8` or `_UTF_16`, as far as it has been read."""
        self.is_marked = False
        """Whether it begins with the byte order mark of UTF-8, as far as it has been read."""
        self._path = None if name == STDIN else Path(name)
        self._kept: IO[bytes] | None = None
        self._stdin: Iterator[list[bytes]] | None = None

    def lines(self) -> Iterator[bytes]:
        """Lines in UTF-8, without their line ends and byte order mark, from the start. Raises `UnreadableInput`."""
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[bytes]]:
        """The same lines, many at a time: reading them one by one costs more than parsing them."""
        try:
            yield from self._from_stdin() if self._path is None else self._from_file(self._path)
        except (OSError, EOFError, UnicodeError, _NotText, zlib.error) as error:
            self.close()
            raise UnreadableInput(f"{self.name}: {reason(error)}") from error

    def _from_file(self, path: Path) -> Iterator[list[bytes]]:
        with path.open("rb") as file:
            yield from _blocks(self._plain(_Counted(file, self.on_read)), self._max_document_bytes)

    def _from_stdin(self) -> Iterator[list[bytes]]:
        if self._kept is None:
            if sys.stdin is None:
                raise UnreadableInput(f"{self.name}: is closed")
            self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)
            self._stdin = _blocks(self._plain(_Counted(sys.stdin.buffer, self.on_read)), self._max_document_bytes)
        else:
            self._kept.seek(0)
            yield from _blocks(self._kept, self._max_document_bytes)
            self._kept.seek(0, io.SEEK_END)
        for block in self._stdin or ():
            self._kept.write(b"\n".join(block) + b"\n")
            yield block

    def _plain(self, stream: "_Counted") -> IO[bytes]:
        buffered: io.BufferedReader[Any] = io.BufferedReader(stream, _BLOCK_BYTES)
        if buffered.peek(2)[:2] == _GZIP:
            buffered = io.BufferedReader(gzip.GzipFile(fileobj=buffered), _BLOCK_BYTES)
        head = buffered.peek(_HEAD_BYTES)[:_HEAD_BYTES]
        if (what := _NOT_TEXT.get(head[:4])) is not None:
            raise _NotText(what)
        if _HTML.match(head.removeprefix(codecs.BOM_UTF8)):
            raise _NotText(f"is HTML or XML, which some tools call Excel (.xls): {_WORKBOOK}")
        if head.startswith(codecs.BOM_UTF8):
            buffered.read(len(codecs.BOM_UTF8))
            self.is_marked = True
        elif (encoding := _utf_16(head)) is not None:
            self.encoding = _UTF_16
            return io.BufferedReader(_Recoded(buffered, encoding), _BLOCK_BYTES)
        return buffered

    def close(self) -> None:
        """Lets go of what was kept of standard input."""
        if self._kept is not None:
            self._kept.close()


def begins_with(name: str, mark: bytes) -> bool:
    """Whether the file at path `name` begins with the bytes of a format. Raises `UnreadableInput`."""
    try:
        with Path(name).open("rb") as file:
            return file.read(len(mark)) == mark
    except OSError as error:
        raise UnreadableInput(f"{name}: {reason(error)}") from None


def reason(error: Exception) -> str:
    """What went wrong, without the path: in the system's own words, but for what no system knows."""
    if isinstance(error, (gzip.BadGzipFile, zlib.error)):
        return "is gzip that is damaged, or that something else follows"
    if isinstance(error, EOFError):
        return "is gzip that ends too soon: copy it again"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, UnicodeError):
        return "begins as UTF-16 and does not go on as such"
    return " ".join(str(error).split()) or type(error).__name__


class _NotText(Exception):
    """A file of another kind; the message reads on from its name."""


class _Counted(io.RawIOBase):
    """A stream that tells how many bytes of it have been read."""

    def __init__(self, stream: IO[bytes], advance: Callable[[int], None]) -> None:
        self._stream = stream
        self._advance = advance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._advance(len(data))
        return len(data)


def _utf_16(head: bytes) -> str | None:
    """Which UTF-16 a file is in; None when it is not.

    Half of what Latin text is then are zeros, also where there is no byte order mark; and a mark that none follow is
    garbage.
    """
    for encoding, mark, high in (("utf-16-le", codecs.BOM_UTF16_LE, 1), ("utf-16-be", codecs.BOM_UTF16_BE, 0)):
        zeros = head[high::2].count(0)
        if zeros * 8 >= (1 if head.startswith(mark) else 3) * len(head) > 0:
            return encoding
    return None


class _Recoded(io.RawIOBase):
    """UTF-16 as UTF-8. Raises UnicodeDecodeError where it is none, also where it breaks off."""

    def __init__(self, stream: IO[bytes], encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        while not self._ready:
            data = self._stream.read(_BLOCK_BYTES)
            text = self._decoder.decode(data, final=not data)
            if text and not self._begun:
                self._begun, text = True, text.removeprefix("\ufeff")
            self._ready = text.encode()
            if not data:
                break
        count = min(len(buffer), len(self._ready))
        buffer[:count], self._ready = self._ready[:count], self._ready[count:]
        return count


def _ends_lines_with_cr(begin: bytes) -> bool:
    """Whether lines end with CR alone, as in what Excel calls CSV (Macintosh).

    Beside an LF a CR ends no line: it is a line break within a cell. The last byte may be the half of a CR LF.
    """
    return b"\n" not in begin and b"\r" in begin[:-1]


def _blocks(stream: IO[bytes], max_document_bytes: int) -> Iterator[list[bytes]]:
    pieces: list[bytes] = []  # of a line that has not ended yet
    length = 0
    only_cr: bool | None = None
    max_bytes = _MAX_LINE_BYTES
    while data := stream.read(_BLOCK_BYTES):
        if only_cr is None:
            only_cr = _ends_lines_with_cr(data)
            max_bytes = max_document_bytes if data.lstrip().startswith((b"{", b"[")) else _MAX_LINE_BYTES
        if only_cr:
            data = data.replace(b"\r", b"\n")
        first, *others = data.split(b"\n")
        if length < max_bytes:
            pieces.append(first)
            length += len(first)
        if others:
            lines = [b"".join(pieces)[:max_bytes], *others]
            pieces = [lines.pop()]
            length = len(pieces[0])
            yield [line.rstrip(b"\r") for line in lines]
    if length:
        yield [b"".join(pieces)[:max_bytes].rstrip(b"\r")]
