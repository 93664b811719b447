"""The fit table: every account of the accounts file, decided by every active ICP."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, NamedTuple

from signal_engine.core.fit.icp import Fit, Icp, decide
from signal_engine.core.rules.relations import DO_NOT_CONTACT
from signal_engine.engine.fit.missing_columns import Columns, missing, settle_numbers
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFile, SkippedRow
from signal_engine.wire.events.account_names import SHARED_HOST, is_mail_provider

_MAX_WARNED_ROWS: Final = 1_000
"""Rows that are warned of one by one at most."""
_MAX_NAMED: Final = 10
_SHARED: Final = (
    "rows whose only domain is a shared host: {:,}; if you sell to the company that runs one, remove it from the "
    "list with SIGNAL_ENGINE_SHARED_HOSTS=-HOST"
)


@dataclass(slots=True)
class _RowsOfAccount:
    """The rows that name one account."""

    chosen: AccountRow
    lines: list[int]
    suppressed: bool
    must_not_be_contacted: bool

    def add(self, row: AccountRow) -> None:
        if row.primary or not self.chosen.primary:
            self.chosen = row
        self.lines.append(row.line)
        self.suppressed |= row.suppressed
        self.must_not_be_contacted |= row.relation == DO_NOT_CONTACT

    def one(self) -> AccountRow:
        """The row that gives the fields; quiet when any row is."""
        relation = DO_NOT_CONTACT if self.must_not_be_contacted else self.chosen.relation
        return self.chosen._replace(suppressed=self.suppressed, relation=relation)

    @property
    def words(self) -> str:
        row, one = self.chosen, self.one()
        lines = f"{', '.join(map(str, self.lines[:-1][:_MAX_NAMED]))} and {self.lines[-1]}"
        why = "is the primary one" if row.primary else "comes last"
        words = f"lines {lines} name {row.account}; line {row.line}, which {why}, gives its fields"
        if one.suppressed and not row.suppressed:
            words += "; it is suppressed because another line says so"
        if one.relation != row.relation:
            words += f"; it is {DO_NOT_CONTACT} because another line says so"
        return words


class AccountTable(NamedTuple):
    """The accounts of a file, decided, and how its rows became accounts: rows = passed over + merged + accounts."""

    fits: dict[str, Fit]
    fields: dict[str, dict[str, Any]]
    """Account -> what the ICP files ask of, as predicates read it."""
    rows: int
    passed_over: int
    """Rows that name no account."""
    lines: dict[str, list[int]]
    """Account -> the lines that name it, where there are several."""
    unread_columns: list[str]
    """Columns that nobody reads: no ICP file asks of them, and they are none of ours."""

    @property
    def merged(self) -> int:
        """Rows whose account another row gives the fields of."""
        return sum(len(lines) - 1 for lines in self.lines.values())


def fit_table(file: AccountsFile, icps: Sequence[Icp], warn: Callable[[str], None]) -> dict[str, Fit]:
    """Every account of a file with what every ICP decides of it; as `account_table`."""
    return account_table(file, icps, warn).fits


def account_table(file: AccountsFile, icps: Sequence[Icp], warn: Callable[[str], None]) -> AccountTable:
    """Every account of a file with what every ICP decides of it; `warn` gets every problem, most serious first.

    Of rows that name the same account the primary one gives the fields, else the last; it is suppressed, or not to be
    contacted, when any of them is. Raises `AccountsFileError`.
    """
    accounts: dict[str, _RowsOfAccount] = {}
    columns = Columns()
    of_rows: list[str] = []
    passed_over = shared = 0
    for row in file.rows:
        if isinstance(row, SkippedRow):
            shared += row.reason.endswith(SHARED_HOST.reason)
            passed_over += 1
            if passed_over <= _MAX_WARNED_ROWS:
                of_rows.append(f"{file.name}:{row.line}: {row.reason}; the row is skipped")
            continue
        columns.note_row(row)
        if (rows := accounts.get(row.account)) is not None:
            rows.add(row)
        else:
            accounts[row.account] = _RowsOfAccount(row, [row.line], row.suppressed, row.relation == DO_NOT_CONTACT)
    numbers = [*settle_numbers([rows.chosen for rows in accounts.values()], icps)]
    fits = {account: _fit(rows.one(), icps, columns) for account, rows in accounts.items()}
    _look_at_parents(fits)
    said = chain(missing(icps, file.fields.found), columns.words(len(fits)), numbers, _mail_providers(fits))
    for words in said:
        warn(f"{file.name}: {words}")
    several = {account: rows for account, rows in accounts.items() if len(rows.lines) > 1}
    for rows in several.values():
        warn(f"{file.name}: {rows.words}")
    if not fits and not of_rows:
        warn(f"{file.name}: has no rows, so no account can fit")
    if shared:
        warn(f"{file.name}: {_SHARED.format(shared)}")
    for message in of_rows:
        warn(message)
    if (others := passed_over - _MAX_WARNED_ROWS) > 0:
        warn(f"{file.name}: {others:,} more rows are skipped")
    return AccountTable(
        fits,
        {account: rows.chosen.fields for account, rows in accounts.items()},
        passed_over + sum(len(rows.lines) for rows in accounts.values()),
        passed_over,
        {account: rows.lines for account, rows in several.items()},
        file.fields.unread,
    )


def _fit(row: AccountRow, icps: Sequence[Icp], columns: Columns) -> Fit:
    """One account, decided by every ICP."""
    decisions = tuple(decide(icp, row.fields) for icp in icps)
    columns.note_fit(row, icps, decisions)
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


def _mail_providers(fits: dict[str, Fit]) -> Iterator[str]:
    """Said once: the accounts file makes a company of a mail provider, and everybody who writes from it is of it."""
    named = sorted(filter(is_mail_provider, fits))
    if named:
        more = f" and {len(named) - _MAX_NAMED:,} more" if len(named) > _MAX_NAMED else ""
        names = f"{', '.join(named[:_MAX_NAMED])}{more}"
        yield f"names mail providers; events from their addresses count for these accounts: {names}"
