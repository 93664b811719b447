"""Other people's exports as rows: CSV in its dialects, workbooks, JSON; each says how it was read."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, Protocol

from signal_engine.adapters.files.json_rows import MAX_DOCUMENT_BYTES, JsonRows, looks_like_json
from signal_engine.adapters.files.parquet import ParquetTable, is_parquet
from signal_engine.adapters.files.text_files import Source, UnreadableInput
from signal_engine.adapters.files.workbooks import Workbook, is_workbook
from signal_engine.wire.config.delimited import (
    SEPARATORS,
    DamagedCells,
    RejectedRow,
    Row,
    ShortCells,
    Table,
    TableError,
)

_HEADER_WITHIN_ROWS: Final = 20
"""Rows in which the header is looked for."""
_SAID: Final = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_IN_WORDS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_UTF_8: Final = "utf-8"
_WINDOWS: Final = "cp1252"
_STRAYS_KEPT: Final = "surrogateescape"
"""Decodes a byte that is no text as half a character."""
_STRAY: Final = re.compile("[\udc80-\udcff]")


class Tabular(Protocol):
    """An export, read from its start as often as it is asked."""

    @property
    def name(self) -> str:
        """As messages name it."""

    @property
    def words(self) -> str:
        """Encoding and separator, sheet, or the like: how it is read."""

    def head(self) -> list[list[str]]:
        """The first `_HEADER_WITHIN_ROWS` rows that are not blank."""

    def header(self, place: int) -> list[str]:
        """The names of the columns, where the header is row `place` (from 0) of the head."""

    def rows(self, place: int) -> Iterator[Row | RejectedRow]:
        """What stands behind that header; cells as many as it names. Raises `UnreadableInput`."""


def open_export(name: str, on_read: Callable[[int], None] = lambda _: None) -> "Tabular | JsonRows":
    """The export at path `name`; `-` is standard input. Raises `UnreadableInput`."""
    if name != "-" and is_workbook(name):
        return Workbook(name, _HEADER_WITHIN_ROWS)
    if name != "-" and is_parquet(name):
        return ParquetTable(name)
    source = Source(name, MAX_DOCUMENT_BYTES + 1)  # one more tells that it is too large
    if looks_like_json(source):
        return JsonRows(source, on_read)
    return Delimited(source, on_read)


class Delimited:
    """A text table. Looked through once for its encoding when it is made."""

    def __init__(self, source: Source, on_read: Callable[[int], None] = lambda _: None) -> None:
        self.name: Final = source.name
        self._source = source
        self._on_read = on_read
        self._encoding, self._is_damaged = self._recognised()
        first = [line for _, line in zip(range(_HEADER_WITHIN_ROWS), self._lines(), strict=False)]
        self.separator: Final = _separator(first)
        self._head, self._skipped = self._read_head()
        encoding = source.encoding if self._encoding == _UTF_8 else "Windows-1252"
        encoding += ", damaged in some places" * self._is_damaged
        self.words: Final = f"{encoding}, separated by {_IN_WORDS.get(self.separator, repr(self.separator))}"

    def head(self) -> list[list[str]]:
        """The first rows that are not blank."""
        return self._head

    def header(self, place: int) -> list[str]:
        """The cells of that row."""
        return [cell.strip() for cell in self._head[place]]

    def rows(self, place: int) -> Iterator[Row | RejectedRow]:
        """The rows, each filled up to the length of the header; `ShortCells` where they were fewer."""
        skipped = self._skipped[place]
        self._source.on_read = self._on_read
        lines = self._lines()
        for _ in range(skipped):
            next(lines)
        try:
            table = Table(
                self.name, lines, separator=self.separator, skipped=skipped, of_others=True,
                unnamed=_unnamed(self._head[place:]),
            )  # fmt: skip
            width = len(table.header)
            for found in table.rows():
                row = _without_strays(found, width) if self._is_damaged else found
                if type(row) is Row and len(row.cells) < width:
                    yield Row(row.line, ShortCells(row.cells, width))
                else:
                    yield row
        except TableError as error:
            raise UnreadableInput(str(error)) from None

    def _recognised(self) -> tuple[str, bool]:
        """The encoding, and whether some bytes are not in it.

        One letter that was cut in two does not make Windows-1252 of a file in UTF-8: all others would be misread in
        silence. What is really Windows-1252 has next to no letters that happen to be UTF-8.
        """
        whole = stray = 0
        for block in self._source.blocks():
            data = b"\n".join(block)
            try:
                text = data.decode(_UTF_8)
            except UnicodeDecodeError:
                text = data.decode(_UTF_8, _STRAYS_KEPT)
                stray += len(data) - len(text.encode(_UTF_8, "ignore"))
            whole += len(data) - len(text)
        if not stray:
            return _UTF_8, False
        return (_UTF_8, True) if self._source.is_marked or whole >= stray else (_WINDOWS, False)

    def _lines(self) -> Iterator[str]:
        return chain.from_iterable(map(self._decoded, self._source.blocks()))

    def _decoded(self, block: Sequence[bytes]) -> Iterator[str]:
        try:
            text = b"\n".join(block).decode(self._encoding, _STRAYS_KEPT if self._is_damaged else "strict")
        except UnicodeDecodeError as error:
            found = error.object[error.start]
            raise UnreadableInput(
                f"{self.name}: is neither UTF-8 nor Windows-1252: it holds the byte 0x{found:02X}"
            ) from None
        return iter(io.StringIO(text + "\n", newline="\n"))

    def _read_head(self) -> tuple[list[list[str]], list[int]]:
        """The first rows that are not blank, and how many lines lie before each."""
        head: list[list[str]] = []
        skipped: list[int] = []
        # A stray CR spoils its own row; `rows` refuses that one.
        reader = csv.reader((line.replace("\r", " ") for line in self._lines()), delimiter=self.separator)
        before = 0
        try:
            for cells in reader:
                if any(map(str.strip, cells)) and not (before == 0 and _SAID.fullmatch(self.separator.join(cells))):
                    head.append([*map(_readable, cells)])
                    skipped.append(before)
                before = reader.line_num
                if len(head) == _HEADER_WITHIN_ROWS:
                    break
        except csv.Error as error:
            raise UnreadableInput(f"{self.name}:{reader.line_num}: is not readable as CSV: {error}") from None
        if not head:
            raise UnreadableInput(f"{self.name}: is empty")
        return head, skipped


def _unnamed(head: Sequence[Sequence[str]]) -> int:
    """How many empty cells all rows have behind the header, because whatever wrote them ends rows with a separator.

    A single row does not tell: a value with a separator that is not quoted looks the same.
    """
    width = len(head[0])
    full = [row for row in head[1:] if len(row) >= width]
    lengths = {len(row) for row in full}
    ended = sum(not any(map(str.strip, row[width:])) for row in full)
    return lengths.pop() - width if ended > 1 and len(lengths) == 1 else 0


def _readable(cell: str) -> str:
    return _STRAY.sub("\N{REPLACEMENT CHARACTER}", cell)


def _without_strays(row: Row | RejectedRow, width: int) -> Row | RejectedRow:
    """The row without bytes that are no text; which they were, `DamagedCells` say."""
    strays = {place: ord(found[0]) & 0xFF for place, cell in enumerate(row.cells) if (found := _STRAY.search(cell))}
    if not strays:
        return row
    cells = [*map(_readable, row.cells)]
    if isinstance(row, RejectedRow):
        return row._replace(cells=tuple(cells))
    return Row(row.line, DamagedCells(cells, width, strays))


def _separator(lines: Sequence[str]) -> str:
    """What makes most rows of one length of the first lines, the longer the better; a comma where nothing does."""
    if lines and (said := _SAID.fullmatch(lines[0])):
        return said[1]

    def score(separator: str) -> tuple[int, bool]:
        lengths: Counter[int] = Counter()
        one_line_each = (line.replace("\r", " ") for line in lines)
        try:
            lengths.update(len(cells) for cells in csv.reader(one_line_each, delimiter=separator) if len(cells) > 1)
        except csv.Error:
            return 0, False
        return max((many * (length - 1) for length, many in lengths.items()), default=0), separator == ","

    return max(SEPARATORS, key=score)
