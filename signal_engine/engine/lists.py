"""Lists: the accounts that fit and are in the market, ranked, at one instant."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from signal_engine.core.fit import Fit
from signal_engine.core.policy import ListPolicy
from signal_engine.core.ranking import ALL, Candidate, candidate, listed_by, may_be_listed, order


class Ranked(NamedTuple):
    """All that qualify for one list, in order; the list is the first `size` of them."""

    name: str
    candidates: list[Candidate]
    size: int

    @property
    def listed(self) -> list[Candidate]:
        """The accounts on the list, best first."""
        return self.candidates[: self.size]

    def ranks(self) -> dict[str, int]:
        """Account -> rank (1..) of those on the list."""
        return {c.account: rank for rank, c in enumerate(self.listed, 1)}

    def rank_of(self, account: str) -> int | None:
        """The account's rank among all that qualify, also below the cut."""
        return next((rank for rank, c in enumerate(self.candidates, 1) if c.account == account), None)


class ListBuilder:
    """Gathers the accounts of every list at one instant."""

    def __init__(self, icps: Sequence[str], policy: ListPolicy) -> None:
        self._policy = policy
        self._found: dict[str, list[Candidate]] = {name: [] for name in (ALL, *icps)}

    def add(self, account: str, fit: Fit | None, raw: float, score: float) -> None:
        """Puts an account with its raw and its capped score on the lists that it qualifies for."""
        if score < self._policy.min_score:
            return
        for name, found in self._found.items():
            decision = listed_by(fit, name)
            if decision is not None and may_be_listed(fit, decision):
                found.append(candidate(account, raw, decision, self._policy))

    def add_silent(self, fits: Mapping[str, Fit], heard: set[str]) -> None:
        """With `min_score: 0` a list holds every chased account, also those that never gave a signal."""
        if self._policy.min_score <= 0:
            for account, fit in fits.items():
                if account not in heard:
                    self.add(account, fit, 0.0, 0.0)

    def ranked(self) -> dict[str, Ranked]:
        """Every list, in order."""
        return {name: Ranked(name, order(found), self._policy.size) for name, found in self._found.items()}
