"""Which account owns which further domain, over all rows of a load: one owner each, and no account is an alias."""

from collections.abc import Container, Iterator, Mapping
from typing import Final, NamedTuple

from signal_engine.wire.config.accounts_file import AccountRow, AccountsFileError

_MAX_NAMED: Final = 20
"""Conflicts that a message names at most."""


class _NamedBy(NamedTuple):
    """An account that names an alias."""

    account: str
    line: int | None
    """None: it was loaded before, and the file does not name it."""


class AliasOwners:
    """Filled by all rows, then checked, then asked. Some 250 bytes an alias."""

    def __init__(self) -> None:
        self._owners: dict[str, _NamedBy] = {}
        self._of: dict[str, list[str]] = {}
        self._twice: list[tuple[str, _NamedBy, _NamedBy]] = []
        self.own = 0
        """Values passed over that name the account itself."""

    def add(self, row: AccountRow) -> None:
        """Take what a row of the file names."""
        if row.aliases:
            self._add(_NamedBy(row.account, row.line), row.aliases)

    def add_kept(self, account: str, aliases: tuple[str, ...]) -> None:
        """Take those of an account that was loaded before."""
        self._add(_NamedBy(account, None), aliases)

    @property
    def owners(self) -> Mapping[str, str]:
        """Alias -> account."""
        return {alias: owner.account for alias, owner in self._owners.items()}

    def of(self, account: str) -> tuple[str, ...]:
        """The aliases of an account, sorted."""
        return tuple(sorted(self._of.get(account, ())))

    def account(self, name: str) -> str:
        """The account that a name means: itself, unless it is an alias."""
        owner = self._owners.get(name)
        return name if owner is None else owner.account

    def accounts_among(self, accounts: Container[str]) -> dict[str, int | None]:
        """The aliases that are also among `accounts`, to the line that names them so."""
        return {alias: owner.line for alias, owner in self._owners.items() if alias in accounts}

    def check(self, name: str, both: Mapping[str, int | None]) -> None:
        """Raise `AccountsFileError` where an alias has two owners, or is an account itself.

        `name` is the file's; `both` are the aliases that are accounts, to the line of that account, None if it was
        loaded before.
        """
        found = [*self._two_owners(name), *self._accounts(name, both)]
        if found:
            more = [f"{name}: {len(found) - _MAX_NAMED:,} more aliases are in conflict"] * (len(found) > _MAX_NAMED)
            raise AccountsFileError("\n".join([*found[:_MAX_NAMED], *more]))

    def _add(self, owner: _NamedBy, aliases: tuple[str, ...]) -> None:
        for alias in aliases:
            if alias == owner.account:
                self.own += 1
                continue
            first = self._owners.setdefault(alias, owner)
            if first is owner:
                self._of.setdefault(owner.account, []).append(alias)
            elif first.account != owner.account:
                self._twice.append((alias, first, owner))

    def _two_owners(self, name: str) -> Iterator[str]:
        for alias, first, second in self._twice:
            one, other = (first, second) if second.line is not None else (second, first)
            yield (
                f"{_place(name, other.line)}: {alias} is named as an alias of {other.account}, and {_where(one.line)}"
                f" as one of {one.account}: a domain has one owner"
            )

    def _accounts(self, name: str, both: Mapping[str, int | None]) -> Iterator[str]:
        for alias, line in both.items():
            owner = self._owners[alias]
            yield (
                f"{_place(name, owner.line or line)}: {alias} is named as an alias of {owner.account}"
                f"{'' if owner.line else ' ' + _where(None)}, and {_where(line)} as an account: it cannot be both"
            )


def _place(name: str, line: int | None) -> str:
    return name if line is None else f"{name}:{line}"


def _where(line: int | None) -> str:
    return "in what was loaded before" if line is None else f"in line {line}"
