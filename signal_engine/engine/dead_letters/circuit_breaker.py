"""A flood of refusals: when so much of one topic-partition is refused that reading on would only fill the dead letters.

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


class Flood(NamedTuple):
    """The limit is passed."""

    after: int
    """How many of the records looked at were read until then, the last one included."""
    refused: int
    of: int
    """Of so many records that count."""
    reasons: Mapping[str, int]
    """Reason -> how many."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the last records of one topic-partition, oldest first: the reason of a refusal, else None.

    It begins empty when a topic-partition is taken, and when it is let go on after a pause.
    """

    last: tuple[str | None, ...] = ()

    def after(self, read: Sequence[str | None]) -> tuple["Outcomes", Flood | None]:
        """With what became of the records read next; and the flood if more than half of those that count were refused.

        Then nothing beyond the record with which it is passed counts: it is not to be read.
        """
        refused = len(self.last) - self.last.count(None)
        if not refused and not any(read):  # nearly always; counting them one by one took a tenth of a small step
            return Outcomes((None,) * min(LAST, len(self.last) + len(read))), None
        last = deque(self.last, LAST)
        for number, outcome in enumerate(read, 1):
            if len(last) == LAST:
                refused -= last[0] is not None
            last.append(outcome)
            refused += outcome is not None
            if len(last) >= AT_LEAST and 2 * refused > len(last):
                reasons = Counter(one for one in last if one is not None)
                return Outcomes(tuple(last)), Flood(number, refused, len(last), dict(reasons.most_common()))
        return Outcomes(tuple(last)), None
