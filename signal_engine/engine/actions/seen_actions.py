"""The owner's tail of account actions: whatever it sees hides at once, whoever builds what meanwhile.

It reads outside time alignment, from where the generation that is served has applied them, and writes the overlay of
that generation. Positions, states and counters are left to the actions' own turn.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.actions.overlay import UNSEEN, OverlayEntry
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.retry import retrying
from signal_engine.engine.ingest.triage import arrival
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import PUBLISHER
from signal_engine.wire.actions.record import read_action

_CHANGED: Final = "changed"
"""The field of the publisher's overlay that moves when something is to be hidden."""
HIDING_POLL_S: Final = 0.2
"""Seconds between two looks of the publisher whether something is to be hidden."""
_TIDY_S: Final = 1.0

TakeSeen = Callable[[int, Sequence[FetchedRecord]], None]
"""Is handed a partition's number and what was appended to it."""


class ActionTail(Protocol):
    """Follows the topic of account actions, partition by partition."""

    def follow(self, partition: int, start: int) -> None:
        """Read a partition from offset `start` on."""

    def leave(self, partition: int) -> None:
        """Read it no longer."""

    async def run(self, take: TakeSeen) -> None:
        """Runs until cancelled; an unreachable Kafka is waited for."""


async def hidden_last(store: Store) -> bytes | None:
    """Moves whenever something is to be hidden at once."""
    return (await store.overlay(PUBLISHER)).get(_CHANGED)


class SeenActions:
    """What the tail of one worker saw of the partitions that are its own."""

    def __init__(self, context: EngineContext, tail: ActionTail) -> None:
        self._context = context
        self._tail = tail
        self._entries: dict[int, dict[str, OverlayEntry]] = {}
        self._news: dict[int, set[str]] = {}
        self._came = asyncio.Event()

    async def take(self, number: int) -> None:
        """The partition is ours: what was seen of it by its owner before counts on."""
        if (store := await self._served()) is None:
            return
        applied = (await store.positions(number)).topics.get(self._context.topics.actions, 0)
        self._entries[number] = {}
        self._tail.follow(number, applied)

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

    def _take(self, number: int, records: Sequence[FetchedRecord]) -> None:
        entries = self._entries.get(number)
        if entries is None:
            return
        for record in records:
            now = arrival(record, None, self._context.clock())
            action = read_action(record.value, now)
            if isinstance(action, AccountAction) and self._context.partition_of(action.account) == number:
                entries[action.account] = entries.get(action.account, UNSEEN).then(record.offset, action, now)
                self._news.setdefault(number, set()).add(action.account)
        if self._news:
            self._came.set()

    async def _write(self) -> None:
        """Tell the publisher, after what it then reads."""
        if not self._news or (store := await self._served()) is None:
            return
        news, self._news = self._news, {}
        for number, names in news.items():
            entries = self._entries.get(number, {})
            await store.put_overlay(number, {name: entries[name].encode() for name in names if name in entries})
        await store.put_overlay(PUBLISHER, {_CHANGED: str(self._context.clock()).encode()})
        self._context.reached("after_overlay")

    async def _tidy(self) -> None:
        """Forget what has been applied in the generation that is served."""
        if not any(self._entries.values()) or (store := await self._served()) is None:
            return
        for number, entries in [*self._entries.items()]:
            if entries:
                applied = (await store.positions(number)).topics.get(self._context.topics.actions, 0)
                gone = [name for name, entry in entries.items() if entry.offset < applied]
                for name in gone:
                    del entries[name]
                await store.put_overlay(number, dict.fromkeys(gone))

    async def _served(self) -> Store | None:
        """The store of the generation that is served; None when there is none."""
        own = self._context.generation
        if own is None:
            return self._context.store
        generations = retrying(own.generations, self._context.retry)
        served = await generations.current()
        return None if served is None else retrying(own.generations.store(served), self._context.retry)
