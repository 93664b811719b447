"""What a publication of ICPs changes for the accounts as loaded, read back from where loads wrote them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from xxhash import xxh3_64_intdigest

from signal_engine.core.fit.icp import Icp
from signal_engine.engine.fit.deriving import Decider
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.reports.icp_diff import IcpDifferences
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row
from signal_engine.wire.output.reports.icp_documents import IcpDiff
from signal_engine.wire.rules.fit_load import AccountsLoad

_MAX_CHANGES: Final = 10_000
"""Changed accounts that a document tells of one by one."""


async def publication_diff(
    loads: LoadedAccounts, load: AccountsLoad, before: Mapping[str, Icp], after: Mapping[str, Icp]
) -> dict[str, IcpDiff]:
    """ICP -> what becomes of its accounts, of those that differ between the ICPs in force `before` and `after`.

    Memory holds an index of one partition, some 200 bytes per account, and at most `_MAX_CHANGES` changes of each ICP.
    """
    changed = sorted(icp for icp in {*before, *after} if before.get(icp) != after.get(icp))
    found = {icp: IcpDifferences(before.get(icp), after.get(icp), _MAX_CHANGES) for icp in changed}
    was, will = Decider([*before.values()]), Decider([*after.values()])
    async for row in _accounts(loads, load.ends):
        had, has = was.fields(row), will.fields(row)
        for one in found.values():
            one.add(row.account, row.carried["name"], had, has)
    return {icp: one.document() for icp, one in found.items()}


async def _accounts(loads: LoadedAccounts, ends: Sequence[int]) -> AsyncIterator[LoadedAccount]:
    """The accounts of a load, each by its last row, in two readings: the first finds which row that is."""
    for number, end in enumerate(ends):
        last: dict[str, int] = {}
        async for records in loads.read(number, end):
            for account, value in records:
                if value is None:
                    last.pop(account, None)
                else:
                    last[account] = xxh3_64_intdigest(value)
        async for records in loads.read(number, end):
            for account, value in records:
                if value is None or last.get(account) != xxh3_64_intdigest(value):
                    continue
                del last[account]
                if isinstance(row := read_row(value), LoadedAccount):
                    yield row
