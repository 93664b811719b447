"""When people act: on weekdays, in the office hours of their country."""

from random import Random
from typing import Final

from signal_engine.core.rules.instants import DAY, HOUR, SECOND, start_of_day

_HOURS_FROM_UTC: Final = {
    "United States": -6,
    "Canada": -5,
    "United Kingdom": 0,
    "Ireland": 0,
    "Japan": 9,
    "Australia": 10,
}
"""One zone per country and no daylight saving time, which is enough for a pattern over the day."""

_EUROPE: Final = 1
_SATURDAY: Final = 5


def hours_from_utc(country: str) -> int:
    """Hours from UTC to local time; central Europe if the country is unknown."""
    return _HOURS_FROM_UTC.get(country, _EUROPE)


def working_instant(rng: Random, about: int, offset_hours: int) -> int:
    """An instant (ms since 1970, whole seconds) on the day of `about`, or on the nearest weekday."""
    midnight = start_of_day(about)
    weekday = (midnight // DAY + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    if weekday >= _SATURDAY and rng.random() < 0.85:
        midnight += -DAY if weekday == _SATURDAY else DAY
    local_hour = rng.triangular(8, 18.5, 10.5) if rng.random() < 0.94 else rng.uniform(6.5, 23)
    instant = midnight + round((local_hour - offset_hours) * HOUR)
    return instant - instant % SECOND
