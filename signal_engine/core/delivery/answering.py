"""Who answers for an account at an instant: the claimer, its SDR or owner, or whoever stands in for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from signal_engine.core.actions.action import MUTE
from signal_engine.core.actions.in_force import NOTHING, Hiding, InForce
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.patience import Patience
from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.core.delivery.team import Team, TeamMember

AskedAs = Literal["claimer", "sdr", "owner", "nobody"]
"""Why somebody is asked first; `nobody`: the alert is for triage, or its account has neither SDR nor owner."""
TurnReason = Literal[
    "unknown", "unnamed", "left", "leaves", "no_successor", "away", "never_works", "muted", "no_backup"
]
"""Why an alert does not simply go to whoever is asked first. `leaves`: before what waits would be sent."""


class ActionsSeen(NamedTuple):
    """What people have done about an account, as delivery needs it."""

    claimed_by: str | None = None
    """E-mail of who has claimed it now."""
    mutes: Mapping[str, int] = {}
    """E-mail in lower case -> the instant (ms) until which that person wants no alert of it."""
    in_force: InForce = NOTHING
    """What is in force now."""
    taken: tuple[LoggedAction, ...] = ()
    """The latest actions up to now, oldest first."""
    quiet: bool = False
    """Whether the account is hot no more."""
    active_at: int | None = None
    """When (ms) sales were last active, as a CRM says; None: nobody knows."""
    read_at: int | None = None
    """When (ms) the last reading of a CRM for that began; None: none is read."""

    @property
    def hidden(self) -> Hiding | None:
        """Why the account is hidden as a whole; None when it is not."""
        return self.in_force.hidden

    def is_muted(self, member: TeamMember, now: int) -> bool:
        """Whether `member` wants none at `now`."""
        return now < self.mutes.get(member.email, now)


class Turn(NamedTuple):
    """One turn that the way to a person takes."""

    reason: TurnReason
    name: str
    """Whose: a name, or an e-mail address; empty where nobody is named."""


class Answering(NamedTuple):
    """Who gets an alert."""

    asked: AskedAs
    member: TeamMember | None
    """None: no person."""
    turns: tuple[Turn, ...] = ()
    """In order."""
    muted: bool = False
    """The person wants none: what would reach them alone is not sent."""
    away: bool = False
    """The person is away, and nobody stands in: what would reach them alone waits."""


class _Asking(NamedTuple):
    """Everything that the question depends on."""

    team: Team
    seen: ActionsSeen
    now: int
    """ms."""
    patience: Patience | None
    """What the alert waits for; None: it may not wait, also not for somebody's return."""
    mutable: bool
    """Whether somebody may have muted it; a hand raise needs an answer from somebody."""
    to_backup: bool
    """Whether it goes to the backup of somebody who is away."""


def answering(
    alert: RoutedAlert,
    team: Team,
    seen: ActionsSeen,
    now: int,
    *,
    patience: Patience | None,
    mutable: bool,
    to_backup: bool,
) -> Answering:
    """Who answers at `now` (ms). What does not wait goes to a backup or to nobody, never to later.

    What is not `mutable` goes to the backup of whoever muted it.
    """
    asked, name = _first_asked(alert, seen)
    if asked == "nobody":
        return Answering(asked, None, () if alert.audience == "triage" else (Turn("unnamed", ""),))
    turns: list[Turn] = []
    member = present(team, name, now, turns, patience)
    if member is None:
        return Answering(asked, None, tuple(turns))
    return _free(member, _Asking(team, seen, now, patience, mutable, to_backup), asked, turns)


def _first_asked(alert: RoutedAlert, seen: ActionsSeen) -> tuple[AskedAs, str]:
    if seen.claimed_by is not None:
        return "claimer", seen.claimed_by
    if alert.audience == "sdr" and (caller := alert.sdr or alert.owner):
        return "sdr", caller
    if alert.audience == "owner" and alert.owner:
        return "owner", alert.owner
    return "nobody", ""


def present(team: Team, name: str, now: int, turns: list[Turn], patience: Patience | None) -> TeamMember | None:
    """The person with this name or, once they have left, whoever has come after them; None where nobody has.

    Whoever leaves before the end of `patience` counts as gone. `turns` gets why it is somebody else.
    """
    member = team.named(name)
    if member is None:
        turns.append(Turn("unknown", name))
        return None
    met = {member.name}
    while (reason := _gone(member, now, patience)) is not None:
        turns.append(Turn(reason, member.name))
        after = None if member.successor is None else team.named(member.successor)
        if after is None or after.name in met:
            turns.append(Turn("no_successor", member.name))
            return None
        met.add(after.name)
        member = after
    return member


def _gone(member: TeamMember, now: int, patience: Patience | None) -> Literal["left", "leaves"] | None:
    if member.has_left(now):
        return "left"
    ends = None if patience is None else patience.ends(member, now)
    return "leaves" if ends is not None and member.has_left(ends) else None


def _free(first: TeamMember, asking: _Asking, asked: AskedAs, turns: list[Turn]) -> Answering:
    """`first`, unless they are away or want none: then, by what the alert allows, a backup, nobody, or later."""
    reason = _hindrance(first, asking)
    if reason is None:
        return Answering(asked, first, tuple(turns))
    turns.append(Turn(reason, first.name))
    if reason == "muted" and asking.mutable:
        return Answering(asked, first, tuple(turns), muted=True)
    if asking.to_backup or asking.patience is None:
        for backup in _backups(first, asking, turns):
            if (reason := _hindrance(backup, asking)) is None:
                return Answering(asked, backup, tuple(turns))
            turns.append(Turn(reason, backup.name))
        turns.append(Turn("no_backup", first.name))
    if asking.patience is not None:
        return Answering(asked, first, tuple(turns), away=True)
    return Answering(asked, None, tuple(turns))


def _hindrance(member: TeamMember, asking: _Asking) -> Literal["away", "never_works", "muted"] | None:
    if asking.seen.is_muted(member, asking.now):
        return "muted"
    if member.is_away(member.today(asking.now)):
        return "away"
    never = asking.patience is not None and asking.patience.ends(member, asking.now) is None
    return "never_works" if never else None


def _backups(first: TeamMember, asking: _Asking, turns: list[Turn]) -> Iterator[TeamMember]:
    """The backup, the backup's backup and so on, each once."""
    met, member = {first.name}, first
    while member.backup is not None:
        after = present(asking.team, member.backup, asking.now, turns, asking.patience)
        if after is None or after.name in met:
            return
        met.add(after.name)
        yield after
        member = after


def actions_seen(in_force: InForce, taken: Iterable[LoggedAction], now: int, *, quiet: bool = False) -> ActionsSeen:
    """What delivery needs of the actions in force for an account and of those `taken` up to `now` (ms).

    `quiet`: the account is hot no more.
    """
    left = in_force.at(now)
    known = tuple(sorted((one for one in taken if one.now <= now), key=lambda one: one.now))
    mutes = {
        one.action.by.casefold(): one.action.until
        for one in known
        if one.action.action == MUTE and one.action.until is not None
    }
    return ActionsSeen(None if left.claim is None else left.claim.by, mutes, left, known, quiet)
