"""What a person works on: whose an account of a list is, and where the list is longer than a week."""

from collections.abc import Iterable
from typing import NamedTuple

from signal_engine.core.delivery.answering import present
from signal_engine.core.delivery.team import Team, TeamMember


class ListedAccount(NamedTuple):
    """An account of a list, reduced to what focus depends on."""

    account: str
    pinned: bool
    """By a hand raise that nobody has answered."""
    claimed_by: str | None
    """E-mail of whoever has claimed it."""
    sdr: str | None
    owner: str | None


class FocusList(NamedTuple):
    """The accounts of one person, in the order of the list; `above` and `below` the line."""

    above: tuple[str, ...]
    below: tuple[str, ...] = ()
    claims: int = 0
    """Accounts of the list that the person has claimed."""


def held_by(one: ListedAccount, team: Team, now: int) -> TeamMember | None:
    """Whose account it is at `now` (ms): the claimer's, else its SDR's, else its owner's, or their successor's.

    None where that is nobody of the team. Absence changes nothing: a backup answers alerts, and takes over no list.
    """
    name = one.claimed_by or one.sdr or one.owner
    return None if name is None else present(team, name, now, [], None)


def focus_list(listed: Iterable[ListedAccount], person: TeamMember, team: Team, now: int) -> FocusList:
    """The focus list of `person` out of a list in its order, at `now` (ms).

    Above the line: what is pinned, what the person has claimed, and the first accounts of the rest until the week's
    capacity less the claims is used up. Without a capacity there is no line.
    """
    mine = [one for one in listed if held_by(one, team, now) == person]
    claims = sum(_is_claim(one) for one in mine)
    if person.capacity is None:
        return FocusList(tuple(one.account for one in mine), (), claims)
    room = max(0, person.capacity - claims)
    above: list[str] = []
    below: list[str] = []
    for one in mine:
        if one.pinned or _is_claim(one):
            above.append(one.account)
        elif room:
            room -= 1
            above.append(one.account)
        else:
            below.append(one.account)
    return FocusList(tuple(above), tuple(below), claims)


def _is_claim(one: ListedAccount) -> bool:
    """Of an account that is somebody's: whether by a claim, their own or that of whom they succeed."""
    return one.claimed_by is not None
