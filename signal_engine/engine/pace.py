"""How many records a step takes: as many as are worked off within a budget of time.

While a step is worked off nothing else is done: no other partition, no heartbeat of a timer, no answer. What a record
costs differs by ten times, by machine and by whether its account is in memory, so the number follows what was measured.
"""

from typing import Final

BUDGET: Final = 0.4
"""Seconds for which a step may hold the event loop. Only one that is behind has that much to do, and there an account
that is judged, ranked and written once for eight events instead of four is 10 to 25 % less CPU an event. Heartbeats are
sent by another thread."""
MOST: Final = 16_000
"""Records: some 3 KB each while they are decoded."""
LEAST: Final = 100
_FIRST: Final = 1_000
"""Before anything was measured."""


class Pace:
    """Of one partition."""

    def __init__(self) -> None:
        self.records = _FIRST
        """What the next step may take."""

    def took(self, records: int, seconds: float) -> None:
        """Notes what a step took of the loop. A small one says nothing: most of it is the price of any step."""
        if records < LEAST or seconds <= 0:
            return
        fits = round(records * BUDGET / seconds)
        self.records = max(LEAST, min(MOST, (self.records + fits) // 2))
