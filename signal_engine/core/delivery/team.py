"""The people whom alerts reach: when they work, when they are away, and who answers for them then."""

from collections.abc import Container, Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import SECOND

_MINUTES_OF_AN_HOUR: Final = 60
_DAYS_AHEAD: Final = 400
"""How far ahead somebody's next working hour is looked for."""


class WorkingSpan(NamedTuple):
    """Hours of one day of the week."""

    weekday: int
    """0 is Monday."""
    begins: int
    """Minutes after midnight, as the clocks of the zone show them."""
    ends: int
    """Minutes after midnight, more than `begins`, at most 1440."""


class Absence(NamedTuple):
    """Days on which somebody is away, both included."""

    first: date
    last: date


class TeamMember(NamedTuple):
    """One person of the routes file."""

    name: str
    """As the accounts file has it as owner or sdr."""
    email: str
    """Lower case."""
    zone: tzinfo
    hours: tuple[WorkingSpan, ...] = ()
    """None: always working, but for days off."""
    days_off: Container[date] = frozenset()
    away: tuple[Absence, ...] = ()
    backup: str | None = None
    """Name of who answers while this person is away."""
    leaves: date | None = None
    """The last day."""
    successor: str | None = None
    """Name of who has the accounts after that."""
    capacity: int | None = None
    """Accounts that the person can work on in a week; None: not known."""
    manager: str | None = None
    """Name of who is told when an alert waits for too long."""

    def today(self, now: int) -> date:
        """The day it is at `now` (ms) where this person is."""
        return local_time(now, self.zone).date()

    def has_left(self, now: int) -> bool:
        """Whether the last day is over."""
        return self.leaves is not None and self.today(now) > self.leaves

    def is_away(self, day: date) -> bool:
        """Whether the person is away on `day`."""
        return any(absence.first <= day <= absence.last for absence in self.away)

    def works_on(self, day: date) -> bool:
        """Whether there is a working hour on `day`."""
        if day in self.days_off or self.is_away(day):
            return False
        return not self.hours or any(span.weekday == day.weekday() for span in self.hours)


class Team(NamedTuple):
    """Everybody of the routes file."""

    members: Mapping[str, TeamMember]
    """`folded` name -> member."""

    def named(self, name: str) -> TeamMember | None:
        """The person with this name or, as an assigned account has it, this e-mail address; case does not count."""
        found = self.members.get(folded(name))
        return found or next((one for one in self.members.values() if one.email == folded(name)), None)


NO_TEAM: Final = Team({})
"""Without a routes file."""


def folded(name: str) -> str:
    """A name as it is compared: blanks and case do not count."""
    return " ".join(name.split()).casefold()


def local_time(now: int, zone: tzinfo) -> datetime:
    """What calendar and clock show in `zone` at `now` (ms)."""
    return datetime.fromtimestamp(now / SECOND, zone)


def instant_of(day: date, minutes: int, zone: tzinfo) -> int:
    """The instant (ms) at which clocks in `zone` show `minutes` after midnight of `day`; 1440 is the next midnight.

    Of an hour that clocks show twice, the first; one that they leave out is the hour after.
    """
    hours, minute = divmod(minutes % (24 * _MINUTES_OF_AN_HOUR), _MINUTES_OF_AN_HOUR)
    day += timedelta(days=minutes // (24 * _MINUTES_OF_AN_HOUR))
    return round(datetime(day.year, day.month, day.day, hours, minute, tzinfo=zone).timestamp() * SECOND)


def next_working_instant(member: TeamMember, now: int) -> int | None:
    """The first instant (ms) from `now` on at which `member` works: `now` itself where that is one.

    None where none comes within 400 days. Whether the person leaves before is another question (`has_left`).
    """
    first = member.today(now)
    for ahead in range(_DAYS_AHEAD):
        day = first + timedelta(days=ahead)
        for begins, ends in working_spans(member, day):
            if now < ends:
                return max(now, begins)
    return None


def next_working_day(member: TeamMember, due: date) -> date | None:
    """The first day from `due` on at which `member` works; None where none comes within 400 days."""
    days = (due + timedelta(days=ahead) for ahead in range(_DAYS_AHEAD))
    return next((day for day in days if member.works_on(day)), None)


def working_spans(member: TeamMember, day: date) -> list[tuple[int, int]]:
    """The working hours of `day` as instants, in order; none on a day off."""
    if not member.works_on(day):
        return []
    hours = member.hours or (WorkingSpan(day.weekday(), 0, 24 * _MINUTES_OF_AN_HOUR),)
    return sorted(
        (instant_of(day, span.begins, member.zone), instant_of(day, span.ends, member.zone))
        for span in hours
        if span.weekday == day.weekday()
    )
