"""A run of the demo: the past is a backlog for the worker, as it would be after an outage."""

from types import SimpleNamespace
from typing import Any

from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.demo.feed import Feed
from signal_engine.entrypoints.demo.performance import Performance
from tests.demo.test_playing import THEN, Topics, played


class Around:
    """Stage and watch of a performance: an engine that has applied everything at once, and noted what it found."""

    def __init__(self, topics: Topics) -> None:
        self._topics = topics
        self.found_at_start: int | None = None
        self.counts = {"received": 1_200}
        self.generated_at = 1 << 50
        self.lists: dict[str, Any] = {}

    async def start_worker(self) -> None:
        self.found_at_start = len(self._topics.records)

    def check(self) -> None: ...

    async def listen(self) -> None: ...

    async def poll(self) -> None: ...


async def test_the_whole_history_is_there_before_the_worker_begins_to_read() -> None:
    """Between two parts of it a worker would find every topic read to its end, and let time pass until now."""
    history = [played(n, THEN - 90 * DAY + n) for n in range(1_200)]
    topics = Topics()
    around: Any = Around(topics)
    inputs: Any = SimpleNamespace(fits={})
    performance = Performance(around, topics, around, Feed(history, [], THEN, as_it_comes=False), inputs)
    await performance.load()
    assert around.found_at_start == 1_200
