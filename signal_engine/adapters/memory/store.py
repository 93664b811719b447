"""The store of transactions in memory. Nothing in it awaits, so every call is atomic."""

from collections.abc import Mapping, Sequence

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.partition_data import PartitionData
from signal_engine.adapters.memory.server import MemoryServer, StoredOutcomes
from signal_engine.engine.ports.history import AccountHistory, Dated, OutcomesPage
from signal_engine.engine.ports.store import Damage, Durability, Fresh, Loaded, Marks, Scanned, StoredRank, Waiting
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, Positions, Transaction
from signal_engine.engine.ports.views import ViewName
from signal_engine.wire.storage.building import Building


class MemoryStore:
    """`Store` of one generation."""

    def __init__(self, server: MemoryServer, prefix: str = "", generation: int = 0) -> None:
        self._server = server
        self._prefix = prefix
        self._generation = generation

    async def apply(self, transaction: Transaction) -> Applied | NotApplied:
        """See `Store`."""
        key = (self._prefix, self._generation, transaction.partition)
        data = self._data(transaction.partition)
        answer = data.apply(transaction, self._server.entry)
        if isinstance(answer, Applied):
            self._server.partitions[key] = data
        return answer

    async def probe(self, partition: int) -> None:
        """Memory has no rights."""

    async def damages(self, partition: int) -> list[Damage]:
        """See `Store`."""
        return self._data(partition).damages()

    async def positions(self, partition: int) -> Positions:
        """See `Store`."""
        data = self._data(partition)
        return Positions(data.counter, dict(data.topics), dict(data.origins), dict(data.last))

    async def load(self, partition: int, accounts: Sequence[str], *, acted: bool = True) -> Loaded:
        """See `Store`."""
        data = self._data(partition)
        return Loaded(*([*map(part.get, accounts)] for part in (data.states, data.fits, data.actions if acted else {})))

    async def accounts(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """As `Store` says; all of them at once."""
        del cursor, limit
        return Scanned(0, dict(self._data(partition).states))

    async def acted(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """As `Store` says; all of them at once."""
        del cursor, limit
        return Scanned(0, dict(self._data(partition).actions))

    async def counts(self, partition: int) -> dict[str, int]:
        """See `Store`."""
        return dict(self._data(partition).counts)

    async def views(self, partition: int, names: Sequence[ViewName]) -> list[bytes | None]:
        """See `Store`."""
        return [*map(self._data(partition).views.get, names)]

    async def history(self, partition: int, account: str, days: Sequence[int]) -> AccountHistory:
        """See `Store`."""
        data, now = self._data(partition), self._server.now()
        scores = {day: data.scores[day][account] for day in days if account in data.scores_kept(day, now)}
        return AccountHistory(list(data.signals.get(account, ())), list(data.alerts.get(account, ())), scores)

    async def scores(self, partition: int, day: int) -> dict[str, float]:
        """See `Store`."""
        return dict(self._data(partition).scores_kept(day, self._server.now()))

    async def feed(self, partition: int, since: int, limit: int) -> list[Dated]:
        """See `Store`."""
        return _newest(self._data(partition).feed, since, limit)

    async def raises(self, partition: int, since: int, limit: int) -> list[Dated]:
        """See `Store`."""
        return _newest(self._data(partition).raises, since, limit)

    async def waiting(self, partition: int, outbox: Outbox, limit: int, after: str | None = None) -> list[Waiting]:
        """See `Store`."""
        records = self._data(partition).outboxes.get(outbox, [])
        behind = records if after is None else [one for one in records if int(one.entry) > int(after)]
        return behind[:limit]

    async def on_disk(self, partition: int, timeout_ms: int = 2000) -> bool | None:
        """As if it were: memory that dies takes its writers with it."""
        del partition, timeout_ms
        return True

    async def remove(self, partition: int, outbox: Outbox, entries: Sequence[str]) -> int:
        """See `Store`."""
        outboxes = self._data(partition).outboxes
        before = outboxes.get(outbox, [])
        gone = set(entries)
        outboxes[outbox] = [record for record in before if record.entry not in gone]
        return len(before) - len(outboxes[outbox])

    async def due(self, partition: int, until: int, limit: int) -> list[tuple[str, int]]:
        """See `Store`."""
        due = self._data(partition).due.items()
        return sorted((d for d in due if d[1] <= until), key=lambda d: (d[1], d[0].encode()))[:limit]

    async def top(self, name: str, partitions: Sequence[int], limit: int) -> list[StoredRank]:
        """See `Store`."""
        bounds = [
            StoredRank(partition, account, priority)
            for partition in partitions
            for account, priority in self._data(partition).ranks.get(name, {}).items()
        ]
        return sorted(bounds, key=lambda b: (b.priority, b.account.encode()), reverse=True)[:limit]

    async def refresh(self, partition: int, name: str, fresh: Sequence[Fresh]) -> int:
        """See `Store`."""
        data = self._data(partition)
        ranks = data.ranks.get(name, {})
        written = 0
        for account, read, state, priority in fresh:
            if ranks.get(account) == read and data.states.get(account) == state:
                written += 1
                if priority is None:
                    del ranks[account]
                else:
                    ranks[account] = priority
        return written

    async def overlay(self, partition: int) -> dict[str, bytes]:
        """See `Store`."""
        return dict(self._server.overlays.get((self._prefix, self._generation, partition), {}))

    async def put_overlay(self, partition: int, entries: Mapping[str, bytes | None]) -> None:
        """See `Store`."""
        overlay = self._server.overlays.setdefault((self._prefix, self._generation, partition), {})
        for account, entry in entries.items():
            if entry is None:
                overlay.pop(account, None)
            else:
                overlay[account] = entry

    async def outcomes_read(self, partition: int) -> bytes | None:
        """See `OutcomeHistory`."""
        found = self._server.outcomes.get(self._place(partition))
        return None if found is None else found.read

    async def outcomes(self, partition: int, accounts: Sequence[str]) -> list[bytes | None]:
        """See `OutcomeHistory`."""
        found = self._server.outcomes.get(self._place(partition))
        return [None if found is None else found.accounts.get(account) for account in accounts]

    async def with_outcomes(self, partition: int, cursor: int = 0, limit: int = 500) -> OutcomesPage:
        """As `OutcomeHistory` says; all of them at once."""
        del cursor, limit
        found = self._server.outcomes.get(self._place(partition))
        return OutcomesPage(0, {} if found is None else dict(found.accounts))

    async def put_outcomes(
        self, partition: int, read: bytes | None, now_read: bytes, changed: Mapping[str, bytes], *, anew: bool = False
    ) -> bool:
        """See `OutcomeHistory`."""
        if await self.outcomes_read(partition) != read:
            return False
        place = self._place(partition)
        before = {} if anew or read is None else self._server.outcomes[place].accounts
        self._server.outcomes[place] = StoredOutcomes(now_read, {**before, **changed})
        return True

    async def durability(self) -> Durability:
        """See `Store`."""
        return Durability(on_disk=False, can_tell=True)

    def _place(self, partition: int) -> tuple[str, int, int]:
        return self._prefix, self._generation, partition

    def _data(self, partition: int) -> PartitionData:
        """For reading; an empty one when no transaction has been made."""
        return self._server.partitions.get((self._prefix, self._generation, partition)) or PartitionData()


def _newest(dated: Mapping[bytes, int], since: int, limit: int) -> list[Dated]:
    found = (Dated(at, record) for record, at in dated.items() if at >= since)
    return sorted(found, key=lambda one: (one.at, one.record), reverse=True)[:limit]


class MemoryGenerations:
    """`Generations` of one prefix."""

    def __init__(self, server: MemoryServer, prefix: str = "") -> None:
        self._server = server
        self._prefix = prefix

    async def current(self) -> int | None:
        """See `Generations`."""
        return self._server.served.get(self._prefix)

    async def marks(self) -> Marks:
        """See `Generations`."""
        outdated = self._server.outdated.get(self._prefix, set())
        return Marks(await self.current(), self._server.building.get(self._prefix), tuple(sorted(outdated)))

    async def swap(self, old: int | None, new: int) -> bool:
        """See `Generations`."""
        if not self._stands(old):
            return False
        self._server.served[self._prefix] = new
        return True

    async def begin(self, served: int | None, building: Building) -> bool:
        """See `Generations`."""
        if not self._stands(served):
            return False
        self._server.building[self._prefix] = building
        return True

    async def finish(self, building: Building) -> bool:
        """See `Generations`."""
        old = self._server.served.get(self._prefix)
        if not self._end(building, old):
            return False
        self._server.served[self._prefix] = building.generation
        return True

    async def give_up(self, building: Building) -> bool:
        """See `Generations`."""
        return self._end(building, building.generation)

    def _stands(self, served: int | None) -> bool:
        return self._prefix not in self._server.building and self._server.served.get(self._prefix) == served

    def _end(self, building: Building, outdated: int | None) -> bool:
        if self._server.building.get(self._prefix) != building:
            return False
        del self._server.building[self._prefix]
        if outdated is not None:
            self._server.outdated.setdefault(self._prefix, set()).add(outdated)
        return True

    def store(self, generation: int) -> MemoryStore:
        """See `Generations`."""
        return MemoryStore(self._server, self._prefix, generation)

    def controls(self, generation: int) -> MemoryControls:
        """See `Generations`."""
        return MemoryControls(self._server, self._prefix, generation)

    def fit_changes(self, generation: int) -> MemoryFitChanges:
        """See `Generations`."""
        return MemoryFitChanges(self._server, self._prefix, generation)

    async def drop(self, generation: int) -> None:
        """See `Generations`."""
        marks = await self.marks()
        if generation in {marks.served, marks.worked_on}:
            raise ValueError(f"generation {generation} is being served or built")
        server, place = self._server, (self._prefix, generation)
        server.documents = {key: kept for key, kept in server.documents.items() if key[:2] != place}
        server.fit_changes = {key: kept for key, kept in server.fit_changes.items() if key[:2] != place}
        server.partitions = {key: kept for key, kept in server.partitions.items() if key[:2] != place}
        server.overlays = {key: kept for key, kept in server.overlays.items() if key[:2] != place}
        server.outcomes = {key: kept for key, kept in server.outcomes.items() if key[:2] != place}
        server.outdated.get(self._prefix, set()).discard(generation)
