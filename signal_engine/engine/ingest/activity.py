"""Counts sources, and titles without a persona: of a batch in the live engine, of all events in a replay."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.personas import OTHER
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.wording import one_line
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.views import ACTIVITY, titles
from signal_engine.wire.storage import activity
from signal_engine.wire.storage.activity import TITLE_VIEWS, Activity, SourceActivity

_NONE: Final = SourceActivity()
_APPLIED: Final = EventOutcome.APPLIED


class ActivityCounts:
    """What came in. Memory: a few numbers per source, and one per title without a persona."""

    __slots__ = ("_name_of", "_sources", "engagement", "events", "titles")

    def __init__(self, policy: Policy) -> None:
        self._name_of = policy.personas.name_of
        self.events = 0
        self.engagement = 0
        """Number of applied engagement signals."""
        self._sources: dict[str, list[int]] = {}
        """As written -> events, the last one (ms), its days. Mutable: nearly every event has one; 0.5 us each."""
        self.titles: Counter[str] = Counter()
        """Titles without persona, case-folded -> number of applied engagement signals."""

    def note(self, event: Event, outcome: EventOutcome, now: int) -> None:
        """Note an event that was decided at `now` (ms)."""
        self.events += 1
        if (source := event.fields.get("source")) is not None:
            known = self._sources.get(source)
            if known is None:
                self._sources[source] = [1, now, 1]
            elif now // DAY == known[1] // DAY:
                known[0] += 1
                known[1] = max(known[1], now)
            else:
                known[:] = SourceActivity(*known).seen(now)
        if outcome is _APPLIED and event.kind == ENGAGEMENT:
            self.engagement += 1
            title = event.fields.get("persona")
            if self._name_of(title) == OTHER:
                self.titles[one_line(str(title)).casefold()] += 1

    def add(
        self, events: int, engagement: int, sources: Iterable[tuple[str, int, int]], titles: Iterable[tuple[str, int]]
    ) -> None:
        """Note what somebody else decided: each source with its events of one day and the last of them (ms)."""
        self.events += events
        self.engagement += engagement
        for source, many, last in sources:
            known = SourceActivity(*self._sources.get(source, _NONE))
            self._sources[source] = [*known.joined(SourceActivity(many, last, 1))]
        for title, many in titles:
            self.titles[title] += many

    @property
    def sources(self) -> dict[str, SourceActivity]:
        """By name, as people read it."""
        found: dict[str, SourceActivity] = {}
        for source, known in self._sources.items():
            name = one_line(str(source))
            found[name] = found.get(name, _NONE).joined(SourceActivity(*known))
        return found


async def activity_of(store: Store, number: int) -> Activity:
    """What came in of a partition since the beginning of its generation. Raises `StoreTrouble`."""
    counted, *views = await store.views(number, [ACTIVITY, *map(titles, range(TITLE_VIEWS))])
    return activity.decode(counted, views)
