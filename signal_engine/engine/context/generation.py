"""The generation of keys that this process works on: chosen at start, watched afterwards."""

import asyncio
from collections.abc import Awaitable, Callable

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.store import Generations, Marks


class OtherGeneration(SignalEngineError):
    """Another generation is to be worked on: a rebuild began or was given up, or the store has lost everything.

    Whoever gets this starts over. No step, list or alert may follow: what is found in the store is not what it was.
    """


class OwnGeneration:
    """The one that was to be worked on when this was made."""

    def __init__(self, generations: Generations, marks: Marks) -> None:
        """Of `marks` that name one to be worked on."""
        self.generations = generations
        self.number = marks.worked_on
        self.building = marks.building
        """What has to be read before it is served; None for one that was served at the start."""
        self.served = asyncio.Event()
        """Set when it is served: only then may anything of it leave."""
        if marks.building is None:
            self.served.set()

    async def check(self) -> Marks:
        """Raises `OtherGeneration` when this is not the one to work on any more. May raise `StoreTrouble`."""
        marks = await self.generations.marks()
        if marks.worked_on != self.number:
            raise OtherGeneration(f"generation {self.number} is not worked on any more")
        if marks.building is None:
            self.served.set()
        return marks


async def opened(
    generations: Generations, told_before: Callable[[], Awaitable[bool]], begin: Callable[[], Awaitable[None]]
) -> Marks:
    """Marks that name a generation to work on; where there is none, this makes one.

    A store that has never been used starts with generation 0. When `told_before`, it has lost what was in it: then
    `begin` begins a rebuild, unless somebody else does at the same time.
    """
    while True:
        marks = await generations.marks()
        if marks.worked_on is not None:
            return marks
        if await told_before():
            await begin()
        else:
            await generations.swap(None, 0)
