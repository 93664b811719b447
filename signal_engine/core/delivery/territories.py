"""Who gets an account that has no SDR: somebody of a territory's pool, drawn by capacity.

Each account draws for itself, by a hash of its own name and each person's (weighted rendezvous hashing): it is the
same person in every process and in any order, shares follow the weights, and when somebody joins or leaves, only the
accounts that they get or had change hands.
"""

from collections.abc import Mapping, Sequence
from math import log
from typing import Any, Final, NamedTuple

from xxhash import xxh3_64_intdigest

from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.core.rules.instants import days
from signal_engine.core.rules.predicates import Predicate

KEPT_FOR: Final = days(90)
"""ms for which an assignment by territory stays, whoever joins the pool meanwhile."""
_HASHES: Final = 1 << 64


class Territory(NamedTuple):
    """A pool of people for the accounts for which all conditions hold."""

    when: tuple[Predicate, ...]
    pool: tuple[str, ...]
    """Names."""

    def takes(self, fields: Mapping[str, Any]) -> bool:
        """Whether an account with these fields is of the territory; not where a field is missing or unreadable."""
        return all(predicate.answer(fields) is True for predicate in self.when)


class Assignment(NamedTuple):
    """Who gets an account."""

    territory: int
    """Place in the file, from 0."""
    member: TeamMember


def assigned(
    account: str, fields: Mapping[str, Any], territories: Sequence[Territory], team: Team, now: int
) -> Assignment | None:
    """Who gets the account at `now` (ms); None where no territory takes it, or nobody of its pool is there any more."""
    taken = next((number for number, one in enumerate(territories) if one.takes(fields)), None)
    if taken is None:
        return None
    there = {
        name: member
        for name in territories[taken].pool
        if (member := team.named(name)) is not None and not member.has_left(now)
    }
    if not there:
        return None
    unknown = weight_of_others(team, territories[taken].pool) or 1.0
    drawn = max(there, key=lambda name: (_drawn(account, there[name], unknown), name))
    return Assignment(taken, there[drawn])


def weight_of_others(team: Team, pool: Sequence[str]) -> float | None:
    """Accounts a week by which those of the pool count whose capacity is not known: the mean of the others, also of
    those who have left, so that nobody's weight changes with a departure. None where nobody's is known.
    """
    members = (team.named(name) for name in pool)
    known = [one.capacity for one in members if one is not None and one.capacity is not None]
    return sum(known) / len(known) if known else None


def _drawn(account: str, member: TeamMember, unknown: float) -> float:
    """Highest wins, each with a chance in proportion to the capacity; who has none counts as `unknown`."""
    drawn = (xxh3_64_intdigest(f"{account}\n{member.email}".encode()) + 0.5) / _HASHES
    return (member.capacity or unknown) / -log(drawn)
