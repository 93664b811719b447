"""The fit table: every account of the accounts file, decided by every active ICP."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from signal_engine.core.fit import Fit, Icp, decide
from signal_engine.core.relations import DO_NOT_CONTACT
from signal_engine.wire.accounts_file import AccountRow, PassedOver


class FitTable(NamedTuple):
    """Who fits, by account."""

    fits: dict[str, Fit]
    missing_columns: dict[str, list[str]]
    """ICP -> fields it requires that no row has: a misspelt column makes everybody unknown."""


def fit_table(
    name: str, rows: Iterable[AccountRow | PassedOver], icps: Sequence[Icp], warn: Callable[[str], None]
) -> FitTable:
    """Decides every row of accounts file `name`. Of rows that name the same account the last counts, with a warning."""
    fits: dict[str, Fit] = {}
    columns: set[str] = set()
    for row in rows:
        if isinstance(row, PassedOver):
            warn(row.message)
            continue
        if row.account in fits:
            warn(f"{name}:{row.line}: names an account of an earlier row again; this row counts")
        for words in row.unread:
            warn(f"{name}:{row.line}: {words}")
        columns.update(row.fields)
        fits[row.account] = fit_of(row, icps)
    _look_at_parents(fits)
    missing = {
        icp.icp: fields for icp in icps if (fields := [p.field for p in icp.must_have if p.field not in columns])
    }
    return FitTable(fits, missing)


def fit_of(row: AccountRow, icps: Sequence[Icp]) -> Fit:
    """One account, decided by every ICP."""
    decisions = tuple(decide(icp, row.fields) for icp in icps)
    return Fit(
        row.account,
        decisions,
        row.carried["name"],
        row.carried["segment"],
        row.carried["owner"],
        row.carried["crm_id"],
        row.suppressed,
        row.carried["sdr"],
        row.relation,
        row.parent,
    )


def _look_at_parents(fits: dict[str, Fit]) -> None:
    """What each parent is to us; its `do_not_contact` holds for its children, and theirs."""
    held = [account for account, fit in fits.items() if fit.relation == DO_NOT_CONTACT]
    children: dict[str, list[str]] = {}
    for account, fit in fits.items():
        if fit.parent is not None:
            children.setdefault(fit.parent, []).append(account)
    while held:
        for child in children.get(held.pop(), ()):
            if fits[child].relation != DO_NOT_CONTACT:
                fits[child] = replace(fits[child], relation=DO_NOT_CONTACT)
                held.append(child)
    for account, fit in fits.items():
        if fit.parent is not None and (parent := fits.get(fit.parent)) is not None:
            fits[account] = replace(fit, parent_relation=parent.relation)
