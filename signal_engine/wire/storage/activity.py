"""What came in of one partition, counted for the report on data quality: sources, and titles without a persona.

Bounded: the first sources and titles have counts of their own, others are counted together. Titles lie in several
views, so that a transaction writes those alone that it changes.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, Self

import orjson
from xxhash import xxh3_64_intdigest

from signal_engine.core.rules.instants import DAY, days
from signal_engine.wire.storage.documents import reading

TITLE_VIEWS: Final = 16
MAX_TITLES: Final = 64
"""Titles of one view."""
MAX_SOURCES: Final = 200
"""Sources of one partition."""
_SILENT_AFTER: Final = days(7)
"""A source counts as silent after at least so many ms without an event ..."""
_USUAL_GAPS: Final = 3
"""... and after so many of its usual gaps."""
_ENOUGH_DAYS: Final = 3
"""Days with events needed to know the usual gap."""
_DAYS_KNOWN: Final = 400
"""Days up to its last one on which it is known whether a source had events."""
_ALL_DAYS: Final = (1 << _DAYS_KNOWN) - 1


class SourceActivity(NamedTuple):
    """How often a source sends."""

    events: int = 0
    last: int = 0
    """Its last event, in ms."""
    days: int = 0
    """Bit n: whether it had events n days before the day of the last one."""

    def seen(self, now: int) -> Self:
        """After an event at `now` (ms)."""
        return self.joined(SourceActivity(1, now, 1))

    def joined(self, other: "SourceActivity") -> Self:
        """Both together, whichever was later."""
        later, earlier = (self, other) if self.last >= other.last else (other, self)
        ago = later.last // DAY - earlier.last // DAY
        known = later.days | earlier.days << ago if ago < _DAYS_KNOWN else later.days
        return self._replace(events=self.events + other.events, last=later.last, days=known & _ALL_DAYS)

    def is_silent(self, at: int) -> bool:
        """Whether, at `at` (ms), it has been silent for much longer than usual."""
        had = self.days.bit_count()
        if had < _ENOUGH_DAYS:
            return False
        usual = (self.days.bit_length() - 1) * DAY / (had - 1)
        return at - self.last > max(_SILENT_AFTER, _USUAL_GAPS * usual)


class Activity(NamedTuple):
    """What came in."""

    events: int = 0
    """Events that were decided."""
    engagement: int = 0
    """Applied engagement signals."""
    sources: Mapping[str, SourceActivity] = {}
    titles: tuple[Mapping[str, int], ...] = ({},) * TITLE_VIEWS
    """By view: titles without a persona, case-folded -> number of applied engagement signals."""
    more_titles: int = 0
    """Signals whose title has no count of its own."""
    more_sources: int = 0
    """Events whose source has none."""

    def after(
        self, events: int, engagement: int, sources: Mapping[str, SourceActivity], titles: Mapping[str, int]
    ) -> "Activity":
        """Together with what one batch brought."""
        known, more_sources = dict(self.sources), self.more_sources
        for name, one in sources.items():
            if name in known or len(known) < MAX_SOURCES:
                known[name] = known.get(name, SourceActivity()).joined(one)
            else:
                more_sources += one.events
        by_view, more_titles = list(self.titles), self.more_titles
        for title, count in titles.items():
            number = xxh3_64_intdigest(title.encode()) % TITLE_VIEWS
            view = by_view[number]
            if title in view or len(view) < MAX_TITLES:
                by_view[number] = {**view, title: view.get(title, 0) + count}
            else:
                more_titles += count
        return Activity(
            self.events + events, self.engagement + engagement, known, tuple(by_view), more_titles, more_sources
        )

    def changed_titles(self, before: "Activity") -> Iterable[tuple[int, bytes]]:
        """(number, content) of the views that differ from those `before`."""
        for number, (view, was) in enumerate(zip(self.titles, before.titles, strict=True)):
            if view is not was:
                yield number, orjson.dumps(view)

    def encode(self) -> bytes:
        """All but the titles, as JSON."""
        counted: dict[str, Any] = {
            "events": self.events,
            "engagement": self.engagement,
            "more_titles": self.more_titles,
            "more_sources": self.more_sources,
            "sources": {name: [one.events, one.last, f"{one.days:x}"] for name, one in self.sources.items()},
        }
        return orjson.dumps(counted)


def decode(counted: bytes | None, titles: Sequence[bytes | None]) -> Activity:
    """From JSON; `titles` are the views of them. Missing ones count as empty."""
    with reading("what came in"):
        views = tuple({} if view is None else orjson.loads(view) for view in titles)
        if counted is None:
            return Activity(titles=views)
        read = orjson.loads(counted)
        sources = {
            name: SourceActivity(events, last, int(days, 16)) for name, (events, last, days) in read["sources"].items()
        }
        return Activity(read["events"], read["engagement"], sources, views, read["more_titles"], read["more_sources"])
