"""The state of one account: all that its events left behind, folded and bounded.

A signal is folded into its facet by one addition, whatever its age, because the sum of a facet is kept as of a
reference instant: points * 2**((t - ref) / half_life) is what the signal weighs there (forward decay: Cormode,
Shkapenyuk, Srivastava, Xu, ICDE 2009). So order does not matter, and waiting costs nothing.
"""

from functools import partial
from typing import Final, NamedTuple, Protocol

from signal_engine.core.instants import BEGINNING
from signal_engine.core.policy import COLD, HOT, KindPolicy, Level
from signal_engine.core.remembered import RememberedIds

STRONGEST_KEPT: Final = 3
"""Strongest signals kept per kind: all of a kind decay alike, so which are strongest never changes with time. The
newest is kept beside them, where it is none of them."""

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
        """The evidence as it is stored; None when it has changed since. Read when somebody asks: most signals touch one
        kind of an account, and no score needs evidence."""
        self.upper_bound = upper_bound
        """This kind's share of the account's `bound`: at least K at its `now`. Not stored; None when unknown."""

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The signals that are kept: the strongest, strongest first, then the newest where it is none of them."""
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
        if self.upper_bound is not None:
            self.upper_bound += points

    def renormalise(self, policy: KindPolicy, at: int) -> None:
        """Moves the reference instant up to `at` (ms) and forgets the facets that have decayed to nothing."""
        decay = 2.0 ** ((self.ref - at) / policy.half_life)
        self.facets = {facet: s * decay for facet, s in self.facets.items() if s * decay >= FORGET_FACET_BELOW}
        self.ref = at

    @property
    def newest(self) -> Evidence | None:
        """The signal that happened last."""
        return max(self.evidence, key=_age, default=None)

    def keep(self, evidence: Evidence) -> bool:
        """Keeps a signal where it is among the strongest few or the newest; which are does not depend on the order.

        False when it is neither.
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
        """What `keep` would answer, before the signal has its line of text."""
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


class Person(NamedTuple):
    """A persona seen at an account."""

    at: int
    """When last (ms)."""
    called: str
    """What it was called then."""


class HandRaise(NamedTuple):
    """The latest hand raise that can pin an account: somebody asked to be called."""

    at: int
    """ms: when it counts from."""
    kind: str
    persona: str
    evidence: Evidence


class Account:
    """One company's state. Mutable, and only `flow.py` and what it calls change it."""

    __slots__ = (
        "alerted",
        "answered_at",
        "bound",
        "bound_by",
        "episode",
        "episode_began",
        "hand_raise",
        "hand_raised",
        "holds_until",
        "ids",
        "kinds",
        "last_alert_at",
        "last_alert_kinds",
        "last_signal_at",
        "last_trigger_at",
        "level",
        "named",
        "named_personas",
        "now",
        "people",
        "previous_level",
        "raise_applied_at",
        "since",
        "weighty_at",
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
        self.people: dict[str, Person] = {}
        """Persona -> when last seen, and as what."""
        self.last_signal_at: int | None = None
        self.weighty_at: int | None = None
        """The latest instant (ms) from which a signal of at least `live_floor` points counts: silence is since then."""
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
        """What alerts of the latest episode named as live: kinds, the buying group."""
        self.named_personas: frozenset[str] = frozenset()
        """The personas that they named."""
        self.last_alert_at: int | None = None
        self.last_alert_kinds: frozenset[str] = frozenset()
        self.hand_raised: dict[str, int] = {}
        """Persona -> when (ms) its last hand raise, or inbound, was alerted; those that limit nothing any more go."""
        self.last_trigger_at: int | None = None
        self.hand_raise: HandRaise | None = None
        self.raise_applied_at: int | None = None
        """The last instant (ms) at which a signal that can pin was applied."""
        self.answered_at: int | None = None
        """When (ms) a person last answered for the account."""

    def enter(self, level: Level, at: int) -> None:
        """Changes the level at `at` (ms); a rise to hot begins a new episode, with no kind named."""
        self.previous_level, self.level, self.since = self.level, level, at
        self.holds_until = BEGINNING
        if level == HOT:
            self.episode += 1
            self.episode_began = at
            self.alerted = False
            self.named = self.named_personas = frozenset()

    def meet(self, persona: str, called: str, at: int) -> None:
        """Remembers a persona as seen at `at` (ms); the newest few are kept, whatever the order of arrival."""
        seen = Person(at, called)
        self.people[persona] = max(seen, self.people.get(persona, seen))
        if len(self.people) > PEOPLE_KEPT:
            del self.people[min(self.people, key=lambda p: (self.people[p], p))]

    def raise_hand(self, raised: HandRaise, now: int) -> None:
        """Remembers a hand raise that was applied at `now` (ms); the latest counts, whatever the order of arrival."""
        self.raise_applied_at = max(now, self.raise_applied_at or now)
        before = self.hand_raise
        if before is None or (raised.at, raised.evidence.event_id) > (before.at, before.evidence.event_id):
            self.hand_raise = raised

    def pinned_until(self, pin: int) -> int | None:
        """The instant (ms) at which the pin ends by time, `pin` ms after the hand raise; None when there is none.

        A person who answered after the last hand raise had come in has ended it.
        """
        raised, applied = self.hand_raise, self.raise_applied_at
        if raised is None or applied is None or (self.answered_at is not None and self.answered_at > applied):
            return None
        return raised.at + pin
