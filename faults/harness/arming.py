"""Lives of a worker, each ending at a named point or at a random instant, and how long until it applies again."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from faults.harness.stage import Stage, holds
from testing.worker import Worker

DIES_WITHIN: Final = 60.0
"""Seconds in which an armed worker must come to its point."""
_PROVOKED_AGAIN_S: Final = 5.0


class Life(NamedTuple):
    """How one life is to end: at a point, when it is reached for the given time."""

    point: str
    times: int

    def __str__(self) -> str:
        return f"{self.point}:{self.times}"


async def ends(stage: Stage, worker: Worker, life: object, within: float = DIES_WITHIN) -> None:
    """Waits until a worker has killed itself. Raises AssertionError when it goes on, or ends otherwise."""

    await stage.until(lambda: _has_ended(worker), within, f"{worker.log.name} never came to {life}")
    code = worker.process.returncode
    assert code == -signal.SIGKILL, f"{worker.log.name} was to die at {life} and ended with {code}\n{stage.log_tails()}"


async def _has_ended(worker: Worker) -> bool:
    return worker.process.poll() is not None


async def _provoke(provoke: Callable[[Life], Awaitable[None]], stage: Stage, worker: Worker, life: Life) -> None:
    """Again and again: of what came before the worker had its partitions back, another may have taken care."""
    deadline = time.monotonic() + DIES_WITHIN
    while time.monotonic() < deadline:
        await provoke(life)
        with suppress(AssertionError):
            await stage.until(lambda: _has_ended(worker), _PROVOKED_AGAIN_S, "not yet")
            break


async def lives(
    stage: Stage,
    name: str,
    first: Worker,
    all_of_them: Sequence[Life],
    provoke: Callable[[Life], Awaitable[None]] | None = None,
    **how: Any,
) -> list[float]:
    """Lets a named worker die again and again, and live on at last; seconds from each start to the first event
    applied in its partitions. `first` dies now; `provoke` makes a life's point come.
    """
    mine, recoveries = holds(first) or [0], []
    first.end(signal.SIGKILL)
    for life in (*all_of_them, None):
        armed = {"die": [life.point, life.times]} if life else {}
        worker = stage.start(name, **armed, **how)
        recovery = asyncio.create_task(stage.applying(mine, within=DIES_WITHIN))
        if life is not None:
            if provoke is not None:
                await _provoke(provoke, stage, worker, life)
            await ends(stage, worker, life)
            if not recovery.done():  # it died before it had applied anything
                recovery.cancel()
                await asyncio.gather(recovery, return_exceptions=True)
                continue
        recoveries.append(await recovery)
    return recoveries
