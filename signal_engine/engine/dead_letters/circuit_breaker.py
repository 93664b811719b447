"""A circuit breaker per topic-partition: so much is rejected that reading on would only fill the dead letters.

More often than not it is a producer that has changed, or somebody else's topic. It is paused then, and somebody looks.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

LAST: Final = 1_000
"""Records of one topic-partition that count, the latest."""
AT_LEAST: Final = 200
"""Before so many have been read, nothing is said."""


class Tripped(NamedTuple):
    """The limit is passed."""

    after: int
    """How many of the records looked at were read until then, the last one included."""
    refused: int
    of: int
    """Of so many records that count."""
    reasons: Mapping[str, int]
    """Reason -> how many."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """What became of the last records of one topic-partition, oldest first: the reason of a refusal, else None.

    It begins empty when a topic-partition is taken, and when it is let go on after a pause.
    """

    last: tuple[str | None, ...] = ()

    def after(self, read: Sequence[str | None]) -> tuple["CircuitBreaker", Tripped | None]:
        """With the outcomes of the records read next; and where it tripped, if more than half of them were rejected.

        Then nothing beyond the record with which it is passed counts: it is not to be read.
        """
        refused = len(self.last) - self.last.count(None)
        if not refused and not any(read):  # nearly always; counting them one by one took a tenth of a small step
            return CircuitBreaker((None,) * min(LAST, len(self.last) + len(read))), None
        last = deque(self.last, LAST)
        for number, outcome in enumerate(read, 1):
            if len(last) == LAST:
                refused -= last[0] is not None
            last.append(outcome)
            refused += outcome is not None
            if len(last) >= AT_LEAST and 2 * refused > len(last):
                reasons = Counter(one for one in last if one is not None)
                return CircuitBreaker(tuple(last)), Tripped(number, refused, len(last), dict(reasons.most_common()))
        return CircuitBreaker(tuple(last)), None
