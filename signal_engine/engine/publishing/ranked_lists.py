"""Lists: the accounts that fit and are in-market, ranked, at one instant."""

from collections.abc import Sequence
from typing import NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, Candidate, Ordered, candidate, listed_by, order
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import Score


class Ranked(NamedTuple):
    """The accounts that qualify for one list, in order; the list is the first `size` of them."""

    name: str
    places: list[Ordered]
    size: int

    @property
    def listed(self) -> list[Ordered]:
        """The accounts on the list, best first."""
        return self.places[: self.size]

    def ranks(self) -> dict[str, int]:
        """Account -> rank (1..) of those on the list."""
        return {place.candidate.account: rank for rank, place in enumerate(self.listed, 1)}

    def rank_of(self, account: str) -> int | None:
        """The account's rank among all that qualify, also below the cut."""
        return next((rank for rank, p in enumerate(self.places, 1) if p.candidate.account == account), None)


class ListBuilder:
    """Collects the accounts of every list at one instant."""

    def __init__(self, icps: Sequence[str], policy: Policy) -> None:
        self._policy = policy
        self._found: dict[str, list[Candidate]] = {name: [] for name in (ALL, *icps)}

    def add(self, name: str, account: Account, score: Score, fit: Fit | None) -> None:
        """Put an account on the lists that it qualifies for; its level must be that of the instant of `score`."""
        self.put(self.places(name, account, score, fit))

    def places(self, name: str, account: Account, score: Score, fit: Fit | None) -> dict[str, Candidate]:
        """List -> the account's place on it."""
        if fit is None:
            return {}
        found = ((one, candidate(name, account, score, listed_by(fit, one), fit, self._policy)) for one in self._found)
        return {one: place for one, place in found if place is not None}

    def put(self, places: dict[str, Candidate]) -> None:
        """Put an account at the given places, as from `places`."""
        for listed, place in places.items():
            self._found[listed].append(place)

    def ranked(self) -> dict[str, Ranked]:
        """Every list, in order."""
        size = self._policy.lists.size
        return {name: Ranked(name, order(found, size), size) for name, found in self._found.items()}
