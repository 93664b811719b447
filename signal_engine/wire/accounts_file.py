"""The accounts file: CSV or JSON Lines to rows of fields (scoring.md, section 6)."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.core.readings import as_boolean, is_blank
from signal_engine.core.relations import DO_NOT_CONTACT, PROSPECT, RELATIONS, Relation, read_relation
from signal_engine.wire.account_names import AccountName, NotAnAccount, normalise

ACCOUNT_COLUMNS: Final = ("account_id", "domain")
CARRIED: Final = ("name", "segment", "owner", "sdr", "crm_id")
RELATION: Final = "relation"
PARENT: Final = "parent"
SUPPRESSED: Final = "suppressed"
"""A true in this column keeps the account off every list and out of every alert."""


class AccountsFileError(ValueError):
    """A file that cannot be used at all; the message names file and line."""


class AccountRow(NamedTuple):
    """One row that names an account."""

    line: int
    account: str
    fields: dict[str, Any]
    """What the ICP files ask of: several values in one cell are a list."""
    carried: dict[str, str | None]
    """`CARRIED`, as they were written; None when blank."""
    suppressed: bool
    relation: Relation = PROSPECT
    parent: AccountName | None = None
    unread: tuple[str, ...] = ()
    """What could not be read as it was meant, in words that name the column."""


class PassedOver(NamedTuple):
    """A row that was not used as it stands, and why. The message names file and line."""

    message: str


def read_csv(name: str, lines: Iterable[str]) -> Iterator[AccountRow | PassedOver]:
    """Rows of a CSV file with a header. Raises `AccountsFileError`."""
    reader = csv.DictReader(lines, restkey="", strict=True)
    try:
        header = [column.strip() for column in reader.fieldnames or ()]
        reader.fieldnames = header
        _require_account_column(name, header)
        for row in reader:
            if "" in row:
                row.pop("")
                yield PassedOver(f"{name}:{reader.line_num}: has more cells than the header; the rest is not read")
            cells = {column: _cell(text) for column, text in row.items() if text is not None}
            yield _row(name, reader.line_num, cells, row)
    except csv.Error as error:
        raise AccountsFileError(f"{name}:{reader.reader.line_num}: is not readable as CSV: {error}") from None
    except UnicodeDecodeError:
        raise AccountsFileError(f"{name}:{reader.reader.line_num + 1}: is not UTF-8") from None


def read_json_lines(name: str, lines: Iterable[bytes]) -> Iterator[AccountRow | PassedOver]:
    """Rows of a JSON Lines file, one object a line. Raises `AccountsFileError`."""
    asked = False
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise AccountsFileError(f"{name}:{number}: is not JSON: {error.msg}") from None
        if not isinstance(row, dict):
            raise AccountsFileError(f"{name}:{number}: is not an object")
        if not asked:
            asked = True
            _require_account_column(name, row)
        fields = {field: _cell(value) if isinstance(value, str) else value for field, value in row.items()}
        yield _row(name, number, fields, row)


def _require_account_column(name: str, columns: Iterable[str]) -> None:
    if not set(ACCOUNT_COLUMNS) & set(columns):
        raise AccountsFileError(f"{name}:1: has no column account_id or domain; one of them names the account")


def _row(name: str, line: int, fields: dict[str, Any], written: dict[str, Any]) -> AccountRow | PassedOver:
    text = next((written[c] for c in ACCOUNT_COLUMNS if not is_blank(written.get(c))), None)
    if not isinstance(text, str):
        return PassedOver(f"{name}:{line}: has no account_id and no domain; the row is passed over")
    named = normalise(text)
    if isinstance(named, NotAnAccount):
        return PassedOver(f"{name}:{line}: the account {named.reason}; the row is passed over")
    carried = {column: _text(written.get(column)) for column in CARRIED}
    relation, parent = read_relation(written.get(RELATION)), _parent(written.get(PARENT))
    unread = []
    if relation is None:
        unread.append(f"{RELATION} is none of {', '.join(RELATIONS)}; it counts as {DO_NOT_CONTACT}")
    if isinstance(parent, NotAnAccount):
        unread.append(f"{PARENT} {parent.reason}; it is not read")
    return AccountRow(
        line,
        named,
        fields,
        carried,
        as_boolean(written.get(SUPPRESSED)) is True,
        relation or DO_NOT_CONTACT,
        None if isinstance(parent, NotAnAccount) or parent == named else parent,
        tuple(unread),
    )


def _parent(value: Any) -> AccountName | NotAnAccount | None:
    return None if is_blank(value) else normalise(str(value))


def _cell(text: str) -> Any:
    """A cell as the predicates read it: `a; b` is two values."""
    return [part.strip() for part in text.split(";") if part.strip()] if ";" in text else text


def _text(value: Any) -> str | None:
    return None if is_blank(value) else str(value).strip()
