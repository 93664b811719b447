"""Random policies and histories for the laws, and the score as scoring.md writes it, over all signals at once."""

from collections import defaultdict
from typing import Any

from hypothesis import strategies as st

from signal_engine.core.flow import EventOutcome, ScoringContext, advance
from signal_engine.core.laws import law_problems
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate, persona_points
from tests.build import BUYERS, FACETS, FIELDS, HAND_RAISES, T0, TRIGGERS, event, fit, kind, policy, rule

FIT = fit()
SECOND, DAY = 1_000, 86_400_000
ANY = (rule(100),)
RULES = {"engagement": HAND_RAISES, "leadership": TRIGGERS}
TITLES = {
    "CFO": "finance",
    " chief financial Officer": "finance",
    "Head of IT": "it",
    "sales": "sales",
    "Sales Intern": "student",
    "Gardener": "other",
    None: "unknown",
}
"""What people are called -> the persona that it is by `BUYERS`."""


# Strategies are made once: to make and to check one takes longer than to draw from it.
def numbers(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False, width=32)


NAMES = st.sets(st.sampled_from(KINDS), min_size=1, max_size=4)
SIZES = st.tuples(numbers(0.5, 60), numbers(5, 60), numbers(1, 30), st.integers(0, 9))
"""Half-life, cap, facet cap, and 0 where engagement saturates by page."""
THRESHOLDS = st.sets(st.integers(1, 40), min_size=4, max_size=4).map(sorted)
MULTIPLIERS = st.lists(numbers(1, 2), max_size=3).map(sorted)
GROUPS = st.none() | st.tuples(st.integers(1, 3), numbers(0.5, 15))
MIN_KINDS = st.tuples(st.integers(0, 5), st.integers(0, 1))
REST = st.fixed_dictionaries(
    {
        "live_floor": numbers(0.125, 4.5),
        "max_silence_days": st.sampled_from((None, 0.3, 5, 21)),
        "personas": st.sampled_from(((), BUYERS)),
        "cooldown_days": st.sampled_from((0, 1, 7, 30)),
        "hand_raise_hours": st.sampled_from((0, 24)),
        "trigger_days": st.sampled_from((0, 1, 14)),
        "min_level": st.sampled_from(("cold", "warm", "hot")),
        "min_score": st.sampled_from((0, 5, 20)),
        "pin_days": st.sampled_from((0, 1, 14)),
    }
)
SAID = st.tuples(
    st.integers(0, 3),
    numbers(0.125, 100) | numbers(5, 100),
    st.sampled_from(("a", "b", " A ", "c", None)),
    st.sampled_from(list(TITLES)),
    st.integers(0, 10**9),
    st.booleans(),
    st.integers(0, 5),
)
"""Which of the policy's kinds, points, facet, title, number, whether it asks to be called or joins, 0: history."""
AGES = st.integers(0, 360 * DAY)
WITHIN_A_DAY = st.integers(0, DAY)
SIGNALS = st.integers(0, 12)
PAUSES = st.sampled_from(
    (0, 1, SECOND, DAY // 7, DAY // 3, DAY, DAY, 2 * DAY, 9 * DAY, 14 * DAY, 40 * DAY, 2_000 * DAY)
)
DELAYS = st.sampled_from((0, -1, -DAY // 3, -2 * DAY, 4 * 60 * SECOND))


@st.composite
def policies(draw: Any) -> Policy:
    """Any scoring file that is not refused: odd caps, with and without a group, personas and silence."""
    kinds = []
    for name in sorted(draw(NAMES), key=KINDS.index):
        half_life, cap, facet_cap, by_page = draw(SIZES)
        facet = "page" if name == "engagement" and by_page == 0 else None
        kinds.append(kind(name, half_life, cap, facet_cap, facet, RULES.get(name, ANY)))
    warm_exit, warm_enter, hot_exit, hot_enter = draw(THRESHOLDS)
    group = draw(GROUPS)
    can_be_live = len(kinds) + (group is not None and any(k.facet == "persona" for k in kinds))
    min_hot, min_warm = draw(MIN_KINDS)
    made = policy(
        *kinds,
        hot=(hot_enter, hot_exit, min(min_hot, can_be_live)),
        warm=(warm_enter, warm_exit, min_warm),
        multipliers=(1.0, *draw(MULTIPLIERS)),
        group=group,
        **draw(REST),
    )
    assert law_problems(made) == []
    return made


def signal(rules: Policy, at: int, said: tuple[int, float, Any, Any, int, bool, int]) -> Event:
    """A signal of any kind of the policy, with one of a few facets so that they meet."""
    which, points, facet, title, number, says, history = said
    name = list(rules.kinds)[which % len(rules.kinds)]
    value = title if name == "engagement" else facet
    fields = {**FIELDS[name], FACETS[name]: value}
    if name == "engagement" and says:
        fields["activity"] = "demo_request"
    if name == "leadership" and not says:
        fields["change"] = "left"
    if value is None and name in ("hiring", "funding", "engagement"):
        del fields[FACETS[name]]
    elif value is None:  # these have their facet always
        fields[FACETS[name]] = "x"
    made = event(name, points, at, f"e{number}-{at}", backfill=history == 0)
    return made._replace(fields=fields)


@st.composite
def backlogs(draw: Any, least: int = 0) -> tuple[Policy, list[Event], int]:
    """A policy, signals none of which is expired at the instant returned, and that instant."""
    rules = draw(policies())
    now = T0 + draw(WITHIN_A_DAY)
    fresh = min(k.expires_after for k in rules.kinds.values()) - DAY
    found = {}
    for _ in range(draw(SIGNALS) + least):
        one = signal(rules, now - draw(AGES) % fresh, draw(SAID))
        found[one.event_id] = one
    return rules, list(found.values()), now


@st.composite
def journeys(draw: Any) -> tuple[Policy, list[tuple[int, Event]]]:
    """A policy and (now, signal) in the order of arrival; pauses reach past where a reference instant moves."""
    rules = draw(policies())
    history, now = [], T0
    for _ in range(draw(SIGNALS)):
        now += draw(PAUSES)
        history.append((now, signal(rules, now + draw(DELAYS), draw(SAID))))
    return rules, history


def apply(account: Account, rules: Policy, event: Event, now: int) -> EventOutcome:
    return advance(account, event, now, FIT, ScoringContext(rules))[0]


def folded(rules: Policy, history: list[Event], now: int) -> Account:
    """The account that a backlog which arrives at `now` leaves behind."""
    account = Account()
    for signal in history:
        assert apply(account, rules, signal, now) == EventOutcome.APPLIED
    return account


def lived(rules: Policy, history: list[tuple[int, Event]]) -> Account:
    """The account that a journey leaves behind."""
    account = Account()
    for now, signal in history:
        apply(account, rules, signal, now)
    return account


def at_a_jump(account: Account, rules: Policy, at: int, within: float = 1e-6) -> bool:
    """Whether the last bits of a sum decide what is live."""
    kinds = evaluate(account, at, rules).kinds.values()
    near = any(abs(points - rules.stack.live_floor) < within for points in kinds)
    people = persona_points(account, at, rules).values()
    return near or (rules.group is not None and any(abs(points - rules.group.each) < within for points in people))


def sat(s: float, c: float) -> float:
    return s / (1 + (s / c) ** 3) ** (1 / 3)


def direct(rules: Policy, signals: list[tuple[int, Event]], t: int) -> float:
    """score(t) over (now, signal), with the formulas of scoring.md, section 2, word for word."""
    sums: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for now, signal in signals:
        policy = rules.kinds[signal.kind]
        age = t - min(signal.occurred_at, now)
        decayed = 100 * signal.confidence * 2 ** (-age / (policy.half_life_days * DAY))
        sums[signal.kind][facet(rules, signal)] += decayed
    points = {
        name: sat(sum(sat(s, rules.kinds[name].facet_cap) for s in facets.values()), rules.kinds[name].cap)
        for name, facets in sums.items()
    }
    live = sum(k >= rules.stack.live_floor for k in points.values())
    group = rules.stack.group
    if group is not None and "engagement" in sums and rules.kinds["engagement"].facet == "persona":
        cap, nobody = (
            rules.kinds["engagement"].facet_cap,
            {"unknown", "other", *(["student"] if rules.personas else [])},
        )
        deep = [p for p, s in sums["engagement"].items() if p not in nobody and sat(s, cap) >= group.each]
        live += len(deep) >= group.personas
    m = rules.stack.multipliers[min(live, len(rules.stack.multipliers)) - 1] if live else 1
    return min(100, m * sum(points.values()))


def facet(rules: Policy, signal: Event) -> str:
    """By section 1: what an engagement event says of a persona is mapped first."""
    name = rules.kinds[signal.kind].facet
    value = signal.fields.get(name)
    if name == "persona" and rules.personas:
        return TITLES[value]
    return str(value or "unknown").strip().lower()
