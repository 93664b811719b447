"""Files that are there as a whole or not at all, and rows that somebody has to mend."""

import csv
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, Self

import orjson

from signal_engine.adapters.files.text_files import STDIN
from signal_engine.wire.config.account_columns import column_key
from signal_engine.wire.config.delimited import Row
from signal_engine.wire.output.tables.csv_table import BOM

_REFUSAL_COLUMNS: Final = ("line", "field", "reason")
_REFUSED: Final = "refused"
"""Under it a row of JSON has them."""


@contextmanager
def written_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `path` when everything has been written, and is gone when it has not.

    A link stays one, and a file that is replaced keeps its mode.
    """
    path = path.resolve()
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb", buffering=1 << 18) as file:
            yield file
        mask = os.umask(0)
        os.umask(mask)
        Path(name).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def is_refused_row(document: Any) -> bool:
    """Whether a JSON document is a row out of `NAME.refused.jsonl`, perhaps mended."""
    refusal = document.get(_REFUSED) if isinstance(document, dict) else None
    return isinstance(refusal, dict) and refusal.keys() == {*_REFUSAL_COLUMNS}


class RefusedRows:
    """The refused rows of an export, beside it: as they were, and why, so that they can be mended and imported again.

    Somebody may have mended those of an earlier import: whoever begins has asked before, for they are replaced. Of a
    table `NAME.refused.csv` with line, field and reason as its last columns (`refused reason` beside a `reason`); of
    JSON `NAME.refused.jsonl` with these under `refused`. Nothing is written before the first row.

    A table is separated as its export is and begins with a byte order mark: it is mended in the spreadsheet that made
    the export, which else shows it in one column and takes every umlaut for two letters, and saves it so.
    """

    def __init__(self, name: str, header: Sequence[str] | None, separator: str = ",") -> None:
        self.path: Final = refused_path(name, is_table=header is not None)
        self._header = header
        self._separator = separator
        self._written = self.path.with_name(f".{self.path.name}.part")
        self._file: IO[str] | None = None
        self.count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Takes the place of the rows of an earlier import, unless this one has failed: then those stay."""
        if self._file is not None:
            self._file.close()
        if kind is not None:
            self._written.unlink(missing_ok=True)
        elif self._file is not None:
            self._written.replace(self.path)
        else:
            self.path.unlink(missing_ok=True)

    def start_over(self) -> None:
        """Forgets the rows of an attempt."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._written.unlink(missing_ok=True)
        self.count = 0

    def add(self, row: Row, field: str, reason: str) -> None:
        """One row, with `cells` as they were read."""
        self.count += 1
        if self._file is None:
            self._file = self._written.open("w", encoding="utf-8", newline="")
            if self._header is not None:
                self._file.write(BOM)
                self._write(self._file, [*self._header, *_refusal_columns(self._header)])
        if self._header is None:
            cells: Any = row.cells
            refusal = {"line": row.line, "field": field, "reason": reason}
            document = cells if isinstance(cells, dict) else {"text": "".join(map(str, cells))}
            self._file.write(orjson.dumps({**document, _REFUSED: refusal}).decode() + "\n")
        else:
            width = len(self._header)
            cells = [_text(cell) for cell in row.cells]
            filled = [*cells[:width], *[""] * (width - len(cells))]
            self._write(self._file, [*filled, row.line, field, reason, *cells[width:]])

    def _write(self, file: IO[str], cells: Sequence[Any]) -> None:
        csv.writer(file, delimiter=self._separator).writerow(cells)


def _refusal_columns(header: Sequence[str]) -> list[str]:
    """Line, field and reason, under names that no column of the export has: else nobody could tell which is meant."""
    there = {column_key(name) for name in header}
    return [f"refused {name}" if column_key(name) in there else name for name in _REFUSAL_COLUMNS]


def refused_path(name: str, *, is_table: bool) -> Path:
    """Where the refused rows of an export go; those of standard input into the folder of work."""
    stem = "stdin" if name == STDIN else name
    return Path(f"{stem}.refused.{'csv' if is_table else 'jsonl'}")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else orjson.dumps(value).decode()
