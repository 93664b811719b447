"""A receiver of webhooks that follows a list or a selection: it is told who entered, who left and who moved.

A change is noted after the receiver took it. A run that dies in between sends it again, under the same id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

import orjson

from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.sync.changes import Change, PlaceChange, place_changes
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncMarket
from signal_engine.engine.sync.sink import Reached, SinkTrouble, SyncRun, unwatched
from signal_engine.wire.output.models import Entry
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.sync.change_messages import change_body, change_id
from signal_engine.wire.sync.ledger_rows import MEND_LEDGER

_MOST_REFUSED: Final = 10
"""Changes that a receiver may refuse in one run before the run ends: then it is not about one change."""


class ChangeReceiver(Protocol):
    """Who is told of changes."""

    async def send(self, delivery_id: str, body: bytes) -> Attempt:
        """One attempt."""


class _PlaceTold(NamedTuple):
    """What the receiver was last told of an account."""

    here: bool
    rank: int | None
    times: int
    """How many changes it was told."""

    def encode(self) -> bytes:
        return orjson.dumps(tuple(self))

    @classmethod
    def decode(cls, value: bytes) -> "_PlaceTold":
        with reading("the place that a receiver was told", MEND_LEDGER):
            here, rank, times = orjson.loads(value)
            return cls(here, rank, times)


@dataclass(slots=True)
class PlaceSink:
    """`Sink` of a receiver of webhooks."""

    name: str
    ledger: SyncLedger
    receiver: ChangeReceiver
    of: str
    changes: frozenset[Change]
    reached: Reached = unwatched
    """Told of each step: where a test ends the process."""
    kind: str = field(default="webhook", init=False)
    asks_first: bool = field(default=False, init=False)
    compares_accounts: bool = field(default=False, init=False)

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """See `Sink`. The first run tells the whole list as entered. Raises `UnknownPlace`, too."""
        entries = {one["account_id"]: one for one in await market.listed(self.of) or ()}
        told = await self._told()
        before = {account: one.rank for account, one in told.items() if one.here}
        now = await market.places(self.of)
        if "moved" not in self.changes:
            now = {account: before.get(account, rank) for account, rank in now.items()}
        for change in place_changes(before, now):
            if change.change in self.changes:
                await self._tell(change, told, entries, run)
            elif not run.dry:
                await self._note(change, told)
        run.counts["unchanged"] += sum(account in before and before[account] == rank for account, rank in now.items())

    async def _tell(
        self, change: PlaceChange, told: Mapping[str, _PlaceTold], entries: Mapping[str, Entry], run: SyncRun
    ) -> None:
        entry = entries.get(change.account)
        run.show(change.account, change.change, {"rank": change.rank, "previous_rank": change.previous_rank})
        if run.dry:
            return
        times = told[change.account].times if change.account in told else 0
        body = orjson.dumps(change_body(self.of, change, entry, run.now))
        self.reached("before_sync_send")
        attempt = await self.receiver.send(change_id(self.name, self.of, change, times), body)
        self.reached("after_sync_send")
        if attempt.end == "failed" and run.counts["failed"] < _MOST_REFUSED:  # it is sent again at the next run
            run.counts["failed"] += 1
            run.notes.append(f"{change.account}: {attempt.said}")
            return
        if attempt.end != "sent":
            for_good = attempt.end == "disabled"  # it is the receiver's: `/readyz`, which tells it, names no account
            raise SinkTrouble(attempt.said, for_good=for_good, retry_after_s=attempt.retry_after_s)
        run.counts["written"] += 1
        await self._note(change, told)
        self.reached("after_sync_note")

    async def _note(self, change: PlaceChange, told: Mapping[str, _PlaceTold]) -> None:
        times = told[change.account].times + 1 if change.account in told else 1
        row = _PlaceTold(change.change != "left", change.rank, times)
        await self.ledger.note({change.account: row.encode()})

    async def _told(self) -> dict[str, _PlaceTold]:
        found: dict[str, _PlaceTold] = {}
        cursor, more = 0, True
        while more:
            cursor, rows = await self.ledger.scan(cursor)
            found |= {account: _PlaceTold.decode(row) for account, row in rows.items()}
            more = bool(cursor)
        return found
