"""From kept signals to a score with its parts (scoring.md, section 2)."""

from math import expm1, log
from typing import Final, NamedTuple

from signal_engine.core.account import COLD, FORGET_KIND_BELOW, Account, KindState
from signal_engine.core.policy import KindPolicy, Policy

CEILING: Final = 100.0
_LN_2: Final = log(2.0)


class Score(NamedTuple):
    """An account's score at one instant, in parts that add up to it."""

    at: int
    """ms."""
    kinds: dict[str, float]
    """K[k]: points per kind, each in 0..cap."""
    live: frozenset[str]
    """The kinds with at least `live_floor` points."""
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
    multiplier = policy.stack.multiplier(len(live))
    raw = multiplier * sum(points.values())
    return Score(at, points, frozenset(live), multiplier, raw, min(CEILING, raw))


def fall_at(account: Account, at: int, policy: Policy) -> tuple[float, float]:
    """What `evaluate` says is `raw`, to the last bit, and the points a millisecond by which it falls at `at`, >= 0.

    For who asks about many instants. A kind that stops being live takes its part of the multiplier at once: of that the
    fall says nothing.
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
    multiplier = policy.stack.multiplier(live)
    return multiplier * sum(points), multiplier * sum(falls)


def kind_points(state: KindState, at: int, kind: KindPolicy) -> float:
    """K[k](at): facets saturate one by one, then the kind as a whole; 1 - exp(-x) is -expm1(-x), exact near 0."""
    decay = 2.0 ** ((state.ref - at) / kind.half_life)
    facet_cap = kind.facet_cap
    scale = -decay / facet_cap
    saturated = 0.0
    for s in state.facets.values():
        saturated -= expm1(s * scale)
    return -kind.cap * expm1(-facet_cap * saturated / kind.cap)


def _falling(state: KindState, at: int, kind: KindPolicy) -> tuple[float, float]:
    """K[k](at), as `kind_points` says it, and its fall in points a millisecond: the derivative of the same formula."""
    facet_cap, half_life = kind.facet_cap, kind.half_life
    scale = -(2.0 ** ((state.ref - at) / half_life)) / facet_cap
    saturated = steep = 0.0
    for s in state.facets.values():
        x = s * scale
        e = expm1(x)
        saturated -= e
        steep -= x * (e + 1.0)
    e = expm1(-facet_cap * saturated / kind.cap)
    return -kind.cap * e, facet_cap * (e + 1.0) * steep * _LN_2 / half_life


def strength(state: KindState, at: int, kind: KindPolicy) -> float:
    """The sum of S over the facets at `at`: what decides whether a kind is forgotten."""
    return sum(state.facets.values()) * float(2.0 ** ((state.ref - at) / kind.half_life))


def forget(account: Account, at: int, policy: Policy) -> bool:
    """Lets go of what has decayed to nothing at `at` (ms); True when nothing of the account needs keeping.

    Level, episode, last alert and hand raise outlive the signals that made them. While the account is not cold its
    signals stay: the instant at which the level ends is computed from them.
    """
    if account.level != COLD:
        return False
    for kind, state in list(account.kinds.items()):
        if kind not in policy.kinds or strength(state, at, policy.kinds[kind]) < FORGET_KIND_BELOW:
            del account.kinds[kind]
    account.ids.forget_expired(at, policy.kinds)
    told = account.last_alert_at is not None or account.hand_raised_at is not None
    remembers = told or account.since is not None
    return not (account.kinds or len(account.ids) or remembers)
