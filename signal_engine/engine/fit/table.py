"""The fit table: every account of the accounts file, decided by every active ICP."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final, NamedTuple, Self

from signal_engine.core.fit.icp import Fit, Icp, decide
from signal_engine.core.rules.relations import DO_NOT_CONTACT
from signal_engine.engine.fit.alias_owners import AliasOwners
from signal_engine.engine.fit.missing_columns import Columns, missing, numeric, settle_numbers
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFile, SkippedRow
from signal_engine.wire.config.number_columns import PointReading
from signal_engine.wire.events.account_names import SHARED_HOST, is_mail_provider

_MAX_WARNED_ROWS: Final = 1_000
"""Rows that are warned of one by one at most."""
_MAX_NAMED: Final = 10
_SHARED: Final = (
    "rows whose only domain is a shared host: {:,}; if you sell to the company that runs one, remove it from the "
    "list with SIGNAL_ENGINE_SHARED_HOSTS=-HOST"
)


@dataclass(slots=True)
class RowsOfAccount:
    """The rows that name one account."""

    chosen: AccountRow
    lines: list[int]
    suppressed: bool
    must_not_be_contacted: bool
    crm_ids: dict[str, None]

    @classmethod
    def of(cls, row: AccountRow) -> Self:
        """With the first of them."""
        one = cls(row, [row.line], row.suppressed, row.relation == DO_NOT_CONTACT, {})
        one._note_crm_id(row)
        return one

    def add(self, row: AccountRow) -> None:
        """With one more."""
        if row.primary or not self.chosen.primary:
            self.chosen = row
        self.lines.append(row.line)
        self._note_crm_id(row)
        self.suppressed |= row.suppressed
        self.must_not_be_contacted |= row.relation == DO_NOT_CONTACT

    def one(self) -> AccountRow:
        """The row that gives the fields; quiet when any row is."""
        relation = DO_NOT_CONTACT if self.must_not_be_contacted else self.chosen.relation
        return self.chosen._replace(suppressed=self.suppressed, relation=relation)

    @property
    def others(self) -> tuple[str, ...]:
        """CRM ids of the rows that do not give the fields, sorted."""
        return tuple(sorted(self.crm_ids.keys() - {self.chosen.carried["crm_id"]}))

    def _note_crm_id(self, row: AccountRow) -> None:
        if (crm_id := row.carried["crm_id"]) is not None:
            self.crm_ids[crm_id] = None

    @property
    def words(self) -> str:
        """Which lines name the account, and which of them gives its fields."""
        row, one = self.chosen, self.one()
        lines = f"{', '.join(map(str, self.lines[:-1][:_MAX_NAMED]))} and {self.lines[-1]}"
        why = "is the primary one" if row.primary else "comes last"
        words = f"lines {lines} name {row.account}; line {row.line}, which {why}, gives its fields"
        if one.suppressed and not row.suppressed:
            words += "; it is suppressed because another line says so"
        if one.relation != row.relation:
            words += f"; it is {DO_NOT_CONTACT} because another line says so"
        return words


class RowFacts(NamedTuple):
    """What the rows of an account say of the file, not of the account."""

    rows: int
    """How many name it."""
    crm_ids: tuple[str, ...]
    """Of those that do not give its fields, sorted."""
    unread: tuple[str, ...]
    """Columns that have a value in the row that gives its fields, and that no ICP file and no output reads."""
    lines: tuple[int, ...] = ()
    """Of all its rows, where the file is there."""


class AccountTable(NamedTuple):
    """The accounts of a file, decided, and how its rows became accounts: rows = passed over + merged + accounts."""

    fits: dict[str, Fit]
    aliases: dict[str, str]
    """Further domain of a company -> its account."""
    fields: dict[str, dict[str, Any]]
    """Account -> what the ICP files ask of, as predicates read it."""
    rows: int
    passed_over: int
    """Rows that name no account."""
    lines: dict[str, list[int]]
    """Account -> the lines that name it, where there are several."""
    facts: dict[str, RowFacts]
    """Of the accounts that several rows name or that have unread columns; those only of whole rows."""

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
    accounts: dict[str, RowsOfAccount] = {}
    said, aliases = FileWarnings(file), AliasOwners()
    numbers = {name: PointReading() for name in numeric(icps)}
    for read in said.rows():
        aliases.add(read)
        row = said.without_read_columns(read)
        for name, column in numbers.items():
            column.see(row.fields.get(name))
        if (rows := accounts.get(row.account)) is not None:
            rows.add(row)
        else:
            accounts[row.account] = RowsOfAccount.of(row)
    aliases.check(file.name, {name: accounts[name].lines[0] for name in aliases.accounts_among(accounts)})
    settled = [*settle_numbers(numbers, [rows.chosen for rows in accounts.values()])]
    fits = {account: _fit(rows.one(), icps, said.columns) for account, rows in accounts.items()}
    _resolve_parents(fits, aliases)
    several = {account: rows for account, rows in accounts.items() if len(rows.lines) > 1}
    said.say(warn, icps, fits.keys(), [*settled, *own_aliases(aliases)], several.values())
    return AccountTable(
        fits,
        {**aliases.owners},
        {account: rows.chosen.fields for account, rows in accounts.items()},
        said.passed_over + sum(len(rows.lines) for rows in accounts.values()),
        said.passed_over,
        {account: rows.lines for account, rows in several.items()},
        {
            account: RowFacts(len(rows.lines), rows.others, tuple(rows.chosen.columns or ()), tuple(rows.lines))
            for account, rows in accounts.items()
            if rows.chosen.columns or len(rows.lines) > 1
        },
    )


def account_columns(file: AccountsFile, warn: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    """Account -> the columns of its row, of a file of whole rows; as `account_table`. Raises `AccountsFileError`."""
    accounts: dict[str, RowsOfAccount] = {}
    said = FileWarnings(file)
    for row in said.rows():
        if (rows := accounts.get(row.account)) is not None:
            rows.add(row)
        else:
            accounts[row.account] = RowsOfAccount.of(row)
    said.say(warn, (), accounts.keys(), (), [rows for rows in accounts.values() if len(rows.lines) > 1])
    return {account: rows.chosen.columns or {} for account, rows in accounts.items()}


class FileWarnings:
    """What is told of a file once all its rows have been read."""

    def __init__(self, file: AccountsFile) -> None:
        self.columns: Final = Columns()
        self.passed_over = 0
        """Rows that name no account."""
        self.file: Final = file
        self._of_rows: list[str] = []
        self._unread: dict[tuple[str, ...], dict[str, Any]] = {}
        self._shared = 0

    def rows(self) -> Iterator[AccountRow]:
        """The rows that name an account. Raises `AccountsFileError`."""
        for row in self.file.rows:
            if isinstance(row, SkippedRow):
                self._shared += row.reason.endswith(SHARED_HOST.reason)
                self.passed_over += 1
                if self.passed_over <= _MAX_WARNED_ROWS:
                    self._of_rows.append(f"{self.file.name}:{row.line}: {row.reason}; the row is skipped")
                continue
            self.columns.note_row(row)
            yield row

    def without_read_columns(self, row: AccountRow) -> AccountRow:
        """The row with no other columns than those that nobody reads, of which rows share one list."""
        if row.columns is None:
            return row
        unread = self.file.fields.unread_of(row.columns)
        return row._replace(columns=self._unread.setdefault(unread, dict.fromkeys(unread)))

    def say(
        self,
        warn: Callable[[str], None],
        icps: Sequence[Icp],
        accounts: Collection[str],
        numbers: Iterable[str],
        several: Iterable[RowsOfAccount],
    ) -> None:
        """Warns, most serious first; `numbers` are words about columns, `several` the accounts of several rows."""
        name, more = self.file.name, missing(icps, self.file.fields.found)
        for words in chain(more, self.columns.words(len(accounts)), numbers, _mail_providers(accounts)):
            warn(f"{name}: {words}")
        for rows in several:
            warn(f"{name}: {rows.words}")
        if not accounts and not self._of_rows:
            warn(f"{name}: has no rows, so no account can fit")
        if self._shared:
            warn(f"{name}: {_SHARED.format(self._shared)}")
        for message in self._of_rows:
            warn(message)
        if (others := self.passed_over - _MAX_WARNED_ROWS) > 0:
            warn(f"{name}: {others:,} more rows are skipped")


def _fit(row: AccountRow, icps: Sequence[Icp], columns: Columns) -> Fit:
    """One account, decided by every ICP."""
    decisions = tuple(decide(icp, row.fields) for icp in icps)
    columns.note_fit(row.line, row.fields, icps)
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


def own_aliases(aliases: AliasOwners) -> Iterator[str]:
    """Says once how many aliases were passed over for naming their own account."""
    if aliases.own:
        some = "1 alias is" if aliases.own == 1 else f"{aliases.own:,} aliases are"
        yield f"{some} the account's own domain and passed over"


def _resolve_parents(fits: dict[str, Fit], aliases: AliasOwners) -> None:
    """What each parent is to us; its `do_not_contact` holds for its children, and theirs."""
    for account, fit in fits.items():
        if fit.parent is not None and (named := aliases.account(fit.parent)) != fit.parent:
            fits[account] = replace(fit, parent=named if named != account else None)
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


def _mail_providers(accounts: Iterable[str]) -> Iterator[str]:
    """Warns once of mail providers in the accounts file: every event from their addresses counts for those accounts."""
    named = sorted(filter(is_mail_provider, accounts))
    if named:
        more = f" and {len(named) - _MAX_NAMED:,} more" if len(named) > _MAX_NAMED else ""
        names = f"{', '.join(named[:_MAX_NAMED])}{more}"
        yield f"names mail providers; events from their addresses count for these accounts: {names}"
