"""Whom an alert is told to when nobody responds: the manager once, then the backup once."""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from signal_engine.core.actions.action import ANSWERS, CLAIM, DISPOSITION, RELEASE
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.answering import present
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.core.rules.instants import DAY

ResponsePhase = Literal["claim", "touch"]
"""What is waited for: that somebody claims the account, or after that, that they get in touch."""
ToldTo = Literal["manager", "backup", "fallback"]
"""`fallback`: where alerts for triage go, since neither of the two can be reached."""
_FOR_EVER: Final = 1 << 62


class Response(NamedTuple):
    """What became of an alert so far. Instants in ms."""

    alerted_at: int
    claimed_at: int | None = None
    touched_at: int | None = None
    """When somebody got in touch: a disposition, or the last activity that the CRM knows of, after the claim."""
    closed_at: int | None = None
    """When somebody decided that nobody is to call now: a snooze, a kill, do not contact."""
    released_at: int | None = None
    """When the last claim was given back; None: somebody has the account, or nobody ever claimed it."""

    @property
    def waits(self) -> tuple[ResponsePhase, int] | None:
        """What is waited for, and since when (ms); None: for nothing."""
        if self.touched_at is not None or self.closed_at is not None:
            return None
        if self.released_at is not None:
            return "claim", self.released_at
        return ("claim", self.alerted_at) if self.claimed_at is None else ("touch", self.claimed_at)


class Lateness(NamedTuple):
    """Somebody is to be told that an alert waits, once: phase and `to` tell it from others of the alert."""

    phase: ResponsePhase
    to: ToldTo
    name: str | None
    """Whom; None: whoever reads where alerts for triage go."""
    due: int
    """When they are (ms)."""
    since: int
    """Since when the alert waits (ms)."""

    @property
    def which(self) -> str:
        """`claim/manager`: tells it from others of the alert."""
        return f"{self.phase}/{self.to}"


def lateness(clock: ResponseClock, was: Response, member: TeamMember | None, team: Team) -> tuple[Lateness, ...]:
    """Who is to be told when, unless somebody responds before: the manager, and the backup as much later again.

    Whoever is unknown, has left or is away then is passed over: without a manager the backup is told at once, and
    without either, the fallback; nobody twice. It depends on nothing but its arguments, so any process may look,
    whenever it does; empty where `member` never works so much again. `member` is whom the alert was for; None: no
    single person.
    """
    if was.waits is None:
        return ()
    phase, since = was.waits
    due = clock.due(since, member)
    if due is None:
        return ()
    first = _first_of(("manager", "backup"), member, team, due)
    if first is None:
        return (Lateness(phase, "fallback", None, due, since),)
    told = Lateness(phase, *first, due, since)
    later = clock.due(due, member)
    second = None if later is None else _first_of(("backup",), member, team, later)
    if later is None or second is None or second[1] == told.name:
        return (told,)
    return told, Lateness(phase, *second, later, since)


def _first_of(
    roles: Sequence[Literal["manager", "backup"]], member: TeamMember | None, team: Team, due: int
) -> tuple[ToldTo, str] | None:
    """The first of these who is there at `due` (ms), and is not `member`."""
    if member is None:
        return None
    for role in roles:
        name = member.manager if role == "manager" else member.backup
        found = None if name is None else present(team, name, due, [], None)
        if found is not None and found.name != member.name and not found.is_away(found.today(due)):
            return role, found.name
    return None


def response_to(
    alerted_at: int, actions: Sequence[LoggedAction], now: int, activity_at: int | None = None
) -> Response | None:
    """What became of an alert of `alerted_at` until `now` (ms); None where the account was claimed already.

    `actions` are those of the account, oldest first; `activity_at` (ms) is when sales were last active, as the CRM
    says. An activity at midnight UTC may have been at any hour of that day. One that is still to come is none yet: a
    CRM may tell the day of the next meeting.
    """
    taken = [one for one in actions if one.now <= now]
    held = False
    for one in taken:
        if one.now <= alerted_at and one.action.action in {CLAIM, RELEASE}:
            held = one.action.action == CLAIM and (held or alerted_at < (one.action.until or _FOR_EVER))
    if held:
        return None
    after = [one for one in taken if one.now > alerted_at]
    claimed_at = _first(after, {CLAIM}, alerted_at)
    touched_at = _first(after, {DISPOSITION}, claimed_at or alerted_at)
    if touched_at is None and activity_at is not None and activity_at <= now and _latest(activity_at) >= alerted_at:
        touched_at = max(_latest(activity_at), claimed_at or alerted_at)
    closed_at = _first(after, ANSWERS - {CLAIM, DISPOSITION}, alerted_at)
    turns = [one for one in after if one.action.action in {CLAIM, RELEASE}]
    released_at = turns[-1].now if turns and turns[-1].action.action == RELEASE else None
    return Response(alerted_at, claimed_at, touched_at, closed_at, released_at)


def _first(actions: Sequence[LoggedAction], names: set[str] | frozenset[str], after: int) -> int | None:
    return next((one.now for one in actions if one.action.action in names and one.now > after), None)


def _latest(activity_at: int) -> int:
    return activity_at if activity_at % DAY else activity_at + DAY - 1
