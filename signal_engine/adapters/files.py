"""Input files as lines: plain or gzip, or standard input, told by content and not by name."""

import gzip
import io
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

STDIN: Final = "-"
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes. A longer line is given cut at this length, and its rest is passed over; no event is nearly that long."""

_BLOCK: Final = 1 << 18
_GZIP: Final = b"\x1f\x8b"


class UnreadableInput(Exception):
    """An input that cannot be read, or not to its end; the message names it and says why."""


class Source:
    """One input that can be read from its start more than once.

    Standard input cannot be rewound, so what is read of it is kept in a temporary file in case it is asked again.
    """

    def __init__(self, name: str) -> None:
        self.name = "standard input" if name == STDIN else name
        self.on_read: Callable[[int], None] = lambda _: None
        """Called with the number of bytes of every read, as they are in the file."""
        self._path = None if name == STDIN else Path(name)
        self._kept: IO[bytes] | None = None
        self._stdin: Iterator[list[bytes]] | None = None

    def lines(self) -> Iterator[bytes]:
        """Lines without their line ends, from the start. Raises `UnreadableInput`."""
        return chain.from_iterable(self.blocks())

    def blocks(self) -> Iterator[list[bytes]]:
        """The same lines, many at a time: reading them one by one costs more than parsing them."""
        try:
            yield from self._from_stdin() if self._path is None else self._from_file(self._path)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableInput(f"{self.name}: {reason(error)}") from error

    def _from_file(self, path: Path) -> Iterator[list[bytes]]:
        with path.open("rb") as file:
            yield from _blocks(_plain(_Counted(file, self.on_read)))

    def _from_stdin(self) -> Iterator[list[bytes]]:
        if self._kept is None:
            self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)
            self._stdin = _blocks(_plain(_Counted(sys.stdin.buffer, self.on_read)))
        else:
            self._kept.seek(0)
            yield from _blocks(self._kept)
            self._kept.seek(0, io.SEEK_END)
        for block in self._stdin or ():
            self._kept.write(b"\n".join(block) + b"\n")
            yield block

    def close(self) -> None:
        """Lets go of what was kept of standard input."""
        if self._kept is not None:
            self._kept.close()


def reason(error: Exception) -> str:
    """What went wrong, in the system's own words, without the path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split()) or type(error).__name__


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


def _plain(stream: _Counted) -> IO[bytes]:
    buffered = io.BufferedReader(stream, _BLOCK)
    if buffered.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered), _BLOCK)
    return buffered


def _blocks(stream: IO[bytes]) -> Iterator[list[bytes]]:
    pieces: list[bytes] = []  # of a line that has not ended yet
    length = 0
    while data := stream.read(_BLOCK):
        first, *others = data.split(b"\n")
        if length < LONGEST_LINE:
            pieces.append(first)
            length += len(first)
        if others:
            lines = [b"".join(pieces)[:LONGEST_LINE], *others]
            pieces = [lines.pop()]
            length = len(pieces[0])
            yield [line.rstrip(b"\r") for line in lines]
    if length:
        yield [b"".join(pieces)[:LONGEST_LINE].rstrip(b"\r")]
