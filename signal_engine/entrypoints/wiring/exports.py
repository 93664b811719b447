"""Other people's exports, each with its mapping: given by name or file, or recognised by its headers."""

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from signal_engine.adapters.files.json_rows import JsonRows
from signal_engine.adapters.files.tabular import Delimited, Tabular, open_export
from signal_engine.adapters.files.text_files import UnreadableInput, reason
from signal_engine.engine.intake.accounts import AccountMapper
from signal_engine.engine.intake.columns import Binding, header_row, recognised
from signal_engine.engine.intake.deciding import UndecidedColumn
from signal_engine.engine.intake.outcomes import AccountRecord
from signal_engine.engine.intake.values import Values
from signal_engine.wire.config import accounts_file
from signal_engine.wire.config.account_columns import ACCOUNT_ID
from signal_engine.wire.config.accounts_file import AccountsFile, SkippedRow
from signal_engine.wire.config.delimited import SEPARATORS, RejectedRow, Row
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.intake.mapping_file import parse
from signal_engine.wire.intake.presets import preset, preset_names, recipe_names

_SAMPLED_ROWS: Final = 1_000
"""Rows of JSON that are looked at for what a mapping does not read, and for paths that lead nowhere."""


class Export(NamedTuple):
    """An export that has its mapping."""

    name: str
    words: str
    """How it is read."""
    mapping: Mapping
    guessed: bool
    """Whether the mapping was recognised, not given."""
    binding: Binding
    header: list[str] | None
    """None where a mapping reads JSON by paths."""
    dropped: int
    """Rows before the header."""
    rows: Callable[[], Iterator[Row | RejectedRow]]
    """From the start, each time. Raises `UnreadableInput`."""
    separator: str = ","
    """That a table to be mended has: its own where that is one that is recognised."""


def read_mapping(path: str) -> Mapping:
    """The mapping file at `path`. Raises `ConfigurationError`."""
    try:
        return parse(path, Path(path).read_bytes())
    except OSError as error:
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}"]) from None


def named_mapping(name: str) -> Mapping:
    """A preset by its name, or a mapping by the path of its file. Raises `ConfigurationError`."""
    return read_mapping(name) if name.endswith((".yaml", ".yml")) else preset(name)


def open_mapped(name: str, mapping: Mapping | None, on_read: Callable[[int], None] = lambda _: None) -> Export:
    """The export at path `name` with its mapping; where none is given, it is recognised by its headers.

    Raises `ConfigurationError` (no mapping, or several, or columns that are not there) and `UnreadableInput`.
    """
    opened = open_export(name, on_read)
    if isinstance(opened, JsonRows):
        return _json(opened, mapping)
    return _table(opened, mapping)


def survey(export: Export, zone: str | None) -> Values:
    """The columns of dates and numbers, decided over all rows. Raises `ConfigurationError` where they cannot be."""
    values = Values(export.mapping, export.binding, zone)
    if values.dates or values.numbers:
        note = values.survey
        for row in export.rows():
            if type(row) is Row:
                note(row.cells)
    try:
        values.decide()
    except UndecidedColumn as error:
        lines = str(error).splitlines()
        if error.mapping_settles:
            lines.append(_where_to_write(export.mapping))
        raise ConfigurationError([f"{export.name}: {line}" for line in lines]) from None
    return values


def _where_to_write(mapping: Mapping) -> str:
    name, file = mapping.name, mapping.document.name
    if name not in (*preset_names(), *recipe_names()) or file != f"{name}.yaml":
        return f"the mapping is {file}"
    return (
        f"the mapping ships: `signal-engine mapping show {name} > own.yaml` copies it; write it there, and read "
        "the export with own.yaml (`import --map own.yaml`; elsewhere own.yaml in place of the name)"
    )


def looks_like_accounts(path: str) -> str | None:
    """The name of the preset that recognises the export at `path` and makes accounts of it."""
    try:
        mapping = open_mapped(path, None).mapping
    except (ConfigurationError, UnreadableInput):
        return None
    return None if mapping.accounts is None else mapping.name


def mapped_accounts(path: str, mapping: Mapping, asked: Collection[str], *, whole: bool = False) -> AccountsFile:
    """An accounts file of somebody else's making, of which ICP files ask the fields `asked`.

    `whole` rows have all columns, those that the mapping names under its names.

    Raises `ConfigurationError`, `AccountsFileError` and `UnreadableInput`, the last also while its rows are read.
    """
    if mapping.accounts is None:
        raise ConfigurationError([f"{mapping.document.name}:1: produces: makes events, not accounts"])
    export = open_mapped(path, mapping)
    along = [*asked, *(column for column in export.header or () if whole and column.strip())]
    mapper = AccountMapper(mapping, export.binding, survey(export, None), along)

    def records() -> Iterator[tuple[int, dict[str, Any]] | SkippedRow]:
        for row in export.rows():
            if isinstance(row, RejectedRow):
                yield SkippedRow(row.line, row.reason)
                continue
            found = mapper.map(row.cells)
            if isinstance(found, AccountRecord):
                yield row.line, found.fields
            else:
                yield SkippedRow(row.line, found.reason)

    return accounts_file.read_records(path, (ACCOUNT_ID, *mapper.columns), records(), asked, whole=whole)


def _table(opened: Tabular, mapping: Mapping | None) -> Export:
    head = opened.head()
    place = header_row(head, [mapping] if mapping else _presets("columns"))
    header = opened.header(place)
    chosen = mapping or _recognised(opened.name, "columns", header)
    if chosen.reads != "columns":
        raise ConfigurationError([f"{opened.name}: is a table, and mapping {chosen.name} reads JSON"])
    binding = Binding(chosen, header)
    separator = opened.separator if isinstance(opened, Delimited) and opened.separator in SEPARATORS else ","
    return Export(
        opened.name,
        opened.words,
        chosen,
        mapping is None,
        binding,
        header,
        place,
        lambda: opened.rows(place),
        separator,
    )


def _json(opened: JsonRows, mapping: Mapping | None) -> Export:
    if mapping is None:
        keys = opened.keys()
        mapping_, guessed = _recognised(opened.name, None, keys), True
    else:
        mapping_, guessed = mapping, False
    if mapping_.reads == "json":
        each = mapping_.each
        rows = (row.cells for row in islice(opened.objects(each), _SAMPLED_ROWS) if isinstance(row, Row))
        binding = Binding(mapping_, None, [*rows])
        return Export(opened.name, opened.words, mapping_, guessed, binding, None, 0, lambda: opened.objects(each))
    columns = opened.columns()
    binding = Binding(mapping_, columns)
    return Export(opened.name, opened.words, mapping_, guessed, binding, columns, 0, lambda: opened.as_table(columns))


def _presets(reads: str | None) -> list[Mapping]:
    return [found for name in preset_names() if (found := preset(name)).reads == reads or reads is None]


def _recognised(name: str, reads: str | None, header: list[str]) -> Mapping:
    found = recognised(_presets(reads), header)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(mapping.name for mapping in found)
        raise ConfigurationError([f"{name}: may be any of {several}: say --as NAME"])
    some = ", ".join(filter(None, header[:12])) or "none"
    how = f"--as NAME ({', '.join(preset_names())}) or --map FILE"
    raise ConfigurationError([f"{name}: is no export that is known; say {how}; its columns are {some}"])
