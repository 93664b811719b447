"""Whose a record of a CRM is, by the ledger: of several accounts that have it in common one writes to it, and no other.

Else the record would have something of each, and would be empty once one of them leaves the accounts file.
"""

from typing import NamedTuple

from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncMarket
from signal_engine.wire.sync.ledger_rows import LedgerRow


class _Holder(NamedTuple):
    """An account that is matched to a record."""

    account: str
    crm_id: str | None
    """By which it was."""


class RecordHolders:
    """Of one run. The ledger is read once, and only when something is asked; it takes under 300 bytes per record."""

    def __init__(self, ledger: SyncLedger, market: SyncMarket) -> None:
        self._ledger, self._market = ledger, market
        self._known: dict[str, tuple[_Holder, ...]] | None = None
        """By record."""

    async def other(self, record_id: str, account: str) -> str | None:
        """Another account of the accounts file whose record it is, if there is one.

        One whose `crm_id` was changed since is still to be looked for itself, and holds nothing. Raises `StoreTrouble`,
        `UnreadableDocument`.
        """
        known = await self._read()
        others = {one.account: one.crm_id for one in known.get(record_id, ()) if one.account != account}
        there = await self._market.some([*others]) if others else ()
        return next((one.fit.account for one in there if one.fit.crm_id == others[one.fit.account]), None)

    async def note(self, account: str, before: LedgerRow | None, after: LedgerRow) -> None:
        """The account's row is another one from now on. Raises as `other` does."""
        known = await self._read()
        if before is not None and before.record_id in known:
            known[before.record_id] = tuple(one for one in known[before.record_id] if one.account != account)
        _hold(known, account, after)

    async def _read(self) -> dict[str, tuple[_Holder, ...]]:
        if self._known is None:
            known: dict[str, tuple[_Holder, ...]] = {}
            cursor, more = 0, True
            while more:
                cursor, rows = await self._ledger.scan(cursor)
                for account, stored in rows.items():
                    _hold(known, account, LedgerRow.decode(stored))
                more = bool(cursor)
            self._known = known
        return self._known


def _hold(known: dict[str, tuple[_Holder, ...]], account: str, row: LedgerRow) -> None:
    if row.record_id is not None:
        crm_id = row.record_id if row.crm_id == row.record_id else row.crm_id  # one text instead of two equal ones
        others = (one for one in known.get(row.record_id, ()) if one.account != account)
        known[row.record_id] = (*others, _Holder(account, crm_id))
