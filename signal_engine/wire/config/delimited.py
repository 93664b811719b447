"""Read text tables as spreadsheets write them: separated by commas, semicolons or tabs, with a header."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, NamedTuple

_SEPARATORS: Final = (",", ";", "\t", "|")
_SAID: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""Start of the optional first line in which Excel declares the separator."""
_QUOTED: Final = re.compile(r'"[^"]*"?')
_SAID_BY_CSV: Final = {
    "field larger": f"has a cell of more than {csv.field_size_limit():,} characters",
    "new-line character": "has lines that end with CR alone (old Mac format); save it as CSV UTF-8",
}
"""Start of a message of the csv module -> our words."""
_OPEN: Final = "unexpected end of data"
_NOT_CLOSED: Final = "has an unclosed quotation mark"


class TableError(ValueError):
    """The table cannot be read; the message names file and line."""


class RejectedRow(NamedTuple):
    """A row that is not read, and why; the reason follows file and line in messages."""

    line: int
    reason: str


class Row(NamedTuple):
    """The cells of a row by index of their column; a row may have fewer cells than the header."""

    line: int
    """Line on which the row ends, from 1."""
    cells: list[str]


class Table:
    """A header and, once, its rows. Raises `TableError` on creation and while rows are read."""

    def __init__(self, name: str, lines: Iterable[str]) -> None:
        self._name = name
        self._skipped = 0
        self._ended = 0
        """The line on which the last row ended."""
        lines = iter(lines)
        try:
            first = next(lines, "")
            if said := _SAID.fullmatch(first):
                self._skipped, first = 1, next(lines, "")
            separator = said[1] if said else _separator(first)
            self._reader = csv.reader(chain([first], lines), delimiter=separator, strict=True)
            self.header: Final = tuple(cell.strip() for cell in next(self._reader, []))
            self._ended = self._line()
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._unreadable(error) from None
        self.named: Final = _named(self.header)
        """Number of columns up to the last with a name; spreadsheets leave empty ones at the end."""
        self._refuse_same_names()

    def rows(self) -> Iterator[Row | RejectedRow]:
        """Yield the rows that are not blank; a row with more cells than the header is rejected."""
        try:
            for cells in self._reader:
                self._ended = self._line()
                if not any(cell and not cell.isspace() for cell in cells):
                    continue
                extra = cells[self.named :]
                if len(cells) > len(self.header) or any(map(str.strip, extra)):
                    reason = f"has {len(cells)} cells, but the header names {self.named} columns"
                    yield RejectedRow(self._line(), f"{reason}; is a value with a separator not quoted?")
                else:
                    yield Row(self._line(), cells)
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._unreadable(error) from None

    def _line(self) -> int:
        return self._reader.line_num + self._skipped

    def _refuse_same_names(self) -> None:
        for column, count in Counter(filter(None, self.header)).items():
            if count > 1:
                places = [place for place, name in enumerate(self.header, 1) if name == column]
                raise TableError(
                    f"{self._name}:{self._line()}: {count} columns are called {column!r}: {places_in_words(places)}"
                )

    def _unreadable(self, error: csv.Error | UnicodeDecodeError) -> TableError:
        line = self._line() if hasattr(self, "_reader") else self._skipped
        if isinstance(error, UnicodeDecodeError):
            found = error.object[error.start]
            why = f"is not UTF-8: it contains the byte 0x{found:02X}; save it as CSV UTF-8"
            return TableError(f"{self._name}:{line + 1}: {why}")
        if str(error) == _OPEN:
            return TableError(f"{self._name}:{max(self._ended, self._skipped) + 1}: {_NOT_CLOSED}")
        why = next((words for begin, words in _SAID_BY_CSV.items() if str(error).startswith(begin)), "")
        return TableError(f"{self._name}:{line}: {why or f'is not readable as CSV: {error}'}")


def places_in_words(places: list[int]) -> str:
    """`columns 3 and 7`."""
    return f"columns {', '.join(map(str, places[:-1]))} and {places[-1]}"


def _separator(header: str) -> str:
    """The most frequent separator in the header, outside quotes; a comma if there is none."""
    counts = Counter(_QUOTED.sub("", header))
    return max(_SEPARATORS, key=lambda separator: (counts[separator], separator == ","))


def _named(header: tuple[str, ...]) -> int:
    return max((place for place, name in enumerate(header, 1) if name), default=0)
