"""Outboxes on their way to Kafka: what waits is sent once it is on disk, and removed once it is delivered."""

import asyncio
from typing import Final

from signal_engine.engine.means import Means
from signal_engine.engine.producing import ToSend
from signal_engine.engine.step_store import Waiting
from signal_engine.engine.steps import Outbox

_AT_ONCE: Final = 500
_LOOK_AGAIN: Final = 5.0
"""Seconds after which an outbox is looked at in any case."""


class Pump:
    """Empties one outbox of one partition for as long as it runs. Two at once send twice, byte for byte the same."""

    def __init__(self, means: Means, partition: int, outbox: Outbox, wake: asyncio.Event) -> None:
        self._means = means
        self._partition = partition
        self._outbox = outbox
        self._wake = wake

    async def run(self) -> None:
        """Runs until it is cancelled."""
        while True:
            while await self.empty_once():
                pass
            try:
                async with asyncio.timeout(_LOOK_AGAIN):
                    await self._wake.wait()
            except TimeoutError:
                continue
            self._wake.clear()

    async def empty_once(self) -> int:
        """Sends what waits, up to a limit; returns how many records were there. Waits for the disk."""
        means = self._means
        waiting = await means.patience.through(lambda: means.store.waiting(self._partition, self._outbox, _AT_ONCE))
        if not waiting:
            return 0
        safe = await means.patience.through(lambda: means.store.wait_for_disk(self._partition, waiting))
        if not safe:  # young, and the server cannot tell: it says so at once, so this must not spin
            await asyncio.sleep(0.1)
            return len(waiting)
        means.reached(f"before_{self._outbox}_produce")
        await means.producer.send([_to_send(one) for one in safe])
        means.reached(f"before_{self._outbox}_trim")
        names = [one.entry for one in safe]
        await means.patience.through(lambda: means.store.remove(self._partition, self._outbox, names))
        means.reached(f"after_{self._outbox}_trim")
        means.journal.info("sent", outbox=self._outbox, partition=self._partition, records=len(safe))
        return len(waiting)


def _to_send(one: Waiting) -> ToSend:
    topic, key, value = one.record
    return ToSend(topic, None, key.encode(), value)
