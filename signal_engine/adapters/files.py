"""Input files as lines: plain or gzip, or standard input, told by content and not by name."""

import gzip
import io
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any, Final

STDIN: Final = "-"
LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes. A longer line is given cut at this length, and its rest is passed over; no event is nearly that long."""

_GZIP: Final = b"\x1f\x8b"


class Source:
    """One input that can be read from its start more than once.

    Standard input cannot be rewound, so what is read of it is kept in a temporary file in case it is asked again.
    """

    def __init__(self, name: str, advance: Callable[[int], None] = lambda _: None) -> None:
        self.name = "standard input" if name == STDIN else name
        self._advance = advance
        self._path = None if name == STDIN else Path(name)
        self._kept: IO[bytes] | None = None
        self._stdin: IO[bytes] | None = None

    def lines(self) -> Iterator[bytes]:
        """Lines without their line ends, from the start. Raises OSError, EOFError or gzip.BadGzipFile."""
        if self._path is not None:
            with self._path.open("rb") as file:
                yield from _lines(_plain(_Counted(file, self._advance)))
            return
        if self._kept is None:
            self._kept = tempfile.TemporaryFile()  # noqa: SIM115 (`close` closes it)
            self._stdin = _plain(_Counted(sys.stdin.buffer, self._advance))
        else:
            self._kept.seek(0)
            yield from _lines(self._kept)
            self._kept.seek(0, io.SEEK_END)
        if self._stdin is not None:
            for line in _lines(self._stdin):
                self._kept.write(line + b"\n")
                yield line

    def close(self) -> None:
        """Lets go of what was kept of standard input."""
        if self._kept is not None:
            self._kept.close()


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
    buffered = io.BufferedReader(stream, 1 << 18)
    if buffered.peek(2)[:2] == _GZIP:
        return io.BufferedReader(gzip.GzipFile(fileobj=buffered), 1 << 18)
    return buffered


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    while line := stream.readline(LONGEST_LINE):
        if not line.endswith(b"\n") and len(line) == LONGEST_LINE:
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        yield line.rstrip(b"\r\n")
