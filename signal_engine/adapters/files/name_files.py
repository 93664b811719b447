"""The file of suggestions for names, after a person has said which of them are right."""

from collections.abc import Collection, Iterator
from typing import Final

from signal_engine.adapters.files.json_rows import JsonRows
from signal_engine.adapters.files.tabular import open_export
from signal_engine.core.rules.readings import as_boolean
from signal_engine.engine.intake.company_names import name_key
from signal_engine.wire.config.account_columns import column_key
from signal_engine.wire.config.delimited import Row
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.account_names import NotAnAccount, normalise

NAME_COLUMNS: Final = ("name", "rows", "account_id", "account_name", "similarity", "confirm")
_NEEDED: Final = ("name", "account_id", "confirm")


def read_confirmed(path: str, accounts: Collection[str]) -> dict[str, str]:
    """Name -> account, of the rows that a person has confirmed in the file at `path`.

    Raises `ConfigurationError` with all lines that cannot be what somebody meant, and `UnreadableInput`.
    """
    opened = open_export(path)
    if isinstance(opened, JsonRows):
        raise ConfigurationError([f"{path}: is JSON; the file of names is a table, as `match report` writes it"])
    header = [column_key(name) for name in opened.header(0)]
    if missing := [name for name in _NEEDED if column_key(name) not in header]:
        said = f"{path}:1: there is no column {missing[0]}; `match report --suggest` writes the file"
        raise ConfigurationError([said])
    name_at, account_at, confirm_at = (header.index(column_key(name)) for name in _NEEDED)
    confirmed: dict[str, tuple[str, str, int]] = {}
    problems: list[str] = []
    for row in opened.rows(0):
        if not isinstance(row, Row):
            problems.append(f"{path}:{row.line}: {row.reason}")
            continue
        said = row.cells[confirm_at].strip()
        if not said or as_boolean(said) is False:
            continue
        name, account = row.cells[name_at].strip(), _account(row.cells[account_at])
        found = confirmed.get(name_key(name))
        problems += (f"{path}:{row.line}: {problem}" for problem in _problems(said, name, account, accounts))
        if found is not None and found[1] != account:
            problems.append(f"{path}:{row.line}: confirm: line {found[2]} confirms another account for the same name")
        confirmed[name_key(name)] = (name, str(account), row.line)
    if problems:
        raise ConfigurationError(problems)
    return {name: account for name, account, _ in confirmed.values()}


def _account(cell: str) -> str | NotAnAccount:
    return normalise(cell.strip().removeprefix("'"))  # an apostrophe tells spreadsheets that it is text


def _problems(said: str, name: str, account: str | NotAnAccount, accounts: Collection[str]) -> Iterator[str]:
    if as_boolean(said) is None:
        yield "confirm: is neither yes nor no"
    if not name_key(name):
        yield "name: is empty"
    if isinstance(account, NotAnAccount):
        yield f"account_id: {account.reason}"
    elif account not in accounts:
        yield "account_id: is not in the accounts file"
