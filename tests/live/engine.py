"""The live engine with a look into its store: positions and counters, which no command tells."""

import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.controls import RedisControls
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.controls import SCORING
from signal_engine.engine.ports.store import Marks
from signal_engine.wire.storage.in_force import ScoringInForce
from testing import engine as driver
from testing.engine import ending
from testing.worker import Worker


class Engine(driver.Engine):
    """One engine of its own on shared servers."""

    def crashing(self, point: str, times: int) -> Worker:
        """Starts a worker that kills itself when it reaches a point for the given time."""
        return self.worker([sys.executable, "-m", "tests.live.crashing", point, str(times)])

    def clocked(self, ahead: int) -> Worker:
        """Starts a worker whose clock is so many seconds ahead; cold, since that is set before anything is imported."""
        return self.worker([sys.executable, "-u", "-m", "tests.live.clocked", str(ahead)])

    @asynccontextmanager
    async def store(self) -> AsyncIterator[RedisStore]:
        """The store of the generation that workers work on."""
        async with Channel(self.redis_url) as channel:
            marks = await RedisGenerations(channel, self.prefix).marks()
            yield RedisStore(channel, self.prefix, marks.worked_on or 0)

    async def marks(self) -> Marks:
        """Which generations there are."""
        async with Channel(self.redis_url) as channel:
            return await RedisGenerations(channel, self.prefix).marks()

    async def first_scoring_moved(self) -> bool:
        """Whether the file that the first start published has been moved into force."""
        async with Channel(self.redis_url) as channel:
            stored = await RedisControls(channel, self.prefix).read(SCORING)
        return stored is not None and ScoringInForce.decode(stored).published is not None

    async def positions(self) -> dict[tuple[str, int], int]:
        """Topic, partition -> how far it has been applied."""
        async with self.store() as store:
            heads = [await store.positions(number) for number in range(self.partitions)]
        return {(t, n): at for n, head in enumerate(heads) for t, at in head.topics.items()}

    async def counts(self) -> Counter[str]:
        """Counter -> sum over partitions."""
        total: Counter[str] = Counter()
        async with self.store() as store:
            for number in range(self.partitions):
                total.update(await store.counts(number))
        return total

    async def has_caught_up(self) -> bool:
        """Whether every signal topic has been applied to its end, records sent on included."""
        return not await self.not_applied()

    async def not_applied(self) -> dict[tuple[str, int], tuple[int, int]]:
        """Topic and partition not yet applied to its end -> how far it has been applied, and its end."""
        ends, positions = await self.ends(), await self.positions()
        return {place: (positions.get(place, 0), end) for place, end in ends.items() if positions.get(place, 0) < end}

    async def caught_up(self, within: float = 90) -> None:
        """Waits for that; says which topic-partitions are behind when it takes longer."""
        try:
            await self.until(self.has_caught_up, within, "the engine has not caught up")
        except AssertionError as error:
            raise AssertionError(f"applied and end of what is behind: {await self.not_applied()}") from error

    async def complete(self, at: int, within: float = 30) -> None:
        """Waits until all partitions have been read up to `at` (ms)."""

        async def read() -> bool:
            async with self.store() as store:
                views = [(await store.views(number, ["read_until"]))[0] for number in range(self.partitions)]
            return all(view is not None and int(view) >= at for view in views)

        await self.until(read, within, "the topics have not been read to their ends")


@contextmanager
def engine(kafka: str, redis_url: str, prefix: str, folder: Path, partitions: int = 4) -> Iterator[Engine]:
    """An engine whose workers are gone at the end, however that comes."""
    with ending(Engine(kafka, redis_url, prefix, folder, partitions)) as made:
        yield made
