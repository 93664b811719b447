"""Alerts, actions about their accounts, and accounts, that a command is given as files."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.adapters.files.text_files import Source, UnreadableInput
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.territories import Territory
from signal_engine.engine.fit.table import RowsOfAccount
from signal_engine.entrypoints.wiring.inputs import accounts_at
from signal_engine.wire.config.accounts_file import AccountsFileError, SkippedRow
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.alert_reading import LARGEST_ALERT, UnreadableAlert, read_alert
from signal_engine.wire.output.models import Alert


def alert_in(path: str) -> Alert:
    """The alert in the file at `path`, `-` for standard input. Raises `ConfigurationError`, `UnreadableInput`."""
    source = Source(path)
    try:
        text = bytearray()
        for line in source.lines():
            text += line + b"\n"
            if len(text) > LARGEST_ALERT:
                break
    finally:
        source.close()
    alert = read_alert(bytes(text))
    if isinstance(alert, UnreadableAlert):
        raise ConfigurationError(f"{source.name}: {problem}" for problem in alert.problems)
    return alert


def actions_of_file(path: str, account: str) -> list[LoggedAction]:
    """The actions of `account` in the file at `path`, in its order. Raises `ConfigurationError` with each bad line."""
    try:
        read = read_actions(path, [account])
    except UnreadableInput as error:
        raise ConfigurationError([str(error)]) from None
    if read.refused:
        raise ConfigurationError(
            f"{path}:{one.line}: {one.refusal.reason}: {one.refusal.detail}" for one in read.refused
        )
    return [LoggedAction(one.now, one.action) for one in read.actions if one.action.account == account]


class AccountOfFile(NamedTuple):
    """A row of the accounts file, as territories need it."""

    fields: Mapping[str, Any]
    sdr: str | None


def accounts_of_file(path: str, mapping: str | None, territories: Sequence[Territory]) -> dict[str, AccountOfFile]:
    """The accounts of the file at `path`, each with what `territories` ask of it. Raises `ConfigurationError`.

    Of several rows of an account, the one that gives its fields counts. By `mapping` another tool's export is read.
    """
    asked = {predicate.field for one in territories for predicate in one.when}
    rows: dict[str, RowsOfAccount] = {}
    try:
        for row in accounts_at(path, sorted(asked), mapping).rows:
            if isinstance(row, SkippedRow):
                continue
            if (known := rows.get(row.account)) is not None:
                known.add(row)
            else:
                rows[row.account] = RowsOfAccount.of(row)
    except (AccountsFileError, UnreadableInput) as error:
        raise ConfigurationError([str(error)]) from None
    return {name: AccountOfFile(one.chosen.fields, one.chosen.carried["sdr"]) for name, one in rows.items()}
