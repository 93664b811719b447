"""From points to a score: the formulas of scoring.md section 2, evaluated over every signal each time."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from .configuration import Scoring
from .instants import days


@dataclass(frozen=True, slots=True)
class Signal:
    """An applied event. `at` is t_i = min(occurred_at, now when it was applied); `applied_at` is that now."""

    event_id: str
    kind: str
    facet: object
    points: float
    occurred_at: int
    applied_at: int

    @property
    def at(self) -> int:
        """The instant its decay counts from."""
        return min(self.occurred_at, self.applied_at)


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluation at one instant: K[k] of every kind, the live kinds, m, raw and score."""

    kinds: dict[str, float]
    live: frozenset[str]
    multiplier: float
    raw: float
    score: float

    def parts(self) -> dict[str, float]:
        """The explanation: one part per kind, `stack` and `ceiling`; they add up to the score."""
        total = sum(self.kinds.values())
        stack = (self.multiplier - 1) * total
        return {**self.kinds, "stack": stack, "ceiling": self.score - self.multiplier * total}


def evaluate(signals: Iterable[Signal], t: int, scoring: Scoring) -> Score:
    """The score at t (not before any signal's own instant)."""
    sums: dict[str, dict[object, float]] = {kind: {} for kind in scoring.kinds}
    for signal in signals:
        facets = sums[signal.kind]
        age = days(t - signal.at)
        decayed = signal.points * 2.0 ** (-age / scoring.kinds[signal.kind].half_life)
        facets[signal.facet] = facets.get(signal.facet, 0.0) + decayed
    kinds = {kind: _kind_score(facets.values(), kind, scoring) for kind, facets in sums.items()}
    live = frozenset(kind for kind, value in kinds.items() if value >= scoring.live_floor)
    multiplier = scoring.multipliers[min(len(live), len(scoring.multipliers)) - 1] if live else 1.0
    raw = multiplier * sum(kinds.values())
    return Score(kinds, live, multiplier, raw, min(100.0, raw))


def _kind_score(facet_sums: Iterable[float], kind: str, scoring: Scoring) -> float:
    """K[k]: the saturated sum of the saturated facets."""
    facet_cap = scoring.kinds[kind].facet_cap
    return _saturated(sum(_saturated(total, facet_cap) for total in facet_sums), scoring.kinds[kind].cap)


def _saturated(amount: float, cap: float) -> float:
    return cap * (1 - math.exp(-amount / cap))
