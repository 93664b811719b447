"""From kept signals to a score with its parts (scoring.md, section 2)."""

from math import expm1
from typing import NamedTuple

from signal_engine.core.account import COLD, FORGET_KIND_BELOW, Account, KindState
from signal_engine.core.policy import KindPolicy, Policy

CEILING = 100.0


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


def score_at(account: Account, at: int, policy: Policy) -> float:
    """The score alone, to the last bit as `evaluate` says: for who asks about many instants."""
    points = [
        kind_points(state, at, kind)
        for name, kind in policy.kinds.items()
        if (state := account.kinds.get(name)) is not None
    ]
    floor, live = policy.stack.live_floor, 0
    for one in points:
        if one >= floor:
            live += 1
    return min(CEILING, policy.stack.multiplier(live) * sum(points))


def kind_points(state: KindState, at: int, kind: KindPolicy) -> float:
    """K[k](at): facets saturate one by one, then the kind as a whole; 1 - exp(-x) is -expm1(-x), exact near 0."""
    decay = 2.0 ** ((state.ref - at) / kind.half_life)
    facet_cap = kind.facet_cap
    scale = -decay / facet_cap
    saturated = 0.0
    for s in state.facets.values():
        saturated -= expm1(s * scale)
    return -kind.cap * expm1(-facet_cap * saturated / kind.cap)


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
