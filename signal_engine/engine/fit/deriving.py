"""What an accounts load makes of the accounts: rows of the fit table, decided by the ICPs of the version in force.

The owner of a partition decides its own accounts, so that neither a command nor Redis has to hold the decisions: an
emptied Redis gets them back from Kafka.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from signal_engine.core.fit.icp import Fit, Icp, decide
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.fit.loaded_rows import records_of
from signal_engine.engine.fit.missing_columns import asked, numeric
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.log_events.partitions import FitDerived, LoadedRowsUnreadable
from signal_engine.wire.accounts.row_record import AskedFields, LoadedAccount, read_row
from signal_engine.wire.config import icp_file
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce

_BATCH_ACCOUNTS: Final = 1_000


class Decider:
    """Decides accounts as loaded by a set of ICPs."""

    def __init__(self, icps: Sequence[Icp]) -> None:
        self.icps: Final = tuple(icps)
        self._asked: Final = AskedFields(asked(icps), numeric(icps))

    def fields(self, row: LoadedAccount) -> dict[str, Any]:
        """What the ICPs ask of an account, as predicates read it."""
        return self._asked.of(row)

    def fit(self, row: LoadedAccount) -> Fit:
        """The account, decided by every ICP."""
        return self.decided(row, self.fields(row))

    def decided(self, row: LoadedAccount, fields: Mapping[str, Any]) -> Fit:
        """The same, of what the ICPs ask of it."""
        return Fit(
            row.account,
            tuple(decide(icp, fields) for icp in self.icps),
            row.carried["name"],
            row.carried["segment"],
            row.carried["owner"],
            row.carried["crm_id"],
            row.suppressed,
            row.carried["sdr"],
            row.relation_in_force,
            row.parent,
            row.parent_relation,
        )


def decider_of(in_force: FitInForce) -> Decider:
    """Of the ICPs that a version has in force."""
    return _decider(tuple((icp.name, icp.text) for icp in in_force.icps))


@lru_cache(4)
def _decider(files: tuple[tuple[str, str], ...]) -> Decider:
    return Decider([icp_file.parse(name, text.encode())[0] for name, text in files])


class Derived(NamedTuple):
    """The rows of one partition by a load."""

    rows: dict[str, bytes]
    """Account -> its row of the fit table."""
    unreadable: int
    """Records that are no accounts as this engine knows them; their accounts have no row."""


async def derived(
    loads: LoadedAccounts, in_force: FitInForce, number: int, partitions: int, partition_of: Callable[[str], int]
) -> Derived:
    """The rows of partition `number` of `partitions` by the load of a version; none if it has no load."""
    rows: dict[str, bytes] = {}
    unreadable, decider = 0, decider_of(in_force)
    async for records in records_of(loads, in_force, number, partitions, partition_of):
        await asyncio.sleep(0)  # others get their turn
        for account, value in records:
            row = None if value is None else read_row(value)
            if isinstance(row, LoadedAccount):
                rows[account] = fit_rows.encode(decider.fit(row))
            else:
                rows.pop(account, None)
                unreadable += row is not None
    return Derived(rows, unreadable)


async def differing(changes: FitChanges, number: int, wanted: Mapping[str, bytes]) -> dict[str, bytes | None]:
    """The rows by which `wanted` differs from those applied in a partition; None for an account that has none now."""
    found: dict[str, bytes | None] = {}
    applied: set[str] = set()
    cursor = 0
    while True:
        cursor, rows = await changes.applied(number, cursor, _BATCH_ACCOUNTS)
        applied.update(rows)
        found |= {account: wanted.get(account) for account, row in rows.items() if wanted.get(account) != row}
        if cursor == 0:
            break
    return found | {account: row for account, row in wanted.items() if account not in applied}


async def derive_fit(context: EngineContext, partition: Partition, in_force: FitInForce) -> bool:
    """Write what the version in force changes in a partition, for `roll_out_fit`; return whether that can go on.

    Safe to repeat, also by two owners at once: a row of a version is the same whoever decides it, so rows are added and
    none is taken away. Rows of a version that a command decided are there already.
    """
    if in_force.load is None:
        return True
    if context.loads is None:
        return False
    number, began = partition.number, context.clock()
    wanted = await derived(context.loads, in_force, number, context.partitions, context.partition_of)
    if wanted.unreadable:
        context.event_log.write(LoadedRowsUnreadable(partition=number, rows=wanted.unreadable))
    context.reached("during_fit_derivation")
    changed = await differing(context.fit_changes, number, wanted.rows)
    await context.fit_changes.write(number, in_force.version, changed)
    context.event_log.write(
        FitDerived(
            partition=number,
            fit_version=in_force.version,
            load=in_force.load.number,
            accounts=len(wanted.rows),
            changed=len(changed),
            ms=context.clock() - began,
        )
    )
    return True
