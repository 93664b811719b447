"""Whose turn it is at a sink: of all processes and commands one at a time, so that nothing is written twice.

A turn is extended for as long as its holder lives. That of one that died ends by itself.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.sync.ledger import SyncLedger

_TURN_MS: Final = 6_000
"""For so long nobody else has a turn after its holder died."""
_EXTENDED_S: Final = 2.0
_LOOK_S: Final = 0.2
PATIENCE_S: Final = 10.0
"""Seconds that a process waits for its turn: longer than the turn of one that died."""
PATIENCE_BY_HAND_S: Final = 600.0


class SinkInUse(SignalEngineError):
    """Somebody else uses the sink."""


def _silent() -> None:
    """Nobody is told."""


@asynccontextmanager
async def turn_at(
    ledger: SyncLedger, holder: str, patience_s: float = PATIENCE_S, on_wait: Callable[[], object] = _silent
) -> AsyncIterator[None]:
    """A context in which the sink is that of `holder`, a name that no other process has. `on_wait` is called once where
    somebody else has it.

    Raises `SinkInUse` after `patience_s` seconds, and where the turn was lost on the way (the process stood still);
    what it was at is cancelled then. Raises `StoreTrouble`.
    """
    now = asyncio.get_running_loop().time
    until, waiting = now() + patience_s, False
    while not await ledger.take(holder, _TURN_MS):
        if not waiting:
            on_wait()
        waiting = True
        if now() >= until:
            raise SinkInUse("another `signal-engine sync` is at it")
        await asyncio.sleep(_LOOK_S)
    try:
        async with asyncio.timeout(None) as limit:
            extending = asyncio.create_task(_extend(ledger, holder, limit))
            try:
                yield
            finally:
                extending.cancel()
                await asyncio.gather(extending, return_exceptions=True)
    except TimeoutError:
        if not limit.expired():
            raise
        raise SinkInUse("its turn was over before it was at its end: another `signal-engine sync` has it") from None
    finally:
        with suppress(StoreTrouble):  # it ends by itself
            await ledger.leave(holder)


async def _extend(ledger: SyncLedger, holder: str, limit: asyncio.Timeout) -> None:
    """Extend a turn until it is cancelled; where it was lost, end what it was for."""
    held = True
    while held:
        await asyncio.sleep(_EXTENDED_S)
        with suppress(StoreTrouble):  # the calls of whoever has it fail, too
            held = await ledger.take(holder, _TURN_MS)
    limit.reschedule(asyncio.get_running_loop().time())
