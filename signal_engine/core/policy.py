"""The scoring file as values (scoring.md, section 8). `laws.py` says when the engine refuses one."""

from dataclasses import dataclass, field
from typing import Final

from xxhash import xxh3_64_intdigest

from signal_engine.core.instants import DAY, HOUR, days
from signal_engine.core.kinds import KINDS
from signal_engine.core.rulebook import Rule, Rulebook

EXPIRES_AFTER_HALF_LIVES: Final = 6
"""An event older than this many half-lives of its kind is expired on arrival."""

REMEMBERED_IDS: Final = 1_024
"""How many event ids an account remembers, unless the settings say otherwise."""


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """How signals of one kind count."""

    kind: str
    half_life_days: float
    cap: float
    """The most points this kind can ever give."""
    facet: str
    """The field whose values saturate one by one: topic, persona, department, ..."""
    facet_cap: float
    rules: tuple[Rule, ...]
    half_life: int = field(init=False)
    """In ms."""
    expires_after: int = field(init=False)
    """In ms of age at `now`."""
    rulebook: Rulebook = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "half_life", days(self.half_life_days))
        object.__setattr__(self, "rulebook", Rulebook(self.rules))
        object.__setattr__(self, "expires_after", days(EXPIRES_AFTER_HALF_LIVES * self.half_life_days))


@dataclass(frozen=True, slots=True)
class Stack:
    """Several live kinds multiply."""

    live_floor: float = 1.0
    """Points from which a kind counts as live."""
    multipliers: tuple[float, ...] = (1.0, 1.15, 1.3, 1.4)
    """For 1, 2, 3, ... live kinds; the last one holds for more."""

    def multiplier(self, live: int) -> float:
        """The factor for `live` live kinds; 1 when nothing is live."""
        return self.multipliers[min(live, len(self.multipliers)) - 1] if live else 1.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a level begins and, lower, where it ends: in between, an account stays what it was."""

    enter: float
    exit: float
    min_kinds: int


@dataclass(frozen=True, slots=True)
class Levels:
    """Scores in 0..100."""

    hot: Threshold = Threshold(60.0, 50.0, 2)
    warm: Threshold = Threshold(35.0, 28.0, 1)


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """How often people may be called."""

    cooldown_days: float = 14.0
    hand_raise_hours: float = 24.0

    @property
    def cooldown(self) -> int:
        """In ms."""
        return round(self.cooldown_days * DAY)

    @property
    def hand_raise_pause(self) -> int:
        """In ms."""
        return round(self.hand_raise_hours * HOUR)


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """Which accounts a list holds, and how much a tier weighs in their order."""

    size: int = 200
    min_score: float = 20.0
    tier_weight: dict[str, float] = field(default_factory=lambda: {"A": 1.0, "B": 0.85, "C": 0.7})


@dataclass(frozen=True, slots=True)
class Policy:
    """One scoring file in force."""

    version: int
    kinds: dict[str, KindPolicy]
    """In the order of `kinds.KINDS`; a kind left out is ignored."""
    stack: Stack = Stack()
    levels: Levels = Levels()
    alerts: AlertPolicy = AlertPolicy()
    lists: ListPolicy = field(default_factory=ListPolicy)
    quiet_below: dict[str, tuple[float, ...]] = field(init=False, repr=False, compare=False)
    """Level -> by the number of kinds that an account has signals of, the sum of K below which no multiplier can lift
    it to the next level."""
    unlisted_below: tuple[float, ...] = field(init=False, repr=False, compare=False)
    """By the same number, the sum of K below which no multiplier can lift it onto a list."""
    stamp: int = field(init=False, repr=False, compare=False)
    """Tells policies apart by which the same signals give other points, as bounds hold for one only. Below 2**53."""

    def __post_init__(self) -> None:
        # A file whose multipliers are empty or zero is refused, but first it has to become a value that can be judged.
        highest = [(self.stack.multiplier(k) if self.stack.multipliers else 1.0) or 1.0 for k in range(len(KINDS) + 1)]
        thresholds = {"cold": self.levels.warm.enter, "warm": self.levels.hot.enter, "hot": 0.0}
        quiet = {level: tuple(at / multiplier for multiplier in highest) for level, at in thresholds.items()}
        object.__setattr__(self, "quiet_below", quiet)
        object.__setattr__(self, "unlisted_below", tuple(self.lists.min_score / multiplier for multiplier in highest))
        saturation = [(kind.kind, kind.half_life, kind.cap, kind.facet_cap) for kind in self.kinds.values()]
        object.__setattr__(self, "stamp", xxh3_64_intdigest(repr(saturation).encode()) >> 11)
