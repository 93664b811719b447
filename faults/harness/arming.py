"""Lives of a worker, each ending at a named point or at a random instant, and how long until it applies again."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, NamedTuple

from faults.harness.stage import Stage, holds
from testing.worker import Worker

DIES_WITHIN: Final = 60.0
"""Seconds in which an armed worker must come to its point."""


class Life(NamedTuple):
    """How one life is to end: at a point, when it is reached for the given time."""

    point: str
    times: int

    def __str__(self) -> str:
        return f"{self.point}:{self.times}"


async def ends(stage: Stage, worker: Worker, life: object, within: float = DIES_WITHIN) -> None:
    """Waits until a worker has killed itself. Raises AssertionError when it goes on, or ends otherwise."""

    async def ended() -> bool:
        return worker.process.poll() is not None

    await stage.until(ended, within, f"{worker.log.name} never came to {life}")
    code = worker.process.returncode
    assert code == -signal.SIGKILL, f"{worker.log.name} was to die at {life} and ended with {code}\n{stage.log_tails()}"


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
                await provoke(life)
            await ends(stage, worker, life)
            if not recovery.done():  # it died before it had applied anything
                recovery.cancel()
                await asyncio.gather(recovery, return_exceptions=True)
                continue
        recoveries.append(await recovery)
    return recoveries
