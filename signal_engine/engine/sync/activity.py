"""When sales were last active, as CRMs that are read say: kept beside the ledgers of sinks, for clocks of alerts."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.sync.ledger_rows import MEND_LEDGER

ACTIVITY: Final = "(activity)"
"""Stands where other ledgers have the name of their sink; no sink can be called so."""


class SeenActivity(NamedTuple):
    """What is known of an account. Instants are ms."""

    active_at: int | None
    """When sales were last active; None: nobody knows."""
    read_at: int | None
    """When the last reading began; None: no CRM was ever read for that."""


class SalesActivity:
    """In a ledger of its own (`ACTIVITY`), for all CRMs together."""

    def __init__(self, ledger: SyncLedger) -> None:
        self._ledger = ledger

    async def note(self, active_at: Mapping[str, int], read_at: int) -> None:
        """Keep what a reading that began at `read_at` (ms) said: account -> ms. Raises `StoreTrouble`."""
        rows: dict[str, bytes | None] = {account: b"%d" % at for account, at in active_at.items()}
        await self._ledger.note(rows, b"%d" % read_at)

    async def known(self, accounts: Sequence[str]) -> Mapping[str, int]:
        """When sales were last active (ms) at those of `accounts` of which somebody knows.

        Raises `StoreTrouble`, `UnreadableDocument`.
        """
        rows = await self._ledger.rows(accounts)
        with reading("when sales were last active", MEND_LEDGER):
            return {account: int(row) for account, row in zip(accounts, rows, strict=True) if row is not None}

    async def of(self, account: str) -> SeenActivity:
        """What is known. Raises `StoreTrouble`, `UnreadableDocument`."""
        (row,), state = await self._ledger.rows([account]), await self._ledger.state()
        with reading("when sales were last active", MEND_LEDGER):
            return SeenActivity(None if row is None else int(row), None if state is None else int(state))
