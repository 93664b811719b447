"""From points to a score: the formulas of scoring.md section 2, evaluated over every signal each time."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.oracle.inputs.configuration import Kind, Scoring
from tests.oracle.inputs.instants import days
from tests.oracle.inputs.personas import is_named

BUYING_GROUP = "buying_group"


@dataclass(frozen=True, slots=True)
class Signal:
    """An applied event. `at` is t_i = min(occurred_at, now when it was applied); `applied_at` is that now."""

    event_id: str
    kind: str
    facet: object
    persona: str
    points: float
    occurred_at: int
    applied_at: int
    act_now: bool
    trigger: bool
    backfill: bool

    @property
    def at(self) -> int:
        """The instant its decay counts from."""
        return min(self.occurred_at, self.applied_at)

    def points_at(self, t: int, kind: Kind) -> float:
        """What is left of its points at t."""
        return float(self.points * 2.0 ** (-days(t - self.at) / kind.half_life))


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluation at one instant: K[k] of every kind, what is live (the buying group counts), m, raw and score.

    `people` are the named personas with F >= live_floor.
    """

    kinds: dict[str, float]
    live: frozenset[str]
    people: frozenset[str]
    multiplier: float
    raw: float
    score: float

    def stack(self) -> float:
        """The part that the live kinds add together."""
        return (self.multiplier - 1) * sum(self.kinds.values())

    def ceiling(self) -> float:
        """The part that the bound of 100 takes away: zero or negative."""
        return self.score - self.multiplier * sum(self.kinds.values())


def evaluate(signals: Iterable[Signal], t: int, scoring: Scoring) -> Score:
    """The score at t (not before any signal's own instant)."""
    facets = _facet_scores(signals, t, scoring)
    kinds = {kind: saturated(sum(facets[kind].values()), rules.cap) for kind, rules in scoring.kinds.items()}
    named = _named(facets, scoring)
    live = {kind for kind, value in kinds.items() if value >= scoring.live_floor} | _buying_group(named, scoring)
    multiplier = scoring.multipliers[min(len(live), len(scoring.multipliers)) - 1] if live else 1.0
    raw = multiplier * sum(kinds.values())
    people = frozenset(name for name, value in named.items() if value >= scoring.live_floor)
    return Score(kinds, frozenset(live), people, multiplier, raw, min(100.0, raw))


def saturated(s: float, c: float) -> float:
    """sat(s, c): a point is a point until the cap is near, and the cap is never passed."""
    if s <= c:
        return float(s / (1 + (s / c) ** 3) ** (1 / 3))
    return float(c / (1 + (c / s) ** 3) ** (1 / 3))


def _facet_scores(signals: Iterable[Signal], t: int, scoring: Scoring) -> dict[str, dict[object, float]]:
    """F[k,f] of every kind and facet."""
    sums: dict[str, dict[object, float]] = {kind: {} for kind in scoring.kinds}
    for signal in signals:
        facets = sums[signal.kind]
        facets[signal.facet] = facets.get(signal.facet, 0.0) + signal.points_at(t, scoring.kinds[signal.kind])
    return {
        kind: {facet: saturated(total, scoring.kinds[kind].facet_cap) for facet, total in facets.items()}
        for kind, facets in sums.items()
    }


def _named(facets: dict[str, dict[object, float]], scoring: Scoring) -> dict[str, float]:
    """F of every named persona; there is none where engagement's facet is another field."""
    people = facets["engagement"] if scoring.has_personas() else {}
    return {str(name): value for name, value in people.items() if is_named(name, scoring.personas)}


def _buying_group(named: dict[str, float], scoring: Scoring) -> set[str]:
    group = scoring.group
    if group is None or sum(value >= group.each for value in named.values()) < group.personas:
        return set()
    return {BUYING_GROUP}
