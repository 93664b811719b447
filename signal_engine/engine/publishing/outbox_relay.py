"""Relays outboxes to Kafka: a record is sent once it is on disk, and removed once it is delivered."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from itertools import dropwhile, takewhile
from typing import Any, Final

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.log_events.partitions import OutboxPublished
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.store import DISK_TIMEOUT_S, Waiting
from signal_engine.engine.ports.transaction import Outbox

_BATCH_RECORDS: Final = 500
_LOOKAHEAD_RECORDS: Final = 5_000
"""Records whose age is known at once if it counts; with fewer, only that many could be sent every two seconds."""
_LOOK_INTERVAL_S: Final = 0.1
"""Seconds between two looks for new records, if their age counts: they are sent so much later at most."""
_RECHECK_S: Final = 5.0
"""Seconds after which an outbox is checked in any case."""
_STALLED_S: Final = 5.0
"""Seconds from reading records to sending them after which another owner may have sent them, and newer ones."""
_FINISH_TIMEOUT_S: Final = 3.0
"""Seconds for which a delivery in progress may delay the end; a server that takes longer may be away for long."""


class OutboxRelay:
    """Empties one outbox of one partition until it is cancelled. Two at once would send every record twice, byte for
    byte.

    Whoever was stalled, or cut off from Kafka, must not send an older entry of a list behind a newer one of another
    owner: it looks again whether its records still wait, before it begins late and before each further try.
    """

    def __init__(
        self,
        context: EngineContext,
        partition: int,
        outbox: Outbox,
        wake: asyncio.Event,
        withhold: Callable[[Sequence[Waiting]], Awaitable[Sequence[Waiting]]] | None = None,
    ) -> None:
        """`withhold` gives those that may still be sent; it has removed the others."""
        self._withhold = withhold
        self._context = context
        self._partition = partition
        self._outbox = outbox
        self._wake = wake
        self._seen: dict[str, float] = {}
        """Entry, oldest first -> when it was first seen, by our own monotonic clock: a server's clock can be set back.
        Empty unless the store cannot tell what is on disk.
        """

    async def run(self) -> None:
        """Run until cancelled; then end when the delivery in progress is done, or takes too long."""
        while True:
            while await self.empty_once():
                pass
            try:
                async with asyncio.timeout(_RECHECK_S):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    async def empty_once(self) -> int:
        """Send the waiting records, up to a limit, once they are on disk; return how many were waiting."""
        if self._seen and not self._is_old_enough(next(iter(self._seen))):
            await self._look_for_more()
            return len(self._seen)
        began = _now()
        waiting = await self._context.store.waiting(self._partition, self._outbox, _BATCH_RECORDS)
        if not waiting:
            self._seen.clear()
            return 0
        on_disk = await self._on_disk(waiting)
        if not on_disk:  # young, and the server cannot tell: it says so at once, so this must not spin
            await self._look_for_more()
            return len(waiting)
        safe = on_disk if self._withhold is None else await self._withhold(on_disk)
        if safe and (_now() - began < _STALLED_S or await self._still_wait(safe)):
            await _finished(self._deliver(safe))
        for one in on_disk:
            self._seen.pop(one.entry, None)
        return len(waiting)

    async def _on_disk(self, waiting: Sequence[Waiting]) -> Sequence[Waiting]:
        """The leading records that would survive a crash of the store."""
        durable = await self._context.store.on_disk(self._partition)
        if durable is not None:
            self._seen.clear()
            return waiting if durable else []
        now, known = _now(), self._seen
        later = dropwhile(lambda entry: entry != waiting[-1].entry, known)
        self._seen = {one.entry: known.get(one.entry, now) for one in waiting} | {
            entry: known[entry] for entry in later
        }
        return [*takewhile(lambda one: self._is_old_enough(one.entry), waiting)]

    def _is_old_enough(self, entry: str) -> bool:
        return self._seen[entry] <= _now() - DISK_TIMEOUT_S

    async def _look_for_more(self) -> None:
        """Wait a little, and see what has come since.

        A record is read once for that. All that waits, read at each look, would be twenty times what is sent.
        """
        await asyncio.sleep(_LOOK_INTERVAL_S)
        if self._seen and (room := _LOOKAHEAD_RECORDS - len(self._seen)) > 0:
            last = next(reversed(self._seen))
            more = await self._context.store.waiting(self._partition, self._outbox, room, last)
            self._seen |= dict.fromkeys((one.entry for one in more), _now())

    async def _still_wait(self, safe: Sequence[Waiting]) -> bool:
        """Whether nobody has removed any of them."""
        there = await self._context.store.waiting(self._partition, self._outbox, len(safe))  # nothing comes before them
        return {one.entry for one in safe} <= {one.entry for one in there}

    async def _deliver(self, safe: Sequence[Waiting]) -> None:
        """Send, then remove. If it ends in between, the next owner sends them again."""
        context = self._context
        context.reached(f"before_{self._outbox}_produce")
        if not await context.producer.send([_to_send(one) for one in safe], partial(self._still_wait, safe)):
            return
        context.reached(f"before_{self._outbox}_trim")
        names = [one.entry for one in safe]
        await context.store.remove(self._partition, self._outbox, names)
        context.reached(f"after_{self._outbox}_trim")
        context.event_log.write(OutboxPublished(outbox=self._outbox, partition=self._partition, records=len(safe)))


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _finished(work: Coroutine[Any, Any, None]) -> None:
    """Complete `work` even if we are cancelled meanwhile, but then only within `_FINISH_TIMEOUT_S`."""
    doing = asyncio.create_task(work)
    try:
        await asyncio.wait((doing,))
    except asyncio.CancelledError:
        await _ended(doing, _FINISH_TIMEOUT_S)
        raise
    await doing


async def _ended(doing: asyncio.Task[None], within: float) -> None:
    """Wait despite cancellations. After `within` seconds, cancel `doing`, and again at each later cancellation."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not doing.done() and (left := deadline - loop.time()) > 0:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait((doing,), timeout=left)
    if not doing.done():
        doing.cancel()
    await doing


def _to_send(one: Waiting) -> ToSend:
    topic, key, value = one.record
    return ToSend(topic, None, key.encode(), value)
