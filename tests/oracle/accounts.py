"""The accounts file, row by row (scoring.md section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .domains import normalise_account
from .fit import Fit, decide_fit, primary
from .values import as_boolean, elements_of


@dataclass(frozen=True, slots=True)
class Account:
    """One account with what every ICP decides about it; `row` is its row as it was read."""

    account_id: str
    row: Mapping[str, Any]
    fits: Mapping[str, Fit]
    primary: Fit | None
    suppressed: bool

    def may_alert(self) -> bool:
        """Section 5: only accounts whose primary decision is `chase` and which are not suppressed."""
        return self.primary is not None and self.primary.decision == "chase" and not self.suppressed

    def carried(self, column: str) -> Any:
        """A column that is carried to the outputs as it stands; None when it is empty."""
        value = self.row.get(column)
        return None if elements_of(value) == [] else value


def read_accounts(rows: Iterable[Mapping[str, Any]], icps: Iterable[Mapping[str, Any]]) -> dict[str, Account]:
    """Accounts by id. Of rows that name the same account the last counts, whole; rows without one are passed over."""
    files = list(icps)
    accounts: dict[str, Account] = {}
    for row in rows:
        account_id = _account_of(row)
        if account_id is not None:
            accounts[account_id] = _decide(account_id, row, files)
    return accounts


def _account_of(row: Mapping[str, Any]) -> str | None:
    """Ambiguous: where a row has both columns, `account_id` counts unless it is blank."""
    named = elements_of(row.get("account_id")) or elements_of(row.get("domain"))
    return normalise_account(named[0]) if named and isinstance(named[0], str) else None


def _decide(account_id: str, row: Mapping[str, Any], icps: list[Mapping[str, Any]]) -> Account:
    fields = {column: _cell(value) for column, value in row.items()}
    fits = [decide_fit(fields, icp) for icp in icps]
    suppressed = as_boolean(row.get("suppressed")) is True
    return Account(account_id, row, {fit.icp: fit for fit in fits}, primary(fits), suppressed)


def _cell(value: Any) -> Any:
    """Several values in one cell are separated by `;`. Ambiguous: a text in a JSON Lines row is taken as a cell too."""
    return value.split(";") if isinstance(value, str) and ";" in value else value
