"""The state of one account: everything its events left behind, folded and of limited size."""

from typing import Final, NamedTuple

from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.rules.policy import COLD, HOT, Level
from signal_engine.core.score.kind_state import Evidence, KindState
from signal_engine.core.score.remembered import RememberedIds

PEOPLE_KEPT: Final = 10
"""Most personas kept per account, newest first."""


class Person(NamedTuple):
    """A persona seen at an account."""

    at: int
    """When last seen (ms)."""
    called: str
    """Its title then."""


class HandRaise(NamedTuple):
    """The latest hand raise that can pin an account."""

    at: int
    """The instant (ms) from which it counts."""
    kind: str
    persona: str
    evidence: Evidence


class Account:
    """One company's state. Mutable; only `flow.py` and what it calls change it."""

    __slots__ = (
        "alerted",
        "answered_at",
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
        "upper_bound",
        "upper_bound_stamp",
        "weighty_at",
    )

    def __init__(self) -> None:
        self.now = BEGINNING
        """The last instant (ms) at which this account was decided; it is never evaluated before it."""
        self.kinds: dict[str, KindState] = {}
        self.upper_bound = 0.0
        """Upper bound of the sum of all K at `now`: lets most events pass without scoring."""
        self.upper_bound_stamp = 0
        """The stamp of the policy under which the bound holds; under any other the account must be scored."""
        self.ids = RememberedIds()
        self.people: dict[str, Person] = {}
        """Persona -> when last seen, and under which title."""
        self.last_signal_at: int | None = None
        self.weighty_at: int | None = None
        """The latest instant (ms) from which a signal of at least `live_floor` points counts: the start of silence."""
        self.level: Level = COLD
        self.previous_level: Level | None = None
        self.holds_until = BEGINNING
        """The level cannot end before this instant (ms), whatever comes: lets most events pass without a check. Not
        stored; `BEGINNING` before the first check."""
        self.since: int | None = None
        """When the level began (ms); None if it has never changed."""
        self.episode = 0
        """Number of times the account became hot, which numbers the latest episode."""
        self.episode_began = 0
        self.alerted = False
        """Whether the latest episode has alerted."""
        self.named: frozenset[str] = frozenset()
        """Kinds (and buying group) that alerts of the latest episode named."""
        self.named_personas: frozenset[str] = frozenset()
        """Personas that alerts of the latest episode named."""
        self.last_alert_at: int | None = None
        self.last_alert_kinds: frozenset[str] = frozenset()
        self.hand_raised: dict[str, int] = {}
        """Persona -> when (ms) its last hand raise or inbound was alerted; entries that limit nothing are removed."""
        self.last_trigger_at: int | None = None
        self.hand_raise: HandRaise | None = None
        self.raise_applied_at: int | None = None
        """The last instant (ms) at which a signal that can pin was applied."""
        self.answered_at: int | None = None
        """When (ms) a person last answered for the account."""

    def enter(self, level: Level, at: int) -> None:
        """Change the level at `at` (ms); a rise to hot begins a new episode, in which no kind is named yet."""
        self.previous_level, self.level, self.since = self.level, level, at
        self.holds_until = BEGINNING
        if level == HOT:
            self.episode += 1
            self.episode_began = at
            self.alerted = False
            self.named = self.named_personas = frozenset()

    def meet(self, persona: str, called: str, at: int) -> None:
        """Remember a persona as seen at `at` (ms); the newest few are kept, whatever the order of arrival."""
        seen = Person(at, called)
        self.people[persona] = max(seen, self.people.get(persona, seen))
        if len(self.people) > PEOPLE_KEPT:
            del self.people[min(self.people, key=lambda p: (self.people[p], p))]

    def raise_hand(self, raised: HandRaise, now: int) -> None:
        """Remember a hand raise applied at `now` (ms); the latest counts, whatever the order of arrival."""
        self.raise_applied_at = max(now, self.raise_applied_at or now)
        before = self.hand_raise
        if before is None or (raised.at, raised.evidence.event_id) > (before.at, before.evidence.event_id):
            self.hand_raise = raised

    def pinned_until(self, pin: int) -> int | None:
        """The instant (ms) at which the pin expires, `pin` ms after the hand raise; None if there is none.

        An answer after the last hand raise ends the pin.
        """
        raised, applied = self.hand_raise, self.raise_applied_at
        if raised is None or applied is None or (self.answered_at is not None and self.answered_at > applied):
            return None
        return raised.at + pin
