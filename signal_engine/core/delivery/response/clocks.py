"""How long a response may take: in somebody's working time, or by the clock on the wall."""

from datetime import timedelta
from typing import Final, NamedTuple

from signal_engine.core.delivery.team import (
    TeamMember,
    instant_of,
    local_time,
    next_working_day,
    next_working_instant,
    working_spans,
)
from signal_engine.core.rules.instants import DAY, SECOND

_MINUTE: Final = 60 * SECOND
_DAYS_AHEAD: Final = 400


class ResponseClock(NamedTuple):
    """How long each phase may take: so many minutes, or so many days."""

    minutes: int = 0
    days: int = 0
    working: bool = True
    """In the person's working time; else by the clock on the wall."""

    def due(self, since: int, member: TeamMember | None) -> int | None:
        """When it has run out (ms) that began at `since`; None where the person never works so much again.

        A working day ends at the same time of the next working day or, where that is no working hour, when the next one
        begins. Where no person is reached there is no working time.
        """
        if member is None or not self.working:
            return since + self.minutes * _MINUTE + self.days * DAY
        begins = next_working_instant(member, since)
        if begins is None:
            return None
        return _after_days(member, begins, self.days) if self.days else _after_minutes(member, begins, self.minutes)


def _after_minutes(member: TeamMember, begins: int, minutes: int) -> int | None:
    """The instant after so many minutes of working hours."""
    left, day = minutes * _MINUTE, member.today(begins)
    for _ in range(_DAYS_AHEAD):
        for start, end in ((max(start, begins), end) for start, end in working_spans(member, day)):
            if end - start >= left:
                return start + left
            left -= max(0, end - start)
        day += timedelta(days=1)
    return None


def _after_days(member: TeamMember, begins: int, days: int) -> int | None:
    shown = local_time(begins, member.zone)
    day = shown.date()
    for _ in range(days):
        later = next_working_day(member, day + timedelta(days=1))
        if later is None:
            return None
        day = later
    return next_working_instant(member, instant_of(day, shown.hour * 60 + shown.minute, member.zone))
