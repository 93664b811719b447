"""The dead-letter topic looked through: each refused record once, the newest of those asked for, and counts."""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

from signal_engine.engine.dead_letters.reader import DeadLetter, RecordPosition

_ALL: Final[frozenset[RecordPosition]] = frozenset()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters are asked for; what is not said does not matter."""

    reason: str | None = None
    topic: str | None = None
    since: int | None = None
    """ms: refused then or later."""
    places: Collection[RecordPosition] = _ALL

    def __call__(self, letter: DeadLetter) -> bool:
        """Whether `letter` is."""
        return (
            self.reason in {None, letter.reason}
            and self.topic in {None, letter.place.topic}
            and (self.since is None or letter.at >= self.since)
            and (not self.places or letter.place in self.places)
        )


class Once:
    """Lets every record through once: letters are at-least-once. Holds their places only."""

    def __init__(self) -> None:
        self._offsets: dict[tuple[str, int], set[int]] = {}

    def is_new(self, letter: DeadLetter) -> bool:
        """Whether no copy of `letter` has come before."""
        topic, partition, offset = letter.place
        seen = self._offsets.setdefault((topic, partition), set())
        if offset in seen:
            return False
        seen.add(offset)
        return True


class DeadLetterQuery:
    """The newest `most` letters of those wanted, and how many of each reason and topic there are."""

    def __init__(self, wanted: Wanted, most: int) -> None:
        self.by_reason: Counter[str] = Counter()
        self.by_topic: Counter[str] = Counter()
        self._wanted = wanted
        self._most = most
        self._once = Once()
        self._newest: list[tuple[tuple[int, RecordPosition], DeadLetter]] = []

    def add(self, letters: Iterable[DeadLetter]) -> None:
        """Looks at more letters."""
        for letter in letters:
            if not self._wanted(letter) or not self._once.is_new(letter):
                continue
            self.by_reason[letter.reason] += 1
            self.by_topic[letter.place.topic] += 1
            entry = ((letter.at, letter.place), letter.without_content())
            if len(self._newest) < self._most:
                heapq.heappush(self._newest, entry)
            else:
                heapq.heappushpop(self._newest, entry)

    @property
    def newest(self) -> list[DeadLetter]:
        """Newest first."""
        return [letter for _, letter in sorted(self._newest, reverse=True)]

    @property
    def total(self) -> int:
        """How many records were refused, of those wanted."""
        return self.by_reason.total()
