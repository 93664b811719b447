"""A market in memory as sinks see it, and a receiver that answers as it is told."""

import json
from typing import Any

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.engine.sync.market import SyncMarket, market_at
from signal_engine.engine.sync.sink import Sink, SyncRun
from tests.http.market import Market, market


class Beside:
    """A market with a history, and the ledger of one sink."""

    def __init__(self) -> None:
        self.market: Market = market(30)
        self.ledger = MemorySyncLedger(self.market.server, "", "sink")
        self.control_group: frozenset[str] = frozenset()

    async def opened(self) -> SyncMarket:
        """The market as it is now."""
        now = await market_at(self.market.generations, partitioner, self.market.now, self._held_back)
        assert now is not None
        return now

    def _held_back(self, account: str, now: int, pinned: bool) -> bool:
        return now == self.market.now and account in self.control_group and not pinned

    async def run(self, sink: Sink, *, whole: bool = True, dry: bool = False) -> SyncRun:
        """One run."""
        run = SyncRun(self.market.now, whole, dry)
        await sink.sync(await self.opened(), run)
        return run

    async def listed(self, name: str = "all") -> list[str]:
        """The accounts of a list by rank."""
        return [entry["account_id"] for entry in await (await self.opened()).listed(name) or ()]


class Receiver:
    """Remembers what it took."""

    def __init__(self) -> None:
        self.took: list[tuple[str, dict[str, Any]]] = []
        """(id, body) of each delivery."""
        self.answer = Attempt("sent", "taken")

    async def send(self, delivery_id: str, body: bytes) -> Attempt:
        """As `ChangeReceiver` says."""
        if self.answer.end == "sent":
            self.took.append((delivery_id, json.loads(body)))
        return self.answer
