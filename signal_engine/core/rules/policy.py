"""The scoring file as values (scoring.md, section 8). `laws.py` rejects invalid ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from xxhash import xxh3_64_intdigest

from signal_engine.core.rules.instants import DAY, HOUR, days
from signal_engine.core.rules.kinds import ENGAGEMENT, KINDS
from signal_engine.core.rules.personas import Personas
from signal_engine.core.rules.relations import Relation
from signal_engine.core.rules.rulebook import Rule, Rulebook

FORMULA: Final = 2
"""The number of the formula of section 2: 1 saturated by an exponential, 2 by a cubic. Part of every hash."""

_EXPIRES_AFTER_HALF_LIVES: Final = 6
"""An event older than this many half-lives of its kind is expired on arrival."""

Level = Literal["cold", "warm", "hot"]
COLD: Final = "cold"
WARM: Final = "warm"
HOT: Final = "hot"
HEAT: Final[dict[Level, int]] = {COLD: 0, WARM: 1, HOT: 2}
"""Level -> its place in the order of heat; stored states and the order of lists go by it."""

REMEMBERED_IDS: Final = 1_024
"""Default number of event ids kept per account for deduplication."""


@dataclass(frozen=True, slots=True)
class KindPolicy:
    """How signals of one kind count."""

    kind: str
    half_life_days: float
    cap: float
    """Upper limit of the points of this kind."""
    facet: str
    """The field whose values saturate separately: topic, persona, department, ..."""
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
        object.__setattr__(self, "expires_after", days(_EXPIRES_AFTER_HALF_LIVES * self.half_life_days))


@dataclass(frozen=True, slots=True)
class GroupPolicy:
    """When several people of one account form a buying group, which counts like a kind of its own."""

    personas: int
    """At least so many named personas ..."""
    each: float
    """... with at least so many points each, saturated."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Several live kinds multiply."""

    live_floor: float = 4.0
    """Points from which a kind counts as live."""
    multipliers: tuple[float, ...] = (1.0, 1.15, 1.3, 1.4)
    """Factors for 1, 2, 3, ... live kinds; the last one also for more."""
    group: GroupPolicy | None = None
    """None: buying groups do not count."""

    def multiplier(self, live: int) -> float:
        """The factor for `live` live kinds, the buying group among them; 1 when nothing is live."""
        return self.multipliers[min(live, len(self.multipliers)) - 1] if live else 1.0


@dataclass(frozen=True, slots=True)
class Threshold:
    """The score at which a level begins and the lower one at which it ends; in between, the level stays."""

    enter: float
    exit: float
    min_kinds: int
    max_silence_days: float | None = None
    """Days after the last signal of weight at which the level ends, whatever the score; None: never by silence."""

    @property
    def max_silence(self) -> int | None:
        """In ms."""
        return None if self.max_silence_days is None else days(self.max_silence_days)


@dataclass(frozen=True, slots=True)
class Levels:
    """Scores in 0..100."""

    hot: Threshold = Threshold(40.0, 32.0, 2)
    warm: Threshold = Threshold(20.0, 15.0, 1)


@dataclass(frozen=True, slots=True)
class AlertPolicy:
    """How often people may be called."""

    cooldown_days: float = 14.0
    hand_raise_hours: float = 24.0
    trigger_days: float = 14.0

    @property
    def cooldown(self) -> int:
        """In ms."""
        return round(self.cooldown_days * DAY)

    @property
    def hand_raise_pause(self) -> int:
        """In ms: at most one hand raise per account and persona in it."""
        return round(self.hand_raise_hours * HOUR)

    @property
    def trigger_pause(self) -> int:
        """In ms: at most one trigger per account in it; also how long a trigger event is fresh."""
        return round(self.trigger_days * DAY)


Audience = Literal["sdr", "owner"]


@dataclass(frozen=True, slots=True)
class RelationPolicy:
    """What is done with accounts of one relation."""

    listed: bool = False
    alert: Audience | None = None
    """Who is alerted; None: nobody."""


DEFAULT_RELATIONS: Final[Mapping[Relation, RelationPolicy]] = {
    "prospect": RelationPolicy(listed=True, alert="sdr"),
    "former_customer": RelationPolicy(listed=True, alert="sdr"),
    "open_opportunity": RelationPolicy(alert="owner"),
    "customer": RelationPolicy(alert="owner"),
}
_NEITHER: Final = RelationPolicy()

_LAST_BITS: Final = 1 - 1e-9
"""A bound is summed in the order of arrival, a score by kind: their last bits may not hide that a threshold was met."""


@dataclass(frozen=True, slots=True)
class ListPolicy:
    """Which accounts a list holds, and how much a tier weighs in their order."""

    size: int = 200
    min_level: Level = WARM
    """The level from which an account is on a list; pinned ones are at any."""
    min_score: float = 0.0
    """The minimum score of accounts that are not pinned."""
    pin_days: float = 14.0
    """How long a hand raise pins an account to the top, unless somebody answers it."""
    tier_weight: dict[str, float] = field(default_factory=lambda: {"A": 1.0, "B": 0.85, "C": 0.7})

    @property
    def pin(self) -> int:
        """`pin_days` in ms."""
        return days(self.pin_days)


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
    personas: Personas = field(default_factory=Personas)
    relations: Mapping[Relation, RelationPolicy] = field(default_factory=lambda: dict(DEFAULT_RELATIONS))
    sells: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What we sell to and against; already resolved in the rules that refer to it."""
    by_persona: bool = field(init=False, repr=False, compare=False)
    """Whether engagement saturates by persona: where not, nobody is known by name."""
    group: GroupPolicy | None = field(init=False, repr=False, compare=False)
    """The buying group, where there can be one."""
    no_rise_below: dict[Level, tuple[float, ...]] = field(init=False, repr=False, compare=False)
    """Level -> by the number of kinds that an account has signals of, the sum of K below which no multiplier can lift
    it to the next level."""
    stamp: int = field(init=False, repr=False, compare=False)
    """Tells policies apart by which the same signals give other points, as bounds hold for one only. Below 2**53."""

    def __post_init__(self) -> None:
        engagement = self.kinds.get(ENGAGEMENT)
        by_persona = engagement is not None and engagement.facet == "persona"
        object.__setattr__(self, "by_persona", by_persona)
        object.__setattr__(self, "group", self.stack.group if by_persona else None)
        # A file whose multipliers are empty or zero is refused, but first it has to become a value that can be judged.
        more = 1 if self.group is not None else 0
        multiplier = self.stack.multiplier if self.stack.multipliers else lambda _: 1.0
        highest = [multiplier(kinds + more if kinds else 0) or 1.0 for kinds in range(len(KINDS) + 1)]
        thresholds: dict[Level, float] = {COLD: self.levels.warm.enter, WARM: self.levels.hot.enter, HOT: 0.0}
        below = {level: tuple(at / factor * _LAST_BITS for factor in highest) for level, at in thresholds.items()}
        object.__setattr__(self, "no_rise_below", below)
        saturation = [(kind.kind, kind.half_life, kind.cap, kind.facet_cap) for kind in self.kinds.values()]
        object.__setattr__(self, "stamp", xxh3_64_intdigest(repr((FORMULA, saturation)).encode()) >> 11)

    def relation(self, relation: Relation) -> RelationPolicy:
        """What is done with accounts of `relation`; any that the file does not name is neither listed nor alerted."""
        return self.relations.get(relation, _NEITHER)
