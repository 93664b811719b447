"""A circuit breaker per topic-partition, which trips when most records are rejected.

Usually a producer changed its format. The topic-partition is paused until an operator resumes it.
"""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

WINDOW_RECORDS: Final = 1_000
"""Number of latest records of a topic-partition that count."""
MIN_RECORDS: Final = 200
"""Minimum number of records before the breaker can trip."""


class Tripped(NamedTuple):
    """The breaker has tripped."""

    after: int
    """Number of the given records up to the one at which it tripped, that one included."""
    refused: int
    of: int
    """Number of records that counted."""
    reasons: Mapping[str, int]
    """Reason -> number of rejections."""


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """The outcomes of the latest records of one topic-partition, oldest first: the reason of a rejection, else None.

    It starts empty when a topic-partition is taken and when it is resumed.
    """

    last: tuple[str | None, ...] = ()

    def after(self, read: Sequence[str | None]) -> tuple["CircuitBreaker", Tripped | None]:
        """Add the outcomes of the next records; return the new state, and where it tripped if most were rejected.

        Records after the one at which it trips do not count: they must not be read.
        """
        refused = len(self.last) - self.last.count(None)
        if not refused and not any(read):  # almost always; counting one by one took a tenth of a small transaction
            return CircuitBreaker((None,) * min(WINDOW_RECORDS, len(self.last) + len(read))), None
        last = deque(self.last, WINDOW_RECORDS)
        for number, outcome in enumerate(read, 1):
            if len(last) == WINDOW_RECORDS:
                refused -= last[0] is not None
            last.append(outcome)
            refused += outcome is not None
            if len(last) >= MIN_RECORDS and 2 * refused > len(last):
                reasons = Counter(one for one in last if one is not None)
                return CircuitBreaker(tuple(last)), Tripped(number, refused, len(last), dict(reasons.most_common()))
        return CircuitBreaker(tuple(last)), None
