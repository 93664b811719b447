"""The owner's tail of account actions: whatever it sees hides at once, whoever builds what meanwhile.

It reads outside time alignment, from where actions have been applied, and writes the overlay of the generation that is
served, and of the one that is built beside it: once that is served, it hides everybody whom the other one hid.
Positions, states and counters are left to the actions' own turn.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.engine.actions.overlay import UNSEEN, OverlayEntry, applied_until
from signal_engine.engine.actions.replaced_store import replaced_store
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.retry import retrying
from signal_engine.engine.ingest.triage import arrival
from signal_engine.engine.ports.fetched import FetchedRecord, PartitionTail
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import PUBLISHER
from signal_engine.wire.actions.record import read_action

_CHANGED: Final = "changed"
"""The field of the publisher's overlay that moves when something is to be hidden."""
HIDING_POLL_S: Final = 0.2
"""Interval at which the publisher polls for accounts to hide, in seconds."""
_TIDY_S: Final = 1.0


async def hidden_last(store: Store) -> bytes | None:
    """Moves whenever something is to be hidden at once."""
    return (await store.overlay(PUBLISHER)).get(_CHANGED)


class SeenActions:
    """What the tail of one worker saw of the partitions that are its own."""

    def __init__(self, context: EngineContext, tail: PartitionTail) -> None:
        self._context = context
        self._tail = tail
        self._entries: dict[int, dict[str, OverlayEntry]] = {}
        """Partition -> account -> what has not been applied everywhere yet."""
        self._news: dict[int, set[str]] = {}
        self._came = asyncio.Event()

    async def take(self, number: int) -> None:
        """The partition is ours: what was seen of it by its owner before counts on."""
        stores = await self._stores()
        starts = [await self._start(store, number) for store in stores]
        self._entries[number] = {}
        for store in stores:
            await self._mend(store, number)
        if starts:
            self._tail.follow(number, min(starts))

    def release(self, number: int) -> None:
        """The partition is no longer ours."""
        self._tail.leave(number)
        self._entries.pop(number, None)
        self._news.pop(number, None)

    async def run(self) -> None:
        """Runs until cancelled."""
        reading = asyncio.create_task(self._tail.run(self._take))
        try:
            while True:
                await self._write()
                try:
                    async with asyncio.timeout(_TIDY_S):
                        await self._came.wait()
                except TimeoutError:
                    await self._tidy()
                self._came.clear()
                if reading.done():
                    reading.result()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _start(self, store: Store, number: int) -> int:
        """The first offset that the overlay of a generation may need."""
        applied, own = await applied_until(store, number), self._context.generation
        if store is not self._context.store or own is None or own.building is None:
            return applied
        ends = own.building.ends.get(self._context.topics.actions)  # it is not served before it has applied those
        return applied if ends is None else max(applied, ends[number])

    async def _take(self, number: int, records: Sequence[FetchedRecord]) -> None:
        entries = self._entries.get(number)
        if entries is None:
            return
        for record in records:
            now = arrival(record, None, self._context.clock())
            action = read_action(record.value, now)
            if not isinstance(action, AccountAction):
                continue
            account = self._context.aliases.account(action.account, now)
            if self._context.partition_of(account) == number:
                taken = LoggedAction(now, action._replace(account=account))
                entries[account] = entries.get(account, UNSEEN).then(record.offset, taken)
                self._news.setdefault(number, set()).add(account)
        if self._news:
            self._came.set()

    async def _write(self) -> None:
        """Tell the publisher, after what it then reads."""
        if not self._news:
            return
        news, self._news = self._news, {}
        for store in await self._stores():
            for number, names in news.items():
                entries = self._entries.get(number, {})
                await store.put_overlay(number, {name: entries[name].encode() for name in names if name in entries})
            await self._tell(store)
        self._context.reached("after_overlay")

    async def _tell(self, store: Store) -> None:
        await store.put_overlay(PUBLISHER, {_CHANGED: str(self._context.clock()).encode()})

    async def _tidy(self) -> None:
        """Forget what has been applied wherever it is wanted, and write again what a store has lost."""
        if not any(self._entries.values()):
            return
        stores = await self._stores()
        for number, entries in [*self._entries.items()]:
            if entries and stores:
                applied = [await self._mend(store, number) for store in stores]
                for name in [name for name, entry in entries.items() if entry.offset < min(applied)]:
                    del entries[name]

    async def _mend(self, store: Store, number: int) -> int:
        """Make the overlay of a partition what it has to be: entries that were applied go, also those that an owner
        left who died, and what the store lost with its last second comes back. Return where it has applied to.
        """
        there = await store.overlay(number)
        applied = await applied_until(store, number)
        entries = {name: one.encode() for name, one in self._entries.get(number, {}).items() if one.offset >= applied}
        gone = [name for name, value in there.items() if OverlayEntry.decode(value).offset < applied]
        lost = {name: value for name, value in entries.items() if there.get(name) != value}
        if gone or lost:
            await store.put_overlay(number, {**dict.fromkeys(gone), **lost})
        if lost:
            await self._tell(store)
        return applied

    async def _stores(self) -> list[Store]:
        """The generation that this process works on, then the one that is served if that is another: who is off the
        lists of that one is off those of ours, too. None once ours is no longer worked on.
        """
        own = self._context.generation
        if own is None:
            return [self._context.store]
        generations = retrying(own.generations, self._context.retry)
        marks = await generations.marks()
        if marks.worked_on != own.number:
            return []
        if marks.served is None or marks.served == own.number:
            return [self._context.store]
        return [self._context.store, replaced_store(self._context, own.generations, marks.served)]
