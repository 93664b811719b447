"""Parquet files as tables of text. Needs the extra `parquet` (DuckDB, which holds a few rows at a time)."""

import datetime
import json
from collections.abc import Iterator
from typing import Any, Final

from signal_engine.adapters.files.text_files import PARQUET, UnreadableInput, begins_with
from signal_engine.wire.config.delimited import RejectedRow, Row

_INSTALL: Final = "pip install '.[parquet]' reads Parquet; or save it as CSV UTF-8"
_PATTERNS: Final = frozenset("*?[")
"""Characters of a path by which DuckDB would look for other files."""
_ROWS: Final = 1_000
"""Fetched at once."""
_ALL: Final = "SELECT * FROM read_parquet(?, hive_partitioning = false)"
_COLUMNS: Final = _ALL + " LIMIT 0"
_CONFIG: Final[dict[str, Any]] = {
    "threads": 1,
    "memory_limit": "1GB",  # one group of rows is unpacked at a time, and its size is up to whoever wrote the file
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def is_parquet(name: str) -> bool:
    """Whether the file at path `name` begins as Parquet files do. Raises `UnreadableInput`."""
    return begins_with(name, PARQUET)


class ParquetTable:
    """`adapters.files.tabular.Tabular`: rows are numbered from 1. Instants keep their zone where the file has one.

    A list of plain values is text with commas between, anything else that is nested is JSON.
    """

    def __init__(self, name: str) -> None:
        """Raises `UnreadableInput`."""
        if _PATTERNS & set(name):
            raise UnreadableInput(f"{name}: rename it: * ? and [ in the path of a Parquet file mean other files")
        self.name: Final = name
        self.words: Final = "Parquet"
        self._header = next(iter(self._read(limit=True)))

    def head(self) -> list[list[str]]:
        """The names of the columns alone: there is nothing to look for."""
        return [self._header]

    def header(self, place: int) -> list[str]:
        """The names of the columns."""
        return self._head_of(place)

    def rows(self, place: int) -> Iterator[Row | RejectedRow]:
        """All rows. Raises `UnreadableInput`."""
        self._head_of(place)
        for number, values in enumerate(self._read()):
            if number:
                yield Row(number, [*map(_text, values)])

    def _head_of(self, place: int) -> list[str]:
        assert place == 0, "there is one header"  # noqa: S101
        return self._header

    def _read(self, *, limit: bool = False) -> Iterator[list[Any]]:
        """The names of the columns, then the rows, unless `limit`."""
        try:
            import duckdb  # noqa: PLC0415 (an extra)
        except ImportError:
            raise UnreadableInput(f"{self.name}: is Parquet: {_INSTALL}") from None
        try:
            with duckdb.connect(":memory:", config=_CONFIG) as connection:
                connection.execute("SET enable_progress_bar = false")  # it would go to standard output
                found = connection.execute(_COLUMNS if limit else _ALL, [self.name])
                yield [column[0] for column in found.description or ()]
                while rows := found.fetchmany(_ROWS):
                    yield from map(list, rows)
        except duckdb.Error as error:
            said = str(error).splitlines()[0]
            raise UnreadableInput(f"{self.name}: is no Parquet that can be read: {said}") from None


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime.datetime() if value.tzinfo is not None:
            return value.astimezone(datetime.UTC).isoformat()
        case datetime.datetime():
            return value.isoformat() if value.time() != datetime.time() else value.date().isoformat()
        case bytes():
            return value.decode("utf-8", "replace")
        case list() if not any(isinstance(one, list | dict) for one in value):
            return ",".join(map(_text, value))
        case list() | dict():
            return json.dumps(value, default=_text, ensure_ascii=False)
        case _:
            return str(value)
