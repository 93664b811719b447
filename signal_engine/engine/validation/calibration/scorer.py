"""The formula of scoring.md, section 2, over a whole layout at once: equal to the core to 1e-9."""

from typing import Final

import numpy as np

from signal_engine.core.rules.instants import days
from signal_engine.core.rules.policy import KindPolicy
from signal_engine.core.score.stack import CEILING
from signal_engine.engine.validation.calibration.layout import KindLayout, Layout
from signal_engine.engine.validation.calibration.parameters import ParameterSet
from signal_engine.engine.validation.statistics.intervals import Numbers

_REMEMBERED_DECAYS: Final = 8
"""Half-lives per kind whose decays are kept: parameter sets differ in few things."""


class Scorer:
    """Scores the looks of a layout under one parameter set after another.

    What several sets share is computed once: the decay of a kind while its half-life is the same.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout: Final = layout
        self._decays: list[dict[int, Numbers]] = [{} for _ in layout.kinds]

    def raw(self, numbers: ParameterSet) -> Numbers:
        """The score of each look before the ceiling of 100."""
        looks, policy = self._layout.looks, self._layout.policy
        together, live = np.zeros(looks), np.zeros(looks, np.int64)
        for place, (kind, laid) in enumerate(zip(policy.kinds.values(), self._layout.kinds, strict=True)):
            if not len(laid.rule):
                continue
            facets = self._facets(place, laid, kind, numbers)
            points = _saturated(_by_look(laid, facets, looks), float(numbers.cap[place]))
            together += points
            live += points >= policy.stack.live_floor
            if (group := policy.group) is not None and laid.named.any():
                deep = _by_look(laid, (laid.named & (facets >= group.each)).astype(np.float64), looks)
                live += deep >= group.personas
        factors = np.array([policy.stack.multiplier(many) for many in range(len(policy.kinds) + 2)])
        return factors[live] * together

    def scores(self, numbers: ParameterSet) -> Numbers:
        """The score of each look, 0..100."""
        return np.minimum(self.raw(numbers), CEILING)

    def _facets(self, place: int, laid: KindLayout, kind: KindPolicy, numbers: ParameterSet) -> Numbers:
        """F of each facet."""
        half_life_days = float(numbers.half_life_days[place])
        signals = numbers.points[laid.rule] * laid.confidence
        signals *= self._decay(place, laid, days(half_life_days))
        expires = KindPolicy(kind.kind, half_life_days, kind.cap, kind.facet, kind.facet_cap, ()).expires_after
        if laid.oldest > expires:
            signals[laid.late > expires] = 0.0
        for repeat in laid.repeats:
            _count_once(repeat.places, repeat.occurred_at, repeat.now, signals, expires)
        return _saturated(np.add.reduceat(signals, laid.facet), float(numbers.facet_cap[place]))

    def _decay(self, place: int, laid: KindLayout, half_life: int) -> Numbers:
        known = self._decays[place]
        if half_life not in known:
            if len(known) >= _REMEMBERED_DECAYS:
                known.clear()
            known[half_life] = np.exp2(laid.age / -half_life)
        return known[half_life]


def _count_once(places: list[int], occurred_at: list[int], now: list[int], signals: Numbers, expires: int) -> None:
    """Law 2: an id that was applied is known until its signal would be expired."""
    known: int | None = None
    for place, happened, arrived in zip(places, occurred_at, now, strict=True):
        if known is not None and arrived <= known + expires:
            signals[place] = 0.0
        elif signals[place] > 0:
            known = happened


def _by_look(laid: KindLayout, of_facets: Numbers, looks: int) -> Numbers:
    """The sum over the facets of each look."""
    return np.bincount(laid.look, of_facets, looks).astype(np.float64, copy=False)


def _saturated(s: Numbers, cap: float) -> Numbers:
    """`core.score.saturation.sat` of many: its two forms in one, which neither overflows nor passes the cap."""
    small = np.minimum(s, cap)
    x = small / np.maximum(s, cap)
    saturated: Numbers = small / np.cbrt(1.0 + x * x * x)
    return saturated
