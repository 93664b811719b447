"""Sorting more rows than memory holds, through temporary files that are gone when the sorter is."""

import heapq
import marshal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Any, Final, Self

_BLOCK: Final = 500

Row = tuple[tuple[Any, ...], bytes]
"""A key of numbers and texts, and what is sorted by it."""


class ExternalSorter:
    """Collects rows and yields them by key. Rows past `rows_in_memory` go to disk in sorted runs.

    A run is read back a block at a time, so memory is bounded by `rows_in_memory` plus one block a run. The files
    have no name in the file system (`tempfile.TemporaryFile`), so nothing is left behind, whatever happens.
    """

    def __init__(self, rows_in_memory: int = 200_000) -> None:
        self._rows_in_memory = rows_in_memory
        self._rows: list[Row] = []
        self._runs: list[IO[bytes]] = []
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()

    def add(self, key: tuple[Any, ...], payload: bytes) -> None:
        """Takes one row. Raises OSError when the disk is full."""
        self._rows.append((key, payload))
        if len(self._rows) >= self._rows_in_memory:
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
        for start in range(0, len(self._rows), _BLOCK):
            marshal.dump(self._rows[start : start + _BLOCK], run)
        self._runs.append(run)
        self._rows = []


def _read_run(run: IO[bytes]) -> Iterator[Row]:
    run.seek(0)
    while True:
        try:
            block = marshal.load(run)  # noqa: S302 (our own temporary file, without a name)
        except EOFError:
            return
        yield from block
