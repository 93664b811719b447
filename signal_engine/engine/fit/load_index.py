"""What must be known of all rows of an accounts file before one of them can be written: its first reading.

An account's row carries what other rows say: the relation of its parent, the CRM ids of further rows, how the rest of
a column reads 1.200. The index holds that alone, some 200 bytes per account, and the second reading makes the rows.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from signal_engine.core.rules.relations import DO_NOT_CONTACT, PROSPECT, Relation
from signal_engine.engine.fit.alias_owners import AliasOwners
from signal_engine.engine.fit.missing_columns import settled
from signal_engine.wire.accounts.models import Meaning
from signal_engine.wire.accounts.row_record import LoadedAccount
from signal_engine.wire.config.accounts_file import AccountRow
from signal_engine.wire.config.number_columns import PointReading, is_doubtful


class _Facts(NamedTuple):
    """What the rows of an account say together, as far as others depend on it."""

    primary: bool
    """Whether the row that gives the fields so far is the primary one."""
    relation: Relation
    """Of that row; do_not_contact if any row says so."""
    parent: str | None


_PLAIN: Final = _Facts(primary=False, relation=PROSPECT, parent=None)


class LoadIndex:
    """Filled by all rows, then `close`d, then asked."""

    def __init__(self) -> None:
        self.accounts: set[str] = set()
        """Those that the file names."""
        self._kept: set[str] = set()
        self.several: set[str] = set()
        """Accounts that several rows name."""
        self.aliases: Final = AliasOwners()
        self.rows = 0
        self._facts: dict[str, _Facts] = {}
        """Those of accounts that are not `_PLAIN`."""
        self._numbers: dict[str, PointReading] = {}
        self._meanings: dict[str, Meaning] = {}
        self._held: set[str] = set()
        """Accounts that must not be contacted, by themselves or by a parent."""

    def add(self, row: AccountRow) -> None:
        """Takes a row of the file."""
        self.rows += 1
        self.aliases.add(row)
        new = _Facts(row.primary, row.relation, row.parent)
        if row.account in self.accounts:
            self.several.add(row.account)
            new = _folded(self._facts.get(row.account, _PLAIN), new)
        self.accounts.add(row.account)
        self._keep(row.account, new)
        for column, value in (row.columns or {}).items():
            if type(value) is not str or "." in value or "," in value:
                self._numbers.setdefault(column, PointReading()).see(value)

    def add_kept(self, row: LoadedAccount) -> None:
        """Takes an account that was loaded before and that the file does not name."""
        self._kept.add(row.account)
        self.aliases.add_kept(row.account, row.aliases)
        self._keep(row.account, _Facts(primary=False, relation=row.relation, parent=row.parent))

    def aliases_among_accounts(self) -> list[str]:
        """The aliases that are also accounts, of the file or loaded before: there must be none."""
        return [*self.aliases.accounts_among(self.accounts), *self.aliases.accounts_among(self._kept)]

    def close(self) -> None:
        """Resolves parents, and how numbers are read: a `do_not_contact` holds for children, and theirs."""
        self._meanings = {
            column: one.decided.point.value for column, one in self._numbers.items() if one.decided is not None
        }
        children: dict[str, list[str]] = {}
        for account, facts in self._facts.items():
            if (parent := self.parent(account, facts.parent)) is not None:
                children.setdefault(parent, []).append(account)
        held = [account for account, facts in self._facts.items() if facts.relation == DO_NOT_CONTACT]
        self._held = set(held)
        while held:
            for child in children.get(held.pop(), ()):
                if child not in self._held:
                    self._held.add(child)
                    held.append(child)

    @property
    def numbers(self) -> tuple[tuple[str, Meaning], ...]:
        """(column, what the point in values such as 1.200 separates)."""
        return tuple(sorted(self._meanings.items()))

    def number_words(self, asked: dict[str, str]) -> Iterator[str]:
        """The same in words, of the fields that are asked: field -> column."""
        for field, column in asked.items():
            if (one := self._numbers.get(column)) is not None and (decided := one.decided) is not None:
                yield settled(field, decided)

    def meanings(self, columns: dict[str, object]) -> dict[str, Meaning]:
        """Those of a row's columns whose value needs one."""
        return {
            column: meaning
            for column, meaning in self._meanings.items()
            if column in columns and is_doubtful(columns[column])
        }

    def parent(self, account: str, named: str | None) -> str | None:
        """The account that is named as parent of another one, also if by an alias; None if it is that one itself."""
        parent = None if named is None else self.aliases.account(named)
        return None if parent == account else parent

    def parent_relation(self, parent: str | None) -> Relation | None:
        """What a parent is to us; None without one, or if it is in no accounts file."""
        if parent is None or not (parent in self.accounts or parent in self._kept):
            return None
        return DO_NOT_CONTACT if parent in self._held else self._facts.get(parent, _PLAIN).relation

    def _keep(self, account: str, facts: _Facts) -> None:
        if facts != _PLAIN:
            self._facts[account] = facts
        else:
            self._facts.pop(account, None)


def _folded(before: _Facts, row: _Facts) -> _Facts:
    """As `RowsOfAccount` takes one more row."""
    chosen = row if row.primary or not before.primary else before
    held = DO_NOT_CONTACT in {before.relation, row.relation}
    return chosen._replace(relation=DO_NOT_CONTACT) if held else chosen
