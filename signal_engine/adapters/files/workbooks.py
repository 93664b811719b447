"""Workbooks (.xlsx), read only: the first sheet that holds anything. Needs the extra `xlsx` (openpyxl)."""

import datetime
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from signal_engine.adapters.files.text_files import UnreadableInput, begins_with, reason
from signal_engine.wire.config.delimited import RejectedRow, Row, in_unnamed_column

_ZIP: Final = b"PK\x03\x04"
_INSTALL: Final = "pip install '.[xlsx]' reads workbooks; or save the sheet as CSV UTF-8"
_NO_WORKBOOK: Final = "is a ZIP archive that holds no Excel workbook: unpack it, and import what is in it"
_CONTENT_TYPES: Final = "[Content_Types].xml"
"""The part that every Office document has."""
_DAMAGED: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, SyntaxError, LookupError, ValueError, TypeError,
    AttributeError,
)  # fmt: skip
"""What openpyxl and zipfile raise of a file that is damaged (broken XML is a SyntaxError) or encrypted."""


def is_workbook(name: str) -> bool:
    """Whether the file at path `name` is a ZIP archive, as workbooks are."""
    return begins_with(name, _ZIP)


class Workbook:
    """A sheet as rows of text: dates as ISO without a zone, numbers as they are counted, not as they are shown."""

    def __init__(self, name: str, head: int) -> None:
        self.name: Final = name
        self._sheet = self._first_sheet()
        self._head, self._numbers = self._read_head(head)
        self.words: Final = f"workbook, sheet {self._sheet!r}"

    def head(self) -> list[list[str]]:
        """The first rows that are not blank."""
        return self._head

    def header(self, place: int) -> list[str]:
        """The cells of that row."""
        return [cell.strip() for cell in self._head[place]]

    def rows(self, place: int) -> Iterator[Row | RejectedRow]:
        """What stands behind the header, by the row numbers of the sheet."""
        header = self.header(place)
        width = max((place for place, name in enumerate(header, 1) if name), default=0)
        for number, cells in self._cells():
            if number <= self._numbers[place]:
                continue
            if unnamed := in_unnamed_column(cells, width):
                yield RejectedRow(number, unnamed, tuple(cells))
            else:
                yield Row(number, [*cells[: len(header)], *[""] * (len(header) - len(cells))])

    def _read_head(self, max_rows: int) -> tuple[list[list[str]], list[int]]:
        head: list[list[str]] = []
        numbers: list[int] = []
        for number, cells in self._cells():
            head.append(cells)
            numbers.append(number)
            if len(head) == max_rows:
                break
        if not head:
            raise UnreadableInput(f"{self.name}: holds no sheet with anything in it")
        return head, numbers

    def _first_sheet(self) -> str:
        with self._book() as book:
            for sheet in book.worksheets:
                if any(any(cell is not None for cell in row) for row in _rows(sheet)):
                    return str(sheet.title)
        raise UnreadableInput(f"{self.name}: holds no sheet with anything in it")

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        with self._book() as book:
            for number, row in enumerate(_rows(book[self._sheet]), 1):
                cells = [*map(_text, row)]
                if any(map(str.strip, cells)):
                    yield number, cells

    @contextmanager
    def _book(self) -> Iterator[Any]:
        """The workbook while it is read. Raises `UnreadableInput`, also where it breaks off."""
        try:
            from openpyxl import load_workbook  # noqa: PLC0415 (an extra)
        except ImportError:
            raise UnreadableInput(f"{self.name}: is a workbook: {_INSTALL}") from None
        # It warns of styles and the like, with its own path and line.
        warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
        try:
            with Path(self.name).open("rb") as file:
                if not _is_office_document(file):
                    raise UnreadableInput(f"{self.name}: {_NO_WORKBOOK}")
                book = load_workbook(file, read_only=True, data_only=True)
                try:
                    yield book
                finally:
                    book.close()
        except _DAMAGED as error:
            raise UnreadableInput(f"{self.name}: is no workbook that can be read: {reason(error)}") from None


def _is_office_document(file: IO[bytes]) -> bool:
    with zipfile.ZipFile(file) as archive:
        return _CONTENT_TYPES in archive.namelist()


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """All rows. A sheet says how large it is, and openpyxl believes it; programs that write `A1` are many."""
    sheet.reset_dimensions()
    rows: Iterator[tuple[Any, ...]] = sheet.iter_rows(values_only=True)
    return rows


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ", "seconds") if value.time() != datetime.time() else value.date().isoformat()
    return str(value)
