"""The fit table in force and the next one, as rows by partition.

A load hands the rows that differ to their partitions and then moves the version; until then nothing has changed. Every
partition's owner takes them over by itself, see `engine.maintenance.fit_rollout`.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.partition.account_cache import CachedAccount, read
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.store import Damaged, Store
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce

Rows = dict[int, dict[str, bytes | None]]
"""Partition -> account -> row; None: the account has none any more."""

_BATCH_ACCOUNTS: Final = 1_000
_QUIET_KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class FitVersions:
    """The fit tables of one generation. Every method may raise `StoreTrouble`."""

    store: Store
    controls: Controls
    changes: FitChanges
    partitions: int
    partition_of: Callable[[str], int]

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

    async def differing(self, table: Mapping[str, Fit]) -> tuple[Rows, dict[str, Fit | None]]:
        """The rows by which `table` differs from the version in force, and what those accounts have now."""
        wanted: dict[int, dict[str, bytes]] = {number: {} for number in range(self.partitions)}
        for account, fit in table.items():
            wanted[self.partition_of(account)][account] = fit_rows.encode(fit)
        in_force = await self.in_force()
        rows: Rows = {}
        before: dict[str, Fit | None] = {}
        for number, new in wanted.items():
            mine = rows.setdefault(number, {})
            async for account, row in self.rows(number, in_force):
                after = new.pop(account, None)
                if account not in mine and after != row:
                    mine[account] = after
                    before[account] = None if row is None else fit_rows.decode(row)
            mine |= new
            before |= dict.fromkeys(new)
        return rows, before

    async def bring_into_force(
        self, version: int, rows: Rows, accounts: int, icps: tuple[IcpInForce, ...], now: int, *, quiet: bool
    ) -> bool:
        """Hands `rows` over and moves to `version`, one more than is in force; False when another load was first."""
        stored = await self.controls.read(FIT)
        before = None if stored is None else FitInForce.decode(stored)
        if (before.version if before else 0) + 1 != version:
            return False
        for number in range(self.partitions):
            await self.changes.drop(number, version)  # of a load that did not end
            if mine := rows.get(number):
                await self.changes.write(number, version, mine)
        quiets = (*(before.quiet if before else ()), *([version] if quiet else ()))
        after = FitInForce(version, now, accounts, icps, quiets[-_QUIET_KEPT:])
        return await self.controls.replace(FIT, stored, after.encode())

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
