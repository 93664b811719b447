"""The leader's publication of the lists, poll by poll."""

import asyncio
from typing import Protocol

from signal_engine.engine.actions.seen_actions import HIDING_POLL_S, hidden_last
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.ports.transaction import PUBLISHER
from signal_engine.engine.worker.rebuild import Rebuild


class Publishes(Protocol):
    """Publishes the lists."""

    async def poll(self, now: int) -> object:
        """Publishes what has to be, at `now` (ms). Safe to repeat."""


class Publication:
    """Polls the publisher every so many seconds, and at once when something is to be hidden."""

    def __init__(self, context: EngineContext, publisher: Publishes, interval_s: float, rebuilding: Rebuild) -> None:
        self._context = context
        self._publisher = publisher
        self._every_s = interval_s
        self._rebuilding = rebuilding

    async def run(self, lists_wait: asyncio.Event) -> None:
        """Runs until cancelled; `lists_wait` is set when records may wait in the outbox of lists."""
        context = self._context
        await self._rebuilding.remove_hidden_until_served()
        while True:
            await context.check_generation()
            if damages := await context.store.damages(PUBLISHER):
                raise Damaged(PUBLISHER, damages)
            hidden = await self._hidden_last()
            await context.retry.call(self._poll)
            lists_wait.set()
            await self._until_next(hidden)

    async def _poll(self) -> object:
        return await self._publisher.poll(self._context.clock())

    async def _hidden_last(self) -> bytes | None:
        return await hidden_last(self._context.store) if self._context.takes_actions else None

    async def _until_next(self, hidden: bytes | None) -> None:
        """Until it is time, or something is to be hidden that was not known when the last poll began."""
        loop = asyncio.get_running_loop()
        at = loop.time() + self._every_s
        while (left := at - loop.time()) > 0 and await self._hidden_last() == hidden:  # noqa: ASYNC110 (in another process)
            await asyncio.sleep(min(left, HIDING_POLL_S) if self._context.takes_actions else left)
