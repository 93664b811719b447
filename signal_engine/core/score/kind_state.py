"""The state of one kind in an account: sums of points by facet, and the kept evidence.

A signal of any age is folded into its facet by one addition, because the sum of a facet is kept as of a reference
instant `ref`, at which the signal weighs points * 2**((t - ref) / half_life) (forward decay: Cormode, Shkapenyuk,
Srivastava, Xu, ICDE 2009). So order does not matter, and waiting costs nothing.
"""

from functools import partial
from typing import Final, NamedTuple, Protocol

from signal_engine.core.rules.policy import KindPolicy

STRONGEST_KEPT: Final = 3
"""Strongest signals kept per kind: all of a kind decay alike, so their order never changes. The newest signal is kept
in addition."""

FORGET_FACET_BELOW_POINTS: Final = 1e-13
"""Points (S) below which a facet is forgotten. scoring.md allows 1e-9, but then near ties would change places and
levels would end seconds off; below 1e-13 only the last bits are lost."""

FORGET_KIND_BELOW_POINTS: Final = 1e-9
"""Points (sum of S) below which garbage collection forgets a kind; scoring.md allows 1e-3."""

_RENORMALISE_AFTER_HALF_LIVES: Final = 24.0
"""Half-lives after which the reference instant moves up: 2**24 keeps every bit of a double."""


class Evidence(NamedTuple):
    """A signal kept to explain a score."""

    weight: float
    """log2(points) + t / half_life: orders the signals of a kind by strength at any instant."""
    occurred_at: int
    """ms."""
    event_id: str
    text: str
    """One line of at most 160 characters, without personal fields."""
    source_url: str | None
    alias: str | None = None
    """The domain that the event named, if that is an alias of the account."""

    def points(self, at: int, half_life: int) -> float:
        """What the signal is worth at `at` (ms), before facets and kinds saturate."""
        return float(2.0 ** (self.weight - at / half_life))


new_evidence: Final = partial(tuple.__new__, Evidence)
"""`Evidence(...)` from a sequence of its fields at half the cost, since nearly every event creates one."""


class StoredEvidence(Protocol):
    """The evidence of a kind in its stored form, which only the storage knows."""

    def read(self) -> tuple[Evidence, ...]:
        """The evidence, strongest first."""


class KindState:
    """The folded signals of one kind."""

    __slots__ = ("_evidence", "facets", "ref", "stored", "upper_bound")

    def __init__(
        self,
        ref: int,
        facets: dict[str, float],
        evidence: tuple[Evidence, ...] = (),
        upper_bound: float | None = None,
        stored: StoredEvidence | None = None,
    ) -> None:
        self.ref = ref
        """The instant (ms) as of which the facets' points are kept."""
        self.facets = facets
        """Facet -> S[k,f](ref), in points."""
        self._evidence = evidence if stored is None else None
        self.stored = stored
        """The evidence in stored form; None if it has changed since. Decoded on demand: most signals touch one kind of
        an account, and no score needs evidence."""
        self.upper_bound = upper_bound
        """This kind's share of the account's `bound`: at least K at its `now`. Not stored; None if unknown."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The kept signals: the strongest, strongest first, then the newest if it is not among them."""
        kept = self._evidence
        if kept is None:
            kept = self._evidence = self.stored.read() if self.stored is not None else ()
        return kept

    @evidence.setter
    def evidence(self, evidence: tuple[Evidence, ...]) -> None:
        self._evidence, self.stored = evidence, None

    def store_evidence(self, stored: StoredEvidence) -> None:
        """Keep the evidence only in its stored form, which takes less memory."""
        self.stored, self._evidence = stored, None

    def add(self, policy: KindPolicy, facet: str, points: float, at: int) -> None:
        """Fold a signal of `points` that counts from `at` (ms) into its facet."""
        age = (at - self.ref) / policy.half_life
        if age > _RENORMALISE_AFTER_HALF_LIVES:
            self.renormalise(policy, at)
            age = 0.0
        self.facets[facet] = self.facets.get(facet, 0.0) + points * 2.0**age
        if self.upper_bound is not None:
            self.upper_bound += points

    def renormalise(self, policy: KindPolicy, at: int) -> None:
        """Move the reference instant up to `at` (ms) and forget facets that have decayed to nothing."""
        decay = 2.0 ** ((self.ref - at) / policy.half_life)
        self.facets = {facet: s * decay for facet, s in self.facets.items() if s * decay >= FORGET_FACET_BELOW_POINTS}
        self.ref = at

    def keep(self, evidence: Evidence) -> bool:
        """Keep a signal if it is among the strongest few or the newest, independently of the order of arrival.

        Returns False if it is neither.
        """
        every = (evidence, *self.evidence)
        if len(every) <= STRONGEST_KEPT:
            self.evidence = tuple(sorted(every, key=_strength))
            return True
        newest = max(every, key=_age)
        strongest = sorted(every, key=_strength)[:STRONGEST_KEPT]
        kept = tuple(strongest) if newest in strongest else (*strongest, newest)
        if evidence not in kept:
            return False
        self.evidence = kept
        return True

    def would_keep(self, weight: float, occurred_at: int, event_id: str) -> bool:
        """What `keep` would return, before the signal has its line of text."""
        kept = self.evidence
        if len(kept) < STRONGEST_KEPT:
            return True
        newest = max(kept, key=_age)
        if (occurred_at, event_id) > (newest.occurred_at, newest.event_id):
            return True
        last = kept[STRONGEST_KEPT - 1]
        return (-weight, event_id) < (-last.weight, last.event_id)


def _strength(evidence: Evidence) -> tuple[float, str]:
    return -evidence.weight, evidence.event_id


def _age(evidence: Evidence) -> tuple[int, str]:
    return evidence.occurred_at, evidence.event_id
