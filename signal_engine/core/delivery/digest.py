"""A person's digest: what has changed on a list since the last one, and when the next one is due."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final, Literal, NamedTuple

from signal_engine.core.delivery.routes import DigestTime
from signal_engine.core.delivery.team import TeamMember, instant_of
from signal_engine.core.rules.instants import SECOND

_DAYS_OF_A_WEEK: Final = 7
_LATE_MS: Final = 6 * 3_600 * SECOND
"""How long (ms) after its time a digest is still sent; after that the next one tells it all."""
_BUSY_MS: Final = 120 * SECOND
"""How long (ms) whoever began to send a digest is left alone: no attempt takes longer."""
MAX_PLACES: Final = 500
"""Accounts of a person's list that are compared with the next digest."""

SendState = Literal["sending", "sent", "retry", "failed", "uncertain"]
"""`sending` is written before anything is sent; `uncertain`: whoever wrote it never came back."""


class Moves(NamedTuple):
    """What has changed between two lists of accounts, best first. Each account is in one of these at most."""

    entered: tuple[str, ...]
    """By place now."""
    left: tuple[str, ...]
    """By place before."""
    up: tuple[str, ...]
    """By place now, like `down`."""
    down: tuple[str, ...]

    @property
    def any(self) -> bool:
        """Whether anything has changed."""
        return bool(self.entered or self.left or self.up or self.down)


def moves(before: Sequence[str], now: Sequence[str]) -> Moves:
    """What has changed from the accounts `before` to those `now`.

    Up and down are told among those that stayed: whoever only closed the gap of one that left has not moved.
    """
    came, went = set(now) - set(before), set(before) - set(now)
    stayed_before = {account: place for place, account in enumerate(one for one in before if one not in went)}
    stayed_now = [one for one in now if one not in came]
    return Moves(
        entered=tuple(one for one in now if one in came),
        left=tuple(one for one in before if one in went),
        up=tuple(one for place, one in enumerate(stayed_now) if place < stayed_before[one]),
        down=tuple(one for place, one in enumerate(stayed_now) if place > stayed_before[one]),
    )


def due_instant(time: DigestTime, member: TeamMember, now: int) -> int | None:
    """The instant (ms) at which the digest was due that may be sent to `member` at `now` (ms); None: there is none.

    Nobody gets a daily one on a day on which they do not work, nor any after their last day.
    """
    if member.has_left(now):
        return None
    today = member.today(now)
    if time.weekday is None:  # one of late in the evening is still sent after midnight
        days = [day for day in (today, today - timedelta(days=1)) if member.works_on(day)]
    else:
        days = [today - timedelta(days=(today.weekday() - time.weekday) % _DAYS_OF_A_WEEK)]
    instants = (instant_of(day, time.minute, member.zone) for day in days)
    return next((due for due in instants if due <= now < due + _LATE_MS), None)


class SentBefore(NamedTuple):
    """What is kept of the digests of one person at one destination."""

    due: int
    """ms: of the latest one that was begun."""
    state: SendState
    began: int
    """ms: when its latest attempt began."""
    at: int | None
    """ms: of the one that counts as read; None if none was sent yet."""
    accounts: tuple[str, ...]
    """On the list then, best first."""


def may_send(
    kept: SentBefore | None, due: int, now: int, *, idempotent: bool, since: int
) -> Literal["send", "skip", "uncertain"]:
    """What to do at `now` (ms) about the digest that was due at `due` (ms).

    An attempt whose end nobody knows is made again only where the receiver knows the digest by its id (`idempotent`).
    Where nothing is kept of anybody from before `since` (ms), a digest due before it may have been sent: also the
    receivers that know one by its id would be told another list under it.
    """
    if kept is None:
        return "uncertain" if due < since else "send"
    if kept.due < due:
        return "send"
    if kept.due > due or kept.state in {"sent", "failed", "uncertain"}:
        return "skip"
    if kept.state == "retry":
        return "send"
    if now - kept.began < _BUSY_MS:
        return "skip"
    return "send" if idempotent else "uncertain"


def places(accounts: Sequence[str]) -> Mapping[str, int]:
    """Account -> place, from 1."""
    return {account: place for place, account in enumerate(accounts, 1)}
