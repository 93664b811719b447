"""The accounts file: CSV or JSON Lines to rows of fields (scoring.md, section 6)."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.readings import is_blank
from signal_engine.core.rules.relations import PROSPECT, Relation
from signal_engine.wire.config.account_cells import aliases, cell, flag, parent, relation, text
from signal_engine.wire.config.account_columns import (
    ACCOUNT_ID,
    ALIASES,
    CARRIED,
    DOMAINS,
    NAMES_ACCOUNT,
    PRIMARY,
    SUPPRESSED,
    Fields,
    SameField,
)
from signal_engine.wire.config.delimited import RejectedRow, Table, TableError
from signal_engine.wire.events.account_names import SHARED_HOST, AccountName, NotAnAccount, normalise

_MAX_NAMED_COLUMNS: Final = 12
"""Most columns that a message names."""


class AccountsFileError(SignalEngineError, ValueError):
    """The file cannot be used at all; the message names file and line."""

    exit_code = WRONG_USE


class AccountRow(NamedTuple):
    """A row that names an account."""

    line: int
    account: AccountName
    fields: dict[str, Any]
    """The fields that ICP files use, under their names; several values in one cell are a list."""
    carried: dict[str, str | None]
    """The `CARRIED` columns as written; None if blank."""
    suppressed: bool = False
    """Also true if the cell is neither yes nor no: when in doubt, nobody is called."""
    relation: Relation = PROSPECT
    """Also `do_not_contact` if the cell is none of the relations."""
    parent: AccountName | None = None
    primary: bool = False
    unread: tuple[tuple[str, str], ...] = ()
    """(field, value) of each unreadable cell."""
    columns: dict[str, Any] | None = None
    """Column as written -> its value, without blank ones; None unless asked for."""
    aliases: tuple[AccountName, ...] = ()
    """Further domains of the company, as the row names them: its own account can be among them."""


class SkippedRow(NamedTuple):
    """A skipped row, and why; the reason follows file and line in messages."""

    line: int
    reason: str


class AccountsFile:
    """The columns of a file and, once, its rows."""

    def __init__(self, name: str, fields: Fields, rows: Iterator[AccountRow | SkippedRow]) -> None:
        self.name: Final = name
        self.rows: Final = rows
        """An iterator that may raise `AccountsFileError`."""
        self.fields: Final = fields
        """Its `found` names the columns that exist; for JSON Lines, in the rows read so far."""


def read_csv(name: str, lines: Iterable[str], asked: Collection[str] = (), *, whole: bool = False) -> AccountsFile:
    """Read a CSV file with a header; ICP files use the fields `asked`. `whole` rows have all columns, too.

    Raises `AccountsFileError`.
    """
    fields = Fields(asked)
    try:
        table = Table(name, lines)
        places = fields.places(table.header)
    except TableError as error:
        raise AccountsFileError(str(error)) from None
    except SameField as error:
        raise AccountsFileError(f"{name}:1: {error}") from None
    _require_account(name, fields, table.header)
    columns = {column: place for place, column in enumerate(table.header) if column.strip()}
    return AccountsFile(name, fields, _csv_rows(table, places, asked, columns if whole else None))


def read_json_lines(
    name: str, lines: Iterable[bytes], asked: Collection[str] = (), *, whole: bool = False
) -> AccountsFile:
    """Read a JSON Lines file, one object per line; `whole` as above. Its rows raise `AccountsFileError`."""
    fields = Fields(asked)
    rows = _json_rows(name, lines, fields, asked)
    return AccountsFile(name, fields, (_to_keep(row, values if whole else None) for row, values in rows))


def read_records(
    name: str,
    columns: Collection[str],
    records: Iterable[tuple[int, dict[str, Any]] | SkippedRow],
    asked: Collection[str],
    *,
    whole: bool = False,
) -> AccountsFile:
    """An accounts file that a mapping makes of somebody else's: `records` are rows by the names of their `columns`.

    `whole` as above.
    """
    fields = Fields(asked)
    try:
        fields.places(columns)
    except SameField as error:
        raise AccountsFileError(f"{name}:1: {error}") from None
    rows = (
        record
        if isinstance(record, SkippedRow)
        else _to_keep(_row(record[0], fields.read(record[1]), asked), record[1] if whole else None)
        for record in records
    )
    return AccountsFile(name, fields, rows)


def _to_keep(row: AccountRow | SkippedRow, values: dict[str, Any] | None) -> AccountRow | SkippedRow:
    """The row with its columns, if it is to be whole."""
    if values is None or isinstance(row, SkippedRow):
        return row
    return row._replace(columns={column: value for column, value in values.items() if not is_blank(value)})


def _csv_rows(
    table: Table, places: dict[str, int], asked: Collection[str], columns: dict[str, int] | None
) -> Iterator[AccountRow | SkippedRow]:
    try:
        for row in table.rows():
            if isinstance(row, RejectedRow):
                yield SkippedRow(row.line, row.reason)
                continue
            line, cells = row
            yield _to_keep(
                _row(line, _cells(cells, places), asked), None if columns is None else _cells(cells, columns)
            )
    except TableError as error:
        raise AccountsFileError(str(error)) from None


def _cells(cells: Sequence[str], places: dict[str, int]) -> dict[str, Any]:
    return {name: cells[place] for name, place in places.items() if place < len(cells)}


def _json_rows(
    name: str, lines: Iterable[bytes], fields: Fields, asked: Collection[str]
) -> Iterator[tuple[AccountRow | SkippedRow, dict[str, Any]]]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise AccountsFileError(f"{name}:{number}: is not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise AccountsFileError(f"{name}:{number}: is not an object")
        first = not fields.found
        try:
            json.loads(line, object_pairs_hook=_each_once)
            values = fields.read(row)
        except RecursionError:
            raise AccountsFileError(f"{name}:{number}: is nested too deep") from None
        except SameField as error:
            raise AccountsFileError(f"{name}:{number}: {error}") from None
        if first:
            _require_account(name, fields, row)
        yield _row(number, values, asked), row


def _each_once(pairs: list[tuple[str, Any]]) -> None:
    """Raise `SameField` for a repeated key, of which orjson silently takes the last."""
    twice = next((field for field, many in Counter(field for field, _ in pairs).items() if many > 1), None)
    if twice is not None:
        raise SameField(f"{twice!r} occurs twice")


def _require_account(name: str, fields: Fields, columns: Collection[str]) -> None:
    if not fields.found.keys().isdisjoint(NAMES_ACCOUNT):
        return
    has = ", ".join([*(column for column in columns if column)][:_MAX_NAMED_COLUMNS]) or "none"
    more = ", ..." if len(columns) > _MAX_NAMED_COLUMNS else ""
    raise AccountsFileError(
        f"{name}:1: no column names the account: needs account_id, domain, website or company domain name, "
        f"has {has}{more}"
    )


def _row(line: int, values: dict[str, Any], asked: Collection[str]) -> AccountRow | SkippedRow:
    named = _account(values)
    if isinstance(named, NotAnAccount):
        return SkippedRow(line, named.reason)
    account, crm_id = named
    unread: list[tuple[str, str]] = []
    carried = {column: text(values.get(column)) for column in CARRIED}
    carried["crm_id"] = carried["crm_id"] or crm_id
    further = aliases(values, unread) if values.keys() & ALIASES else ()
    return AccountRow(
        line,
        account,
        {field: cell(values[field]) for field in asked if field in values},
        carried,
        flag(values, SUPPRESSED, unread) is not False,
        relation(values, unread),
        parent(values, account, unread),
        flag(values, PRIMARY, unread) is True,
        tuple(unread),
        aliases=further,
    )


def _account(values: dict[str, Any]) -> tuple[AccountName, str | None] | NotAnAccount:
    """The account, and `account_id` as CRM id if another column has the domain; or why the row names no account."""
    given, crm_id = values.get(ACCOUNT_ID), None
    why = NotAnAccount("names no account: its cell is empty")
    if not is_blank(given):
        named = normalise(str(given))
        if not isinstance(named, NotAnAccount):
            return named, None
        why = NotAnAccount(f"names no account: {ACCOUNT_ID} {named.reason}")
        if named != SHARED_HOST and isinstance(given, str | int) and not isinstance(given, bool):
            crm_id = str(given).strip()
    for column in DOMAINS:
        if not is_blank(value := values.get(column)):
            named = normalise(value) if isinstance(value, str) else NotAnAccount("is not text")
            if not isinstance(named, NotAnAccount):
                return named, crm_id
            why = NotAnAccount(f"names no account: {column} {named.reason}")
    return why
