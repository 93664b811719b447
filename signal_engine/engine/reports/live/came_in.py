"""What came in of all partitions: sources and titles, and what is not known of them."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from signal_engine.core.rules.personas import OTHER
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ingest.activity import activity_of
from signal_engine.engine.ports.store import Store
from signal_engine.engine.reports.live.lacks import COUNTED_SINCE_UPDATE, MORE_SOURCES, MORE_TITLES
from signal_engine.wire.storage.activity import MAX_SOURCES, MAX_TITLES, TITLE_VIEWS, Activity, SourceActivity


@dataclass(slots=True)
class CameIn:
    """The sum of partitions."""

    events: int = 0
    engagement: int = 0
    sources: dict[str, SourceActivity] = field(default_factory=dict)
    more_titles: int = 0
    more_sources: int = 0
    _titles: Counter[str] = field(default_factory=Counter)

    def add(self, one: Activity) -> None:
        """Add a partition."""
        self.events += one.events
        self.engagement += one.engagement
        self.more_titles += one.more_titles
        self.more_sources += one.more_sources
        for name, source in one.sources.items():
            self.sources[name] = self.sources.get(name, SourceActivity()).joined(source)
        for view in one.titles:
            self._titles.update(view)

    def titles(self, policy: Policy) -> Mapping[str, int]:
        """Title without a persona -> number of signals; those that have one by `policy` are no gap any more."""
        return {title: count for title, count in self._titles.items() if policy.personas.name_of(title) == OTHER}

    def lacks(self, decided: int) -> Iterator[str]:
        """What is not known, of so many events that were decided."""
        if decided > self.events:
            yield COUNTED_SINCE_UPDATE.format(decided - self.events)
        if self.more_titles:
            yield MORE_TITLES.format(TITLE_VIEWS * MAX_TITLES, self.more_titles)
        if self.more_sources:
            yield MORE_SOURCES.format(MAX_SOURCES, self.more_sources)


async def came_in_of(store: Store, partitions: int) -> CameIn:
    """What came in since the beginning of the generation. Raises `StoreTrouble`."""
    total = CameIn()
    for number in range(partitions):
        total.add(await activity_of(store, number))
    return total
