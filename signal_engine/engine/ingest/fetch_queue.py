"""What has been fetched of one partition number and not been applied: a short queue of fetches a topic."""

from collections import deque
from collections.abc import Collection

from signal_engine.engine.ingest.time_alignment import Head, TriagedEvent, together
from signal_engine.engine.ports.fetched import Fetched


class FetchQueue:
    """Holds no more than what the consumer hands over: two fetches a topic (`adapters.faust.fetch_budget`)."""

    def __init__(self) -> None:
        self._fetched: dict[str, deque[Fetched]] = {}

    @property
    def topics(self) -> Collection[str]:
        """Those of which something is here."""
        return self._fetched.keys()

    @property
    def records(self) -> int:
        """How many are here."""
        return sum(len(fetched.records) for waiting in self._fetched.values() for fetched in waiting)

    def put(self, fetched: Fetched) -> None:
        """Takes a fetch that follows those that are here."""
        self._fetched.setdefault(fetched.topic, deque()).append(fetched)

    def drop(self, topic: str | None = None) -> None:
        """Forgets what was fetched of a topic, or of all: it will be read again from elsewhere."""
        if topic is None:
            self._fetched.clear()
        else:
            self._fetched.pop(topic, None)

    def take(self, unread: Collection[int], arrived: TriagedEvent, most: int) -> list[Fetched]:
        """The fetches to be applied next, in one step, one a topic; none when nothing may be.

        `unread` and `most` are as in `together`. A step has its price however little is in it, so all topics that may
        be read on together are: where each has a few records, that is a sixth of the steps.
        """
        heads = {topic: Head(topic, fetched, arrived) for topic, fetched in self._fetched.items()}
        numbers = together([*heads.values()], unread, most)
        return [self._cut(topic, number) for topic, number in numbers.items()]

    def _cut(self, topic: str, number: int) -> Fetched:
        waiting = self._fetched[topic]
        fetched = waiting.popleft()
        if number < len(fetched.records):
            fetched, rest = fetched.split(number)
            waiting.appendleft(rest)
        if not waiting:
            del self._fetched[topic]
        return fetched
