"""From kept signals to a score with its parts (scoring.md, section 2)."""

from heapq import nlargest
from math import log
from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT
from signal_engine.core.rules.policy import GroupPolicy, KindPolicy, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.core.score.saturation import sat, sat_and_slope

CEILING: Final = 100.0
_LN_2: Final = log(2.0)


class Score(NamedTuple):
    """An account's score at one instant, in parts that add up to it."""

    at: int
    """ms."""
    kinds: dict[str, float]
    """K[k]: points per kind, each in 0..cap."""
    live: frozenset[str]
    """The kinds with at least `live_floor` points, and the buying group where there is one."""
    multiplier: float
    raw: float
    """The score before the ceiling; priorities are made of it."""
    score: float
    """0..100."""

    @property
    def parts(self) -> list[tuple[str, float]]:
        """(part, points): one per kind, then `stack`, then `ceiling` (<= 0); they sum to `score` within 1e-9."""
        together = sum(self.kinds.values())
        return [*self.kinds.items(), ("stack", self.raw - together), ("ceiling", self.score - self.raw)]


def evaluate(account: Account, at: int, policy: Policy) -> Score:
    """The score of `account` at `at` (ms, not before `account.now`)."""
    points: dict[str, float] = {}
    live = []
    floor = policy.stack.live_floor
    for kind in policy.kinds:
        state = account.kinds.get(kind)
        if state is None:
            continue
        points[kind] = together = kind_points(state, at, policy.kinds[kind])
        if together >= floor:
            live.append(kind)
    if has_buying_group(account, at, policy):
        live.append(BUYING_GROUP)
    multiplier = policy.stack.multiplier(len(live))
    raw = multiplier * sum(points.values())
    return Score(at, points, frozenset(live), multiplier, raw, min(CEILING, raw))


def fall_at(account: Account, at: int, policy: Policy) -> tuple[float, float]:
    """`raw` as `evaluate` computes it, to the last bit, and the points per millisecond by which it falls at `at`, >= 0.

    For who asks about many instants. A kind that stops being live takes its part of the multiplier at once, as a buying
    group that ends does: of that the fall says nothing.
    """
    floor, live = policy.stack.live_floor, 0
    points, falls = [], []
    for name, kind in policy.kinds.items():
        if (state := account.kinds.get(name)) is not None:
            one, fall = _falling(state, at, kind)
            points.append(one)
            falls.append(fall)
            if one >= floor:
                live += 1
    if has_buying_group(account, at, policy):
        live += 1
    multiplier = policy.stack.multiplier(live)
    return multiplier * sum(points), multiplier * sum(falls)


def kind_points(state: KindState, at: int, kind: KindPolicy) -> float:
    """K[k](at): facets saturate one by one, then the kind as a whole."""
    decay = 2.0 ** ((state.ref - at) / kind.half_life)
    facet_cap = kind.facet_cap
    together = 0.0
    for s in state.facets.values():
        together += sat(s * decay, facet_cap)
    return sat(together, kind.cap)


def _falling(state: KindState, at: int, kind: KindPolicy) -> tuple[float, float]:
    """K[k](at) as `kind_points` computes it, and its fall in points per millisecond: the derivative of the formula."""
    facet_cap, half_life = kind.facet_cap, kind.half_life
    decay = 2.0 ** ((state.ref - at) / half_life)
    together = steep = 0.0
    for s in state.facets.values():
        now = s * decay
        saturated, slope = sat_and_slope(now, facet_cap)
        together += saturated
        steep += slope * now
    points, slope = sat_and_slope(together, kind.cap)
    return points, slope * steep * _LN_2 / half_life


def has_buying_group(account: Account, at: int, policy: Policy) -> bool:
    """Whether enough named personas have enough points each at `at` (ms)."""
    group, state = policy.group, account.kinds.get(ENGAGEMENT)
    if group is None or state is None or len(state.facets) < group.personas:
        return False
    kind, each, found = policy.kinds[ENGAGEMENT], group.each, 0
    decay = 2.0 ** ((state.ref - at) / kind.half_life)
    for persona, s in state.facets.items():
        now = s * decay
        # Saturation never adds, so one comparison rules out most people of a large account.
        if now >= each and sat(now, kind.facet_cap) >= each and policy.personas.is_named(persona):
            found += 1
    return found >= group.personas


def weakest_of_group(account: Account, at: int, policy: Policy, group: GroupPolicy) -> float:
    """F of the last of the `group.personas` strongest named personas at `at` (ms); 0 where there are not so many."""
    strongest = nlargest(group.personas, persona_points(account, at, policy).values())
    return strongest[-1] if len(strongest) == group.personas else 0.0


def persona_points(account: Account, at: int, policy: Policy) -> dict[str, float]:
    """F per named persona at `at` (ms); nobody where engagement does not saturate by persona."""
    state, kind = account.kinds.get(ENGAGEMENT), policy.kinds.get(ENGAGEMENT)
    if state is None or kind is None or not policy.by_persona:
        return {}
    decay = 2.0 ** ((state.ref - at) / kind.half_life)
    is_named, cap = policy.personas.is_named, kind.facet_cap
    return {persona: sat(s * decay, cap) for persona, s in state.facets.items() if is_named(persona)}


def live_personas(account: Account, at: int, policy: Policy) -> frozenset[str]:
    """The named personas with at least `live_floor` points at `at` (ms)."""
    floor = policy.stack.live_floor
    return frozenset(persona for persona, points in persona_points(account, at, policy).items() if points >= floor)


def strength(state: KindState, at: int, kind: KindPolicy) -> float:
    """The sum of S over the facets at `at`, in points: all that the kind's signals are worth before any cap."""
    return sum(state.facets.values()) * float(2.0 ** ((state.ref - at) / kind.half_life))
