"""Aliases: further domains of the same company, and from when on each of them means its account.

An alias map is flat: an alias names an account, and no account is an alias at the same instant, so nothing is ever
resolved twice. Each change counts from an instant on, so that an event means the same account whoever reads it, however
late, and a replay of the same events with the same map decides as the live engine did.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING


class AliasChange(NamedTuple):
    """What a domain means from an instant on."""

    since: int
    """ms."""
    account: str | None
    """None: itself; it is no alias any more."""


Changes = tuple[AliasChange, ...]
"""Of one domain, by instant, earliest first."""


class Aliases:
    """The alias map, with what it was before."""

    __slots__ = ("_names", "changes")

    def __init__(self, changes: Mapping[str, Changes]) -> None:
        self.changes: Final = changes
        """Domain -> its changes; most domains have none."""
        self._names: dict[str, tuple[str, ...]] | None = None

    @classmethod
    def of(cls, owners: Mapping[str, str], since: int = BEGINNING) -> "Aliases":
        """A map in which each domain of `owners` means its account from `since` (ms) on."""
        return cls({alias: (AliasChange(since, account),) for alias, account in owners.items()})

    def account(self, name: str, at: int) -> str:
        """The account that `name` means at `at` (ms): itself, unless it is an alias then."""
        changes = self.changes.get(name)
        return name if changes is None else _account(changes, at) or name

    def latest(self, name: str) -> str:
        """The account that `name` means by the last change of it: itself, unless it is an alias."""
        changes = self.changes.get(name)
        return name if changes is None else changes[-1].account or name

    def names_of(self, account: str) -> tuple[str, ...]:
        """The aliases of `account` by the last change of each, in alphabetical order."""
        return self.named().get(account, ())

    def named(self) -> Mapping[str, tuple[str, ...]]:
        """Account -> its aliases, of all that have any; made when it is first asked for."""
        if self._names is None:
            names: dict[str, list[str]] = {}
            for alias, account in sorted(self.owners().items()):
                names.setdefault(account, []).append(alias)
            self._names = {account: tuple(some) for account, some in names.items()}
        return self._names

    def decides(self, name: str, at: int) -> bool:
        """Whether what `name` means at `at` (ms) is by a change of the map: it is an alias then, or has been one."""
        changes = self.changes.get(name)
        return changes is not None and changes[0].since <= at

    def resolved(self, event: Event, at: int) -> Event:
        """The event of the account that it means, having arrived at `at` (ms); it keeps the alias that it named."""
        changes = self.changes.get(event.account)
        if changes is None or (account := _account(changes, at)) is None:
            return event
        return event._replace(account=account, alias=event.account)

    def owners(self) -> dict[str, str]:
        """Alias -> account by the last change of each."""
        last = ((name, changes[-1].account) for name, changes in self.changes.items())
        return {name: account for name, account in last if account is not None}

    def changed(self, owners: Mapping[str, str], since: int) -> "Aliases":
        """The map once `owners` are all aliases there are, from `since` (ms) on, no earlier than any change so far."""
        now = self.owners()
        differing = [name for name in {**now, **owners} if now.get(name) != owners.get(name)]
        changes = dict(self.changes)
        for name in differing:
            changes[name] = (*changes.get(name, ()), AliasChange(since, owners.get(name)))
        return Aliases(changes)


def _account(changes: Changes, at: int) -> str | None:
    for since, account in reversed(changes):
        if since <= at:
            return account
    return None


NO_ALIASES: Final = Aliases({})
