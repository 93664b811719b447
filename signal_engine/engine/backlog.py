"""What has been fetched of one partition number and not been applied: a short queue of fetches a topic."""

from collections import deque
from collections.abc import Callable, Collection
from typing import Final

from signal_engine.engine.alignment import ReadOn, furthest_behind, reaches
from signal_engine.engine.fetched import Fetched, FetchedRecord

AT_ONCE: Final = 5_000
"""Records a step: more would hold the event loop for a quarter of a second, in which nothing else is done."""

Arrived = Callable[[str, FetchedRecord], int]
"""When (ms) a record of a topic arrived there."""


class Backlog:
    """Holds no more than what the consumer hands over: two fetches a topic (`adapters.faust.room`)."""

    def __init__(self) -> None:
        self._fetched: dict[str, deque[Fetched]] = {}

    @property
    def topics(self) -> Collection[str]:
        """Those of which something is here."""
        return self._fetched.keys()

    def put(self, fetched: Fetched) -> None:
        """Takes a fetch that follows those that are here."""
        self._fetched.setdefault(fetched.topic, deque()).append(fetched)

    def drop(self, topic: str | None = None) -> None:
        """Forgets what was fetched of a topic, or of all: it will be read again from elsewhere."""
        if topic is None:
            self._fetched.clear()
        else:
            self._fetched.pop(topic, None)

    def take(self, unread: Collection[int], arrived: Arrived) -> Fetched | None:
        """The stretch to be applied next; None when nothing may be. `unread` is as in `furthest_behind`."""
        heads = {topic: _first(topic, fetched[0], arrived) for topic, fetched in self._fetched.items()}
        next_ = furthest_behind(heads, unread)
        return None if next_ is None else self._cut(next_, arrived)

    def _cut(self, next_: ReadOn, arrived: Arrived) -> Fetched:
        topic, until = next_
        waiting = self._fetched[topic]
        fetched = waiting.popleft()
        number = reaches(fetched.records, until, AT_ONCE, lambda record: arrived(topic, record))
        if number < len(fetched.records):
            fetched, rest = fetched.split(number)
            waiting.appendleft(rest)
        if not waiting:
            del self._fetched[topic]
        return fetched


def _first(topic: str, fetched: Fetched, arrived: Arrived) -> int:
    return arrived(topic, fetched.records[0]) if fetched.records else 0
