"""The state of one account: all that its events left behind, folded and bounded.

A signal is folded into its facet by one addition, whatever its age, because the sum of a facet is kept as of a
reference instant: points * 2**((t - ref) / half_life) is what the signal weighs there (forward decay: Cormode,
Shkapenyuk, Srivastava, Xu, ICDE 2009). So order does not matter, and waiting costs nothing.
"""

from functools import partial
from typing import Final, Literal, NamedTuple, Protocol

from signal_engine.core.instants import BEGINNING
from signal_engine.core.policy import KindPolicy
from signal_engine.core.remembered import RememberedIds

Level = Literal["cold", "warm", "hot"]
COLD: Final = "cold"
WARM: Final = "warm"
HOT: Final = "hot"

EVIDENCE_KEPT: Final = 3
"""Strongest signals kept per kind: all of a kind decay alike, so which are strongest never changes with time."""

PEOPLE_KEPT: Final = 10
"""Personas kept per account, newest first."""

FORGET_FACET_BELOW: Final = 1e-13
"""Points (S) below which a facet is forgotten. scoring.md allows 1e-6, but accounts that tie but for old signals would
change places, and a level would end seconds off its time; at 1e-13 it is the last bits that are forgotten."""

FORGET_KIND_BELOW: Final = 1e-9
"""Points (sum of S) below which a sweep forgets a kind; scoring.md allows 1e-3."""

_RENORMALISE_AFTER: Final = 24.0
"""Half-lives from the reference instant after which it moves up: 2**24 keeps every bit of a double."""


class Evidence(NamedTuple):
    """A signal that is kept to explain a score."""

    weight: float
    """log2(points) + t / half_life: compares the strength of two signals of a kind at any instant."""
    occurred_at: int
    """ms."""
    event_id: str
    text: str
    """One line of at most 160 characters, without personal fields."""
    source_url: str | None

    def points(self, at: int, half_life: int) -> float:
        """What the signal is worth at `at` (ms), before facets and kinds saturate."""
        return float(2.0 ** (self.weight - at / half_life))


new_evidence: Final = partial(tuple.__new__, Evidence)
"""What `Evidence(...)` does, of a sequence of its fields, at half the price: one is made for nearly every event."""


class StoredEvidence(Protocol):
    """The evidence of a kind in the form in which it is stored. What that is, is for whoever stores it to know."""

    def read(self) -> tuple[Evidence, ...]:
        """The evidence, strongest first."""


class KindState:
    """What one kind's signals add up to."""

    __slots__ = ("_evidence", "facets", "most", "ref", "stored")

    def __init__(
        self,
        ref: int,
        facets: dict[str, float],
        evidence: tuple[Evidence, ...] = (),
        most: float | None = None,
        stored: StoredEvidence | None = None,
    ) -> None:
        self.ref = ref
        """The instant (ms) as of which the facets' points are kept."""
        self.facets = facets
        """Facet -> S[k,f](ref), in points."""
        self._evidence = evidence if stored is None else None
        self.stored = stored
        """The evidence as it is stored; None when it has changed since. Read when somebody asks: most signals touch one
        kind of an account, and no score needs evidence."""
        self.most = most
        """This kind's share of the account's `bound`: at least K at its `now`. Not stored; None when unknown."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The signals that are kept, strongest first."""
        kept = self._evidence
        if kept is None:
            kept = self._evidence = self.stored.read() if self.stored is not None else ()
        return kept

    @evidence.setter
    def evidence(self, evidence: tuple[Evidence, ...]) -> None:
        self._evidence, self.stored = evidence, None

    def store_evidence(self, stored: StoredEvidence) -> None:
        """Keeps the evidence in the form in which it is stored alone, which takes less memory."""
        self.stored, self._evidence = stored, None

    def add(self, policy: KindPolicy, facet: str, points: float, at: int) -> None:
        """Folds one signal of `points` that counts from `at` (ms) into its facet."""
        age = (at - self.ref) / policy.half_life
        if age > _RENORMALISE_AFTER:
            self.renormalise(policy, at)
            age = 0.0
        self.facets[facet] = self.facets.get(facet, 0.0) + points * 2.0**age
        if self.most is not None:
            self.most += points

    def renormalise(self, policy: KindPolicy, at: int) -> None:
        """Moves the reference instant up to `at` (ms) and forgets the facets that have decayed to nothing."""
        decay = 2.0 ** ((self.ref - at) / policy.half_life)
        self.facets = {facet: s * decay for facet, s in self.facets.items() if s * decay >= FORGET_FACET_BELOW}
        self.ref = at

    def place(self, weight: float, event_id: str) -> int:
        """The place (0 is strongest) of a signal among the kept ones; it does not depend on the order of arrival."""
        place = 0
        for kept in self.evidence:  # the newest is mostly the strongest, so this mostly ends at once
            if weight > kept.weight or (weight == kept.weight and event_id < kept.event_id):
                break
            place += 1
        return place

    def keep(self, place: int, evidence: Evidence) -> None:
        """Keeps a signal at its place, and of all the strongest few."""
        kept = self.evidence
        self.evidence = (*kept[:place], evidence, *kept[place : EVIDENCE_KEPT - 1])


class Account:
    """One company's state. Mutable, and only `flow.py` and what it calls change it."""

    __slots__ = (
        "alerted",
        "bound",
        "bound_by",
        "episode",
        "episode_began",
        "hand_raised_at",
        "holds_until",
        "ids",
        "kinds",
        "last_alert_at",
        "last_alert_kinds",
        "last_signal_at",
        "level",
        "named",
        "now",
        "people",
        "previous_level",
        "since",
    )

    def __init__(self) -> None:
        self.now = BEGINNING
        """The last instant (ms) at which this account was decided; it is never evaluated before."""
        self.kinds: dict[str, KindState] = {}
        self.bound = 0.0
        """At least the sum of all K at `now`: lets most events pass without scoring."""
        self.bound_by = 0
        """The stamp of the policy by which the bound holds; under any other the account has to be scored."""
        self.ids = RememberedIds()
        self.people: dict[str, int] = {}
        """Persona -> when last seen (ms)."""
        self.last_signal_at: int | None = None
        self.level: Level = COLD
        self.previous_level: Level | None = None
        self.holds_until = BEGINNING
        """The level cannot end before this instant (ms), whatever comes: lets most events pass without looking. Not
        stored; with no look yet, `BEGINNING`."""
        self.since: int | None = None
        """When the level began (ms); None while it has never changed."""
        self.episode = 0
        """How often the account became hot; the number of the latest episode."""
        self.episode_began = 0
        self.alerted = False
        """Whether the latest episode has alerted."""
        self.named: frozenset[str] = frozenset()
        """The kinds that alerts of the latest episode named."""
        self.last_alert_at: int | None = None
        self.last_alert_kinds: frozenset[str] = frozenset()
        self.hand_raised_at: int | None = None

    def enter(self, level: Level, at: int) -> None:
        """Changes the level at `at` (ms); a rise to hot begins a new episode, with no kind named."""
        self.previous_level, self.level, self.since = self.level, level, at
        self.holds_until = BEGINNING
        if level == HOT:
            self.episode += 1
            self.episode_began = at
            self.alerted = False
            self.named = frozenset()

    def meet(self, persona: str, at: int) -> None:
        """Remembers a persona as seen at `at` (ms); the newest few are kept, whatever the order of arrival."""
        self.people[persona] = max(at, self.people.get(persona, at))
        if len(self.people) > PEOPLE_KEPT:
            del self.people[min(self.people, key=lambda p: (self.people[p], p))]
