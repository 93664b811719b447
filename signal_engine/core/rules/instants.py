"""Instants and durations are whole milliseconds (UTC, since 1970-01-01T00:00Z), as in Kafka's records.

Integers compare exactly, which timers and compare-and-set need; a millisecond moves no score by 1e-6 points.
"""

from typing import Final

SECOND: Final = 1_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 3_600 * SECOND
DAY: Final = 86_400 * SECOND
"""Ages are in days of 86,400 s (scoring.md)."""

BEGINNING: Final = -(10**14)
"""Before every instant that RFC 3339 can write (year 1)."""


def start_of_day(instant: int) -> int:
    """The last 00:00 UTC at or before `instant`."""
    return instant - instant % DAY


def days(number: float) -> int:
    """`number` days in whole milliseconds."""
    return round(number * DAY)
