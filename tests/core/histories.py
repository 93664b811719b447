"""Random policies and histories for the laws, and the score as scoring.md writes it, over all signals at once."""

from collections import defaultdict
from math import exp
from typing import Any

from hypothesis import strategies as st

from signal_engine.core.account import Account
from signal_engine.core.events import Event
from signal_engine.core.flow import Judge, Outcome, advance
from signal_engine.core.kinds import KINDS
from signal_engine.core.laws import law_problems
from signal_engine.core.policy import Policy
from tests.build import FACETS, FIELDS, HAND_RAISES, T0, event, fit, kind, policy, rule

FIT = fit()
SECOND, DAY = 1_000, 86_400_000


def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=32)


@st.composite
def policies(draw: Any) -> Policy:
    """Any scoring file that is not refused."""
    names = sorted(draw(st.sets(st.sampled_from(KINDS), min_size=1, max_size=4)), key=KINDS.index)
    kinds = [
        kind(
            name,
            half_life=draw(numbers(0.5, 60)),
            cap=draw(numbers(5, 60)),
            facet_cap=draw(numbers(1, 30)),
            rules=HAND_RAISES if name == "engagement" else (rule(100),),
        )
        for name in names
    ]
    warm_exit, warm_enter, hot_exit, hot_enter = sorted(draw(st.sets(st.integers(1, 60), min_size=4, max_size=4)))
    made = policy(
        *kinds,
        hot=(hot_enter, hot_exit, draw(st.integers(0, len(kinds)))),
        warm=(warm_enter, warm_exit, draw(st.integers(0, 1))),
        multipliers=(1.0, *sorted(draw(st.lists(numbers(1, 2), max_size=3)))),
        live_floor=draw(numbers(0.125, 4.5)),
        cooldown_days=draw(st.sampled_from((0, 1, 7, 30))),
        hand_raise_hours=draw(st.sampled_from((0, 24))),
        min_score=draw(st.sampled_from((0, 5, 20))),
    )
    assert law_problems(made) == []
    return made


def signals(rules: Policy, at: st.SearchStrategy[int]) -> st.SearchStrategy[Event]:
    """Signals of any kind of the policy, with a few facets so that they meet."""

    def of(name: str, points: float, at: int, facet: str | None, number: int, asks: bool) -> Event:
        fields = {FACETS[name]: facet}
        if name == "engagement" and asks:
            fields["activity"] = "demo_request"
        said = {**FIELDS[name], **{field: value for field, value in fields.items() if value is not None}}
        if facet is None and name in ("hiring", "funding", "engagement"):
            said.pop(FACETS[name], None)
        return event(name, points, at, f"e{number}-{at}")._replace(fields=said)

    return st.builds(
        of,
        st.sampled_from(list(rules.kinds)),
        numbers(0.125, 100),
        at,
        st.sampled_from(("a", "b", " A ", "c", None)),
        st.integers(0, 10**9),
        st.booleans(),
    )


@st.composite
def backlogs(draw: Any, least: int = 0) -> tuple[Policy, list[Event], int]:
    """A policy, signals none of which is expired at the instant returned, and that instant."""
    rules = draw(policies())
    now = T0 + draw(st.integers(0, DAY))
    fresh = min(k.expires_after for k in rules.kinds.values()) - DAY
    history = draw(st.lists(signals(rules, st.integers(now - fresh, now)), min_size=least, max_size=12, unique_by=ids))
    return rules, history, now


@st.composite
def journeys(draw: Any) -> tuple[Policy, list[tuple[int, Event]]]:
    """A policy and (now, signal) in the order of arrival; pauses reach past where a reference instant moves."""
    rules = draw(policies())
    history, now = [], T0
    for _ in range(draw(st.integers(0, 10))):
        now += draw(st.sampled_from((0, 1, SECOND, DAY // 7, DAY, 9 * DAY, 40 * DAY, 2_000 * DAY)))
        at = now + draw(st.sampled_from((0, -1, -DAY // 3, -2 * DAY, 4 * 60 * SECOND)))
        history.append((now, draw(signals(rules, st.just(at)))))
    return rules, history


def ids(event: Event) -> str:
    return event.event_id


def apply(account: Account, rules: Policy, event: Event, now: int) -> Outcome:
    return advance(account, event, now, FIT, Judge(rules))[0]


def folded(rules: Policy, history: list[Event], now: int) -> Account:
    """The account that a backlog which arrives at `now` leaves behind."""
    account = Account()
    for signal in history:
        assert apply(account, rules, signal, now) == Outcome.APPLIED
    return account


def direct(rules: Policy, signals: list[tuple[int, Event]], t: int) -> float:
    """score(t) over (now, signal), with the formulas of scoring.md, section 2, word for word."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for now, signal in signals:
        facet = str(signal.fields.get(FACETS[signal.kind]) or "unknown").strip().lower()
        age = t - min(signal.occurred_at, now)
        decayed = 100 * signal.confidence * 2 ** (-age / (rules.kinds[signal.kind].half_life_days * DAY))
        sums[signal.kind][facet] += decayed
    points = {}
    for name, facets in sums.items():
        cap, facet_cap = rules.kinds[name].cap, rules.kinds[name].facet_cap
        saturated = sum(facet_cap * (1 - exp(-s / facet_cap)) for s in facets.values())
        points[name] = cap * (1 - exp(-saturated / cap))
    live = sum(k >= rules.stack.live_floor for k in points.values())
    m = rules.stack.multipliers[min(live, len(rules.stack.multipliers)) - 1] if live else 1
    return min(100, m * sum(points.values()))
