"""The generation of keys that this process works on: chosen at start, watched afterwards."""

import asyncio
from collections.abc import Awaitable, Callable

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.store import Generations, Marks


class OtherGeneration(SignalEngineError):
    """Another generation must be used: a rebuild began or was cancelled, or the store has lost everything.

    The worker restarts. It may not write any transaction, list or alert before, since the store has changed under it.
    """


class OwnGeneration:
    """The generation that this process uses."""

    def __init__(self, generations: Generations, marks: Marks) -> None:
        """`marks` must name a generation to work on."""
        self.generations = generations
        self.number = marks.worked_on
        self.building = marks.building
        """What must be read before it is served; None if it was already served at the start."""
        self.served = asyncio.Event()
        """Set once it is served: only then may lists and alerts be sent."""
        if marks.building is None:
            self.served.set()

    async def check(self) -> Marks:
        """Raise `OtherGeneration` if this is no longer the generation to work on. May raise `StoreTrouble`."""
        marks = await self.generations.marks()
        if marks.worked_on != self.number:
            raise OtherGeneration(f"generation {self.number} is no longer in use")
        if marks.building is None:
            self.served.set()
        return marks


async def opened(
    generations: Generations, published_before: Callable[[], Awaitable[bool]], begin: Callable[[], Awaitable[None]]
) -> Marks:
    """Marks that name a generation to work on; if there is none, one is created.

    A new store starts with generation 0. If results were published before (`published_before`), the store has lost its
    data: then `begin` starts a rebuild, unless another process does at the same time.
    """
    while True:
        marks = await generations.marks()
        if marks.worked_on is not None:
            return marks
        if await published_before():
            await begin()
        else:
            await generations.swap(None, 0)
