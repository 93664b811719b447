"""Until when an alert waits that need not be read at once: somebody's working hours, or a digest."""

from datetime import timedelta, tzinfo
from typing import Final, NamedTuple

from signal_engine.core.delivery.routes import DigestTime
from signal_engine.core.delivery.team import TeamMember, instant_of, local_time, next_working_day, next_working_instant

_WEEK: Final = 7


class Patience(NamedTuple):
    """What an alert may wait for."""

    digest: DigestTime | None
    """None: for working hours."""
    zone: tzinfo
    """Whose calendar holds where no person is reached."""

    def ends(self, member: TeamMember | None, now: int) -> int | None:
        """The first instant (ms) from `now` on at which the wait is over; None where the person never works again.

        Whether the person leaves before is another question (`TeamMember.has_left`).
        """
        if self.digest is not None:
            return _next_digest(self.digest, member, self.zone, now)
        return now if member is None else next_working_instant(member, now)


def _next_digest(digest: DigestTime, member: TeamMember | None, zone: tzinfo, now: int) -> int | None:
    """The first digest from `now` on; one that is due on a day off comes on the next working day."""
    where = zone if member is None else member.zone
    today = local_time(now, where).date()
    past, step = (0, 1) if digest.weekday is None else ((today.weekday() - digest.weekday) % _WEEK, _WEEK)
    at, ahead = now - 1, -past
    while at < now:
        due = today + timedelta(days=ahead)
        day = due if member is None else next_working_day(member, due)
        if day is None:
            return None
        at, ahead = instant_of(day, digest.minute, where), ahead + step
    return at
