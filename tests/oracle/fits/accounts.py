"""The accounts file, row by row (scoring.md section 6)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.fits.fit import Fit, decide_fit, primary
from tests.oracle.fits.relations import DO_NOT_CONTACT, UNTOUCHABLE, parent_of, relation_of, with_parents
from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.domains import normalise_account
from tests.oracle.inputs.values import as_boolean, elements_of

_WHY_NOT = {"ignore": "not_fit", "unknown": "fit_unknown", "deprioritize": "deprioritized"}


@dataclass(frozen=True, slots=True)
class Account:
    """One account with what every ICP decides about it; `row` is its row as it was read."""

    account_id: str
    row: Mapping[str, Any]
    fits: Mapping[str, Fit]
    primary: Fit | None
    suppressed: bool
    relation: str

    def carried(self, column: str) -> Any:
        """A column that is carried to the outputs as it stands; None when it is empty."""
        value = self.row.get(column)
        return None if elements_of(value) == [] else value


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom the account's alerts are for. `why_not` says why no rep gets any; then `triage` may get its hand raises."""

    rep: str | None
    why_not: str | None
    triage: bool


def audience_of(account: Account | None, scoring: Scoring) -> Audience:
    """Section 5: chased, of a relation that is alerted, not suppressed; else triage, unless there is a veto.

    Ambiguous: where several reasons hold, the one told is the first in the order in which section 5 lists them.
    """
    if account is None:
        return Audience(None, "not_in_accounts", triage=True)
    triage = not account.suppressed and account.relation not in UNTOUCHABLE
    decision = "unknown" if account.primary is None else account.primary.decision
    if decision != "chase":
        return Audience(None, _WHY_NOT[decision], triage)
    relation = scoring.relations.get(account.relation)
    if relation is None or relation.alert is None:
        return Audience(None, "relation", triage)
    return Audience(None, "suppressed", triage) if account.suppressed else Audience(relation.alert, None, triage)


def read_accounts(rows: Iterable[Mapping[str, Any]], icps: Iterable[Mapping[str, Any]]) -> dict[str, Account]:
    """Accounts by id, from all rows that name each. Rows without one are passed over."""
    files = list(icps)
    rows_of: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        account_id = _account_of(row)
        if account_id is not None:
            rows_of.setdefault(account_id, []).append(row)
    chosen = {account_id: _chosen(same) for account_id, same in rows_of.items()}
    parents = {account_id: parent_of(row.get("parent")) for account_id, row in chosen.items()}
    own = {account_id: _relation(same, chosen[account_id]) for account_id, same in rows_of.items()}
    relations = with_parents(own, parents)
    return {
        account_id: _decide(account_id, chosen[account_id], files, _is_suppressed(same), relations[account_id])
        for account_id, same in rows_of.items()
    }


def _account_of(row: Mapping[str, Any]) -> str | None:
    """Ambiguous: where a row has both columns, `account_id` counts unless it is blank or no domain."""
    for column in ("account_id", "domain"):
        named = elements_of(row.get(column))
        account_id = normalise_account(named[0]) if named and isinstance(named[0], str) else None
        if account_id is not None:
            return account_id
    return None


def _chosen(rows: list[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The row that gives the fields: the one with `primary: true`, of several or none the last."""
    first = [row for row in rows if as_boolean(row.get("primary")) is True]
    return (first or rows)[-1]


def _relation(rows: list[Mapping[str, Any]], chosen: Mapping[str, Any]) -> str:
    """That of the chosen row, unless any row says `do_not_contact`."""
    excluded = any(relation_of(row.get("relation")) == DO_NOT_CONTACT for row in rows)
    return DO_NOT_CONTACT if excluded else relation_of(chosen.get("relation"))


def _is_suppressed(rows: list[Mapping[str, Any]]) -> bool:
    return any(as_boolean(row.get("suppressed")) is True for row in rows)


def _decide(
    account_id: str, row: Mapping[str, Any], icps: list[Mapping[str, Any]], suppressed: bool, relation: str
) -> Account:
    fields = {column: _cell(value) for column, value in row.items()}
    fits = [decide_fit(fields, icp) for icp in icps]
    return Account(account_id, row, {fit.icp: fit for fit in fits}, primary(fits), suppressed, relation)


def _cell(value: Any) -> Any:
    """Several values in one cell are separated by `;`. Ambiguous: a text in a JSON Lines row is taken as a cell too."""
    return value.split(";") if isinstance(value, str) and ";" in value else value
