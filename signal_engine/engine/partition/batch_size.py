"""How many records a step takes: as many as are worked off within a budget of time.

While a step is worked off nothing else is done: no other partition, no heartbeat of a timer, no answer. What a record
costs differs by ten times, by machine and by whether its account is in memory, so the number follows what was measured.
"""

from typing import Final

BUDGET: Final = 0.2
"""Seconds for which a step may hold the event loop."""
MAX_RECORDS: Final = 5_000
"""Records. Kafka hands over no more at once."""
MIN_RECORDS: Final = 100
_FIRST: Final = 1_000
"""Before anything was measured."""


class BatchSize:
    """Of one partition."""

    def __init__(self) -> None:
        self.records = _FIRST
        """What the next step may take."""

    def took(self, records: int, seconds: float) -> None:
        """Notes what a step took of the loop. A small one says nothing: most of it is the price of any step."""
        if records < MIN_RECORDS or seconds <= 0:
            return
        fits = round(records * BUDGET / seconds)
        self.records = max(MIN_RECORDS, min(MAX_RECORDS, (self.records + fits) // 2))
