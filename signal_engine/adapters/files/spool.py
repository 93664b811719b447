"""Rows on their way, by partition, in files of a temporary folder that nobody else may read."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Final, Self

_BUFFER_BYTES: Final = 256 * 1024
"""Of each partition."""


class FileSpool:
    """`engine.fit.loading.Spool`. A context manager; its files are gone when it ends."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._folder = TemporaryDirectory(prefix="signal-engine-")
        self._files: list[IO[bytes]] = []

    def __enter__(self) -> Self:
        for number in range(self._partitions):
            self._files.append(self._path(number).open("w+b", buffering=_BUFFER_BYTES))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._files:
            file.close()
        self._folder.cleanup()

    def add(self, partition: int, row: bytes) -> None:
        """See `Spool`."""
        self._files[partition].write(row + b"\n")

    def rows(self, partition: int) -> Iterator[bytes]:
        """See `Spool`."""
        self._files[partition].flush()
        with self._path(partition).open("rb", buffering=_BUFFER_BYTES) as file:
            for line in file:
                yield line[:-1]

    def _path(self, number: int) -> Path:
        return Path(self._folder.name) / f"{number}.jsonl"
