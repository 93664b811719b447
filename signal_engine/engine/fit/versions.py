"""The fit table in force and the next one, as rows by partition.

The owner of each partition decides its accounts as loaded (`engine.fit.deriving`) and rolls the rows that differ out by
itself (`engine.maintenance.fit_rollout`); until then nothing has changed. Without the topic `fit.accounts` a load hands
these rows over and then moves the version.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from signal_engine.core.fit.acted import acted_on
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.fit.alias_mover import settle_aliases, stage_aliases
from signal_engine.engine.fit.deriving import derived, differing
from signal_engine.engine.partition.account_cache import CachedAccount, read
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.store import Damaged, Store
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce


class NewTable(Protocol):
    """A fit table that may come into force, one partition at a time: it may be too large to be held whole."""

    @property
    def accounts(self) -> int:
        """How many it has."""

    @property
    def aliases(self) -> Mapping[str, str]:
        """Further domain of a company -> its account."""

    def rows(self, number: int) -> dict[str, bytes]:
        """Account -> row, of a partition."""


class RowDifference(NamedTuple):
    """An account whose row differs; None: it has none."""

    account: str
    before: bytes | None
    after: bytes | None


_BATCH_ACCOUNTS: Final = 1_000
_QUIET_KEPT: Final = 50


def quiet_versions(before: FitInForce | None, version: int, *, quiet: bool) -> tuple[int, ...]:
    """The latest versions whose alerts are not sent, once `version` is in force."""
    return (*(before.quiet if before else ()), *([version] if quiet else ()))[-_QUIET_KEPT:]


@dataclass(frozen=True, slots=True)
class FitVersions:
    """The fit tables of one generation. Every method may raise `StoreTrouble`."""

    store: Store
    controls: Controls
    changes: FitChanges
    partitions: int
    partition_of: Callable[[str], int]
    loads: LoadedAccounts | None = None
    """By which partitions are looked at that have not decided the load in force; without it they are as they were."""

    async def in_force(self) -> FitInForce | None:
        """The version in force; None when there never was one."""
        stored = await self.controls.read(FIT)
        return None if stored is None else FitInForce.decode(stored)

    async def fit(self, account: str) -> Fit | None:
        """One account's fit by the version in force, whether its partition has taken it over or not."""
        number = self.partition_of(account)
        pending = await self._pending(number, await self.in_force())
        if account in pending:
            row = pending[account]
        else:
            (row,) = (await self.store.load(number, [account])).fits
        return None if row is None else fit_rows.decode(row)

    async def is_decided(self, account: str) -> bool:
        """Whether its partition has taken over the version in force."""
        in_force = await self.in_force()
        return in_force is not None and await self._reached(self.partition_of(account)) >= in_force.version

    async def acted(self, account: str, now: int) -> Fit | None:
        """`fit` as people's actions in force at `now` (ms) leave it; None for an account that neither knows of."""
        stored = (await self.store.load(self.partition_of(account), [account])).actions
        return acted_on(account, await self.fit(account), stored_actions.decode(stored[0]).in_force.at(now))

    async def differing(self, number: int, wanted: Mapping[str, bytes]) -> list[RowDifference]:
        """The rows by which `wanted`, of all accounts of a partition, differs from the version in force."""
        in_force = await self.in_force()
        found: dict[str, RowDifference] = {}
        had: set[str] = set()
        async for account, row in self.rows(number, in_force):
            after = wanted.get(account)
            if account not in had and after != row:
                found[account] = RowDifference(account, row, after)
            had.add(account)
        new = (RowDifference(account, None, row) for account, row in wanted.items() if account not in had)
        return sorted([*found.values(), *new])

    async def bring_into_force(
        self, version: int, table: NewTable, icps: tuple[IcpInForce, ...], clock: Callable[[], int], *, quiet: bool
    ) -> bool:
        """Hands the rows that differ over and moves to `version`, one more than is in force; False when another load
        was first. For an engine without the topic `fit.accounts`.
        """
        stored, now = await self.controls.read(FIT), clock()
        before = None if stored is None else FitInForce.decode(stored)
        if (before.version if before else 0) + 1 != version:
            return False
        for number in range(self.partitions):
            await self.changes.drop(number, version)  # of a load that did not end
            if mine := await self.differing(number, table.rows(number)):
                await self.changes.write(number, version, {one.account: one.after for one in mine})
        aliases = await stage_aliases(self.controls, before, table.aliases, now)
        quiet_ones = quiet_versions(before, version, quiet=quiet)
        after = FitInForce(version, now, table.accounts, icps, quiet_ones, aliases=aliases)
        if not await self.controls.replace(FIT, stored, after.encode()):
            return False
        await settle_aliases(self.controls, before, after, clock)
        return True

    async def partitions_at(self, version: int) -> int:
        """How many partitions have taken over `version`."""
        reached = 0
        for number in range(self.partitions):
            reached += (await self.store.positions(number)).topics.get(FIT_VERSION, 0) >= version
        return reached

    async def known(self, accounts: list[str]) -> dict[str, CachedAccount]:
        """Those that have a state, or about which people decided something; with their actions and without a fit."""
        by_partition: dict[int, list[str]] = {}
        for account in accounts:
            by_partition.setdefault(self.partition_of(account), []).append(account)
        found: dict[str, CachedAccount] = {}
        for number, names in by_partition.items():
            for start in range(0, len(names), _BATCH_ACCOUNTS):
                some = names[start : start + _BATCH_ACCOUNTS]
                loaded = await self.store.load(number, some)
                found |= {
                    name: read(stored, None, acts, name)
                    for name, stored, acts in zip(some, loaded.states, loaded.actions, strict=True)
                    if stored is not None or acts is not None
                }
        return found

    async def rows(self, number: int, in_force: FitInForce | None) -> AsyncIterator[tuple[str, bytes | None]]:
        """The rows of a partition by the version in force; an account can come twice."""
        pending = await self._pending(number, in_force)  # before the rows: a worker may take it over meanwhile
        for account, row in pending.items():
            yield account, row
        cursor = 0
        while True:
            cursor, rows = await self.changes.applied(number, cursor, _BATCH_ACCOUNTS)
            for account, row in rows.items():
                if account not in pending:
                    yield account, row
            if cursor == 0:
                return

    async def _pending(self, number: int, in_force: FitInForce | None) -> dict[str, bytes | None]:
        """The rows of the versions that a partition has not taken over."""
        reached = await self._reached(number)
        pending: dict[str, bytes | None] = {}
        if in_force is not None and in_force.load is not None:
            if self.loads is None or reached >= in_force.version:
                return pending
            wanted = await derived(self.loads, in_force, number, self.partitions, self.partition_of)
            return await differing(self.changes, number, wanted.rows)
        for version in range(reached + 1, (in_force.version if in_force else 0) + 1):
            cursor = 0
            while True:
                cursor, rows = await self.changes.read(number, version, cursor, _BATCH_ACCOUNTS)
                pending |= rows
                if cursor == 0:
                    break
        return pending

    async def _reached(self, number: int) -> int:
        """The version that a partition has taken over; 0 where its head cannot tell: all that waits is then taken."""
        try:
            return (await self.store.positions(number)).topics.get(FIT_VERSION, 0)
        except Damaged:
            return 0
