"""Read text tables as spreadsheets write them: separated by commas, semicolons or tabs, with a header."""

import csv
import re
import sys
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice, tee
from typing import Final, NamedTuple

from signal_engine.core.errors import WRONG_USE, SignalEngineError

SEPARATORS: Final = (",", ";", "\t", "|")
_MAX_CELL_CHARACTERS: Final = 1024 * 1024
"""Characters. Exports of a CRM hold whole mails in a cell."""
csv.field_size_limit(_MAX_CELL_CHARACTERS)
_SAID: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""Start of the optional first line in which Excel declares the separator."""
_KEPT_LINES: Final = 1_000
_QUOTED: Final = re.compile(r'"[^"]*"?')
_LONE_CR: Final = "new-line character"
_SAID_BY_CSV: Final = {
    "field larger": f"has a cell of more than {_MAX_CELL_CHARACTERS:,} characters",
    _LONE_CR: "has lines that end with CR alone (old Mac format); save it as CSV UTF-8",
}
"""Start of a message of the csv module -> our words."""
_STRAY: Final = "expected after '\"'"
_OPEN: Final = "unexpected end of data"
_NOT_CLOSED: Final = "has an unclosed quotation mark"


class TableError(SignalEngineError, ValueError):
    """The table cannot be read; the message names file and line."""

    exit_code = WRONG_USE


class RejectedRow(NamedTuple):
    """A row that is not read, and why; the reason follows file and line in messages."""

    line: int
    reason: str
    cells: tuple[str, ...] = ()
    """As far as they are known."""


class Row(NamedTuple):
    """The cells of a row by index of their column; a row may have fewer cells than the header."""

    line: int
    """Line on which the row ends, from 1."""
    cells: list[str]


class ShortCells(list[str]):
    """The cells of a row that ends before its header does, filled up with empty ones."""

    def __init__(self, cells: list[str], width: int) -> None:
        super().__init__([*cells, *[""] * (width - len(cells))])
        self.given: Final = len(cells)
        """How many there are in the file."""


class DamagedCells(ShortCells):
    """The cells of a row with bytes that are no text, each shown as U+FFFD; filled up as well."""

    def __init__(self, cells: list[str], width: int, bytes_at: Mapping[int, int]) -> None:
        super().__init__(cells, width)
        self.bytes_at: Final = bytes_at
        """Index of a cell -> the first such byte in it."""


_new_row: Final = partial(tuple.__new__, Row)
"""What Row(...) does, without the call in between."""


class Table:
    """A header and, once, its rows. Raises `TableError` on creation and while rows are read."""

    def __init__(
        self,
        name: str,
        lines: Iterable[str],
        *,
        separator: str | None = None,
        skipped: int = 0,
        of_others: bool = False,
        unnamed: int = 0,
    ) -> None:
        """`lines` begin with the header, `skipped` lines into the file; rows may have `unnamed` empty cells more.

        A table `of_others`, who have not made it for us, may have columns of one name and rows with a stray quotation
        mark or CR, which are then refused alone.
        """
        self._name = name
        self._skipped = skipped
        self._of_others = of_others
        self._unnamed = unnamed
        self._ended = 0
        """The line on which the last row ended."""
        self._separator = separator or ""
        self._again: Iterator[str] = iter(())
        """The lines that were read, once more, for a row that cannot be read as one."""
        self._let_go = 0
        """How many of them."""
        lines = iter(lines)
        try:
            first = next(lines, "")
            if said := _SAID.fullmatch(first):
                self._skipped, first = self._skipped + 1, next(lines, "")
            self._separator = separator = separator or (said[1] if said else _separator(first))
            lines = chain([first], lines)
            if of_others:
                lines, self._again = tee(lines)
            self._reader = csv.reader(lines, delimiter=separator, strict=True)
            self.header: Final = tuple(cell.strip() for cell in next(self._reader, []))
            self._ended = self._line()
        except (csv.Error, UnicodeDecodeError) as error:
            raise self._unreadable(error) from None
        self.named: Final = _named(self.header)
        """Number of columns up to the last with a name; spreadsheets leave empty ones at the end."""
        if not of_others:
            self._refuse_same_names()

    def rows(self) -> Iterator[Row | RejectedRow]:
        """Yield the rows that are not blank; a row with more cells than the header is rejected."""
        ended = False
        while not ended:
            try:
                yield from self._readable_rows()
                ended = True
            except (csv.Error, UnicodeDecodeError) as error:
                why = _wrong_with_row(error)
                if why is None or not self._of_others:
                    raise self._unreadable(error) from None
                yield RejectedRow(self._line(), why, self._unread_cells())

    def _readable_rows(self) -> Iterator[Row | RejectedRow]:
        reader, skipped, named = self._reader, self._skipped, self.named
        width = len(self.header) + self._unnamed
        due = _KEPT_LINES if self._of_others else sys.maxsize
        for cells in reader:
            self._ended = line = reader.line_num + skipped
            if line > due:
                self._let_go_of(reader.line_num)
                due = line + _KEPT_LINES
            # The first cell mostly tells that a row is not blank: 0.4 us less than to ask all of them.
            if not (cells and cells[0] and not cells[0].isspace()) and not any(map(str.strip, cells)):
                continue
            count = len(cells)
            if count > width:
                reason = f"has {count} cells, but the header names {named} columns"
                reason += "; is a value with a separator not quoted?"
                yield RejectedRow(line, reason, tuple(cells))
            elif count > named and (unnamed := in_unnamed_column(cells, named)):
                yield RejectedRow(line, unnamed + ", or is a value with a separator not quoted?", tuple(cells))
            else:
                yield _new_row((line, cells))

    def _let_go_of(self, lines: int) -> None:
        deque(islice(self._again, lines - self._let_go), maxlen=0)
        self._let_go = max(self._let_go, lines)

    def _unread_cells(self) -> tuple[str, ...]:
        """The cells of the row that has just failed, as far as they can be told apart."""
        self._let_go_of(max(self._ended - self._skipped, self._let_go))
        lines = [*islice(self._again, self._reader.line_num - self._let_go)]
        self._let_go = self._reader.line_num
        rows = csv.reader((line.replace("\r", " ") for line in lines), delimiter=self._separator)
        try:
            return tuple(chain.from_iterable(rows))
        except csv.Error:
            return tuple(lines)

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


def _wrong_with_row(error: csv.Error | UnicodeDecodeError) -> str | None:
    """What is wrong with this row alone; None where the rows behind it cannot be told either."""
    if str(error).endswith(_STRAY):
        return "has a quotation mark inside a value that is not doubled"
    if str(error).startswith(_LONE_CR):
        return "has a line break (CR) inside a value that is not quoted"
    return None


def in_unnamed_column(cells: Sequence[str], named: int) -> str:
    """What is wrong with a value behind the last column with a name, of which there are `named`; empty: there is none.

    It is not passed over: a value with a separator in it that is not quoted moves all behind it to the right.
    """
    place = next((place for place, cell in enumerate(cells[named:], named + 1) if cell.strip()), 0)
    return f"has a value in column {place}, which has no name; name it in the header" if place else ""


def places_in_words(places: list[int]) -> str:
    """`columns 3 and 7`."""
    return f"columns {', '.join(map(str, places[:-1]))} and {places[-1]}"


def _separator(header: str) -> str:
    """The most frequent separator in the header, outside quotes; a comma if there is none."""
    counts = Counter(_QUOTED.sub("", header))
    return max(SEPARATORS, key=lambda separator: (counts[separator], separator == ","))


def _named(header: tuple[str, ...]) -> int:
    return max((place for place, name in enumerate(header, 1) if name), default=0)
