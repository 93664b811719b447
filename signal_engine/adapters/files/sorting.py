"""Sorting more rows than memory holds, through temporary files that are gone when the sorter is."""

import heapq
import marshal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Final, Self

_BLOCK_ROWS: Final = 500
_KEY_BYTES: Final = 300
"""About what a key, its tuples and the list's place take."""

Row = tuple[tuple[Any, ...], bytes]
"""A key of numbers and texts, and what is sorted by it."""


class ExternalSorter:
    """Collects rows and yields them by key. Past `max_bytes_in_memory` bytes they go to disk in sorted runs.

    A run is read back a block at a time, so memory is bounded by that and one block a run. Bytes count, not rows: an
    alert is ten times the size of an event. The files have no name in the file system (`tempfile.TemporaryFile`), so
    nothing is left behind, whatever happens.
    """

    def __init__(self, max_bytes_in_memory: int = 64 * 1024 * 1024) -> None:
        self._max_bytes_in_memory = max_bytes_in_memory
        self._in_memory = 0
        self._rows: list[Row] = []
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()
        self._rows = []

    def add(self, key: tuple[Any, ...], payload: bytes) -> None:
        """Takes one row. Raises OSError when the disk is full."""
        self._rows.append((key, payload))
        self._in_memory += len(payload) + _KEY_BYTES
        if self._in_memory >= self._max_bytes_in_memory:
            self._spill()

    def __iter__(self) -> Iterator[Row]:
        """All rows by key; nothing may be added while this runs."""
        self._rows.sort()
        if not self._runs:
            return iter(self._rows)
        return heapq.merge(*map(_read_run, self._runs), self._rows)

    def _spill(self) -> None:
        self._rows.sort()
        run = self._files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (`__exit__` closes it)
        for start in range(0, len(self._rows), _BLOCK_ROWS):
            marshal.dump(self._rows[start : start + _BLOCK_ROWS], run)
        self._runs.append(run)
        self._rows = []
        self._in_memory = 0


def _read_run(run: IO[bytes]) -> Iterator[Row]:
    run.seek(0)
    while True:
        try:
            block = marshal.load(run)  # noqa: S302 (our own temporary file, without a name)
        except EOFError:
            return
        yield from block
