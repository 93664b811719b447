"""Whose a record of a CRM is, by the ledger: of several accounts that have it in common one writes to it, and no other.

Else the record would have something of each, and would be empty once one of them leaves the accounts file.
"""

from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncMarket
from signal_engine.wire.sync.ledger_rows import LedgerRow


class RecordHolders:
    """Of one run. The ledger is read once, and only when something is asked."""

    def __init__(self, ledger: SyncLedger, market: SyncMarket) -> None:
        self._ledger, self._market = ledger, market
        self._known: dict[str, dict[str, str | None]] | None = None
        """Record -> the accounts that are matched to it -> the `crm_id` by which they were."""

    async def other(self, record_id: str, account: str) -> str | None:
        """Another account of the accounts file whose record it is, if there is one.

        One whose `crm_id` was changed since is still to be looked for itself, and holds nothing. Raises `StoreTrouble`,
        `UnreadableDocument`.
        """
        holders = (await self._read()).get(record_id, {})
        others = [one for one in holders if one != account]
        there = await self._market.some(others) if others else ()
        return next((one.fit.account for one in there if one.fit.crm_id == holders[one.fit.account]), None)

    async def note(self, account: str, before: LedgerRow | None, after: LedgerRow) -> None:
        """The account's row is another one from now on. Raises as `other` does."""
        known = await self._read()
        if before is not None and before.record_id is not None:
            known.get(before.record_id, {}).pop(account, None)
        if after.record_id is not None:
            known.setdefault(after.record_id, {})[account] = after.crm_id

    async def _read(self) -> dict[str, dict[str, str | None]]:
        if self._known is None:
            known: dict[str, dict[str, str | None]] = {}
            cursor, more = 0, True
            while more:
                cursor, rows = await self._ledger.scan(cursor)
                for account, stored in rows.items():
                    row = LedgerRow.decode(stored)
                    if row.record_id is not None:
                        known.setdefault(row.record_id, {})[account] = row.crm_id
                more = bool(cursor)
            self._known = known
        return self._known
