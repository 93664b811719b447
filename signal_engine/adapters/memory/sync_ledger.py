"""What a sink was told, in memory."""

import time
from collections.abc import Mapping, Sequence

from signal_engine.adapters.memory.server import MemoryServer, StoredSync
from signal_engine.engine.sync.ledger import LedgerPage


class MemorySyncLedger:
    """`SyncLedger` of one sink. Nothing in it awaits, so every call is atomic."""

    def __init__(self, server: MemoryServer, prefix: str, sink: str) -> None:
        self._kept = server.syncs.setdefault((prefix, sink), StoredSync({}, {}, {}, {}))

    async def rows(self, accounts: Sequence[str]) -> list[bytes | None]:
        """See `SyncLedger`."""
        return [self._kept.rows.get(account) for account in accounts]

    async def note(self, rows: Mapping[str, bytes | None], state: bytes | None = None) -> None:
        """See `SyncLedger`."""
        if state is not None:
            self._kept.state[""] = state
        for account, row in rows.items():
            if row is None:
                self._kept.rows.pop(account, None)
            else:
                self._kept.rows[account] = row

    async def scan(self, cursor: int = 0, limit: int = 500) -> LedgerPage:
        """See `SyncLedger`."""
        del cursor, limit
        return LedgerPage(0, dict(self._kept.rows))

    async def state(self) -> bytes | None:
        """See `SyncLedger`."""
        return self._kept.state.get("")

    async def put_state(self, value: bytes) -> None:
        """See `SyncLedger`."""
        self._kept.state[""] = value

    async def take(self, holder: str, for_ms: int) -> bool:
        """See `SyncLedger`."""
        turn, now = self._kept.turn, time.monotonic()
        if any(until > now for other, until in turn.items() if other != holder):
            return False
        turn.clear()
        turn[holder] = now + for_ms / 1_000
        return True

    async def leave(self, holder: str) -> None:
        """See `SyncLedger`."""
        self._kept.turn.pop(holder, None)

    async def spend(self, day: int, calls: int) -> int:
        """See `SyncLedger`."""
        self._kept.calls[day] = self._kept.calls.get(day, 0) + calls
        return self._kept.calls[day]
