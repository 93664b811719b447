"""Query the dead-letter topic: each rejected record once, the newest selected ones, and counts."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from signal_engine.engine.dead_letters.reader import DeadLetter, RecordPosition

_ALL: Final[frozenset[RecordPosition]] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter for dead letters; None accepts everything."""

    reason: str | None = None
    topic: str | None = None
    since: int | None = None
    """ms since 1970: rejected at or after this instant."""
    places: Collection[RecordPosition] = _ALL

    def __call__(self, dead_letter: DeadLetter) -> bool:
        """Whether the filter accepts `dead_letter`."""
        return (
            self.reason in {None, dead_letter.reason}
            and self.topic in {None, dead_letter.place.topic}
            and (self.since is None or dead_letter.at >= self.since)
            and (not self.places or dead_letter.place in self.places)
        )


class Once:
    """Detects copies of dead letters, which are at-least-once. Keeps only their positions."""

    def __init__(self) -> None:
        self._offsets: dict[tuple[str, int], set[int]] = {}

    def is_new(self, dead_letter: DeadLetter) -> bool:
        """Whether `dead_letter` is the first copy."""
        topic, partition, offset = dead_letter.place
        seen = self._offsets.setdefault((topic, partition), set())
        if offset in seen:
            return False
        seen.add(offset)
        return True


class DeadLetterQuery:
    """The newest `max_letters` dead letters that a filter accepts, and counts by reason and topic."""

    def __init__(self, wanted: Wanted, max_letters: int) -> None:
        self.by_reason: Counter[str] = Counter()
        self.by_topic: Counter[str] = Counter()
        self._wanted = wanted
        self._most = max_letters
        self._once = Once()
        self._newest: list[tuple[tuple[int, RecordPosition], DeadLetter]] = []

    def add(self, dead_letters: Iterable[DeadLetter]) -> None:
        """Add more dead letters."""
        for dead_letter in dead_letters:
            if not self._wanted(dead_letter) or not self._once.is_new(dead_letter):
                continue
            self.by_reason[dead_letter.reason] += 1
            self.by_topic[dead_letter.place.topic] += 1
            entry = ((dead_letter.at, dead_letter.place), dead_letter.without_content())
            if len(self._newest) < self._most:
                heapq.heappush(self._newest, entry)
            else:
                heapq.heappushpop(self._newest, entry)

    @property
    def newest(self) -> list[DeadLetter]:
        """Newest first."""
        return [dead_letter for _, dead_letter in sorted(self._newest, reverse=True)]

    @property
    def total(self) -> int:
        """Number of rejected records that the filter accepts."""
        return self.by_reason.total()
