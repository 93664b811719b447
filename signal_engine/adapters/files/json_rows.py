"""JSON documents and JSON Lines as rows."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, Final

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from signal_engine.adapters.files.text_files import Source, UnreadableInput
from signal_engine.adapters.files.written_whole import is_refused_row
from signal_engine.wire.config.delimited import RejectedRow, Row

MAX_DOCUMENT_BYTES: Final = 128 * 1024 * 1024
"""Bytes of one JSON document, which has to be held as a whole; JSON Lines may be of any length."""


def looks_like_json(source: Source) -> bool:
    """Whether the first character that is no blank opens an object or a list."""
    first = next((line for line in source.lines() if line.strip()), b"")
    return first.lstrip()[:1] in (b"{", b"[")


class JsonRows:
    """A document, or one on every line. Rows are numbered by line, in a document by their place in it, from 1."""

    def __init__(self, source: Source, on_read: Callable[[int], None] = lambda _: None) -> None:
        self.name: Final = source.name
        self._source = source
        self._on_read = on_read
        lines = (line for line in source.lines() if line.strip())
        first, more = next(lines, b""), next(lines, None) is not None
        self._is_lines = more and _is_json(first)
        self.words: Final = "JSON Lines" if self._is_lines else "JSON"

    def keys(self) -> list[str]:
        """The fields of the first document, or of the first element of a list: by which it is recognised."""
        for _, document in self._documents():
            first = document[0] if isinstance(document, list) and document else document
            if isinstance(first, dict):
                return list(first)
        return []

    def columns(self) -> list[str]:
        """The fields of all rows, for a mapping that reads columns."""
        found: dict[str, None] = {}
        for row in self.objects(None):
            if type(row) is Row:
                found.update(dict.fromkeys(row.cells))
        return list(found)

    def as_table(self, columns: list[str]) -> Iterator[Row | RejectedRow]:
        """The rows as cells, each under its column."""
        for row in self.objects(None):
            if type(row) is Row:
                values: Any = row.cells
                yield Row(row.line, [values.get(column) for column in columns])
            else:
                yield row

    def objects(self, each: str | None) -> Iterator[Row | RejectedRow]:
        """The rows, whose `cells` are then an object; `each` is the JMESPath to a list of them in every document.

        A line of refused rows that were mended is the row itself.
        """
        search = jmespath.compile(each).search if each else None
        for number, document in self._documents():
            if isinstance(document, RejectedRow):
                yield document
                continue
            try:
                found = search(document) if search and not is_refused_row(document) else document
            except JMESPathError:  # its message quotes the value, which may be a person's
                yield RejectedRow(number, f"{each!r} cannot be asked of it", (_text(document),))
                continue
            if not isinstance(found, list):
                found = [found]
            elif not self._is_lines:
                number = 0  # noqa: PLW2901 (rows of a document are numbered by their place)
            for place, row in enumerate(found):
                line = number if self._is_lines else number + place + (number == 0)
                if isinstance(row, dict):
                    cells: Any = row
                    yield Row(line, cells)
                else:
                    yield RejectedRow(line, _no_object(each if found is not document else None, row), (_text(row),))

    def _documents(self) -> Iterator[tuple[int, Any]]:
        self._source.on_read = self._on_read
        if self._is_lines:
            for number, line in enumerate(self._source.lines(), 1):
                if line.strip():
                    try:
                        yield number, orjson.loads(line)
                    except orjson.JSONDecodeError as error:
                        shown = line.decode("utf-8", "replace")
                        yield number, RejectedRow(number, f"is not JSON: {error.msg}", (shown,))
            return
        text, size = [], 0
        for line in chain(self._source.lines()):
            text.append(line)
            if (size := size + len(line)) > MAX_DOCUMENT_BYTES:
                raise UnreadableInput(
                    f"{self.name}: is one JSON document of more than {MAX_DOCUMENT_BYTES:,} bytes; use JSON Lines"
                )
        try:
            yield 1, orjson.loads(b"\n".join(text))
        except orjson.JSONDecodeError as error:
            raise UnreadableInput(f"{self.name}:{error.lineno}: is not JSON: {error.msg}") from None


def _no_object(each: str | None, found: Any) -> str:
    if each is None:
        return "is no JSON object"
    if found is None:
        return f"`each: {each}` finds nothing in it: does the mapping name the list of rows?"
    return f"`each: {each}` finds something in it that is no JSON object"


def _text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _is_json(line: bytes) -> bool:
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
