"""The vectorised scorer says what the core says, to 1e-9, for any file and any history."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.validation.calibration.layout import AccountAt, Arrived, layout
from signal_engine.engine.validation.calibration.parameters import ParameterSet, parameters_of, policy_with
from signal_engine.engine.validation.calibration.scorer import Scorer
from signal_engine.wire.config import scoring_file
from tests.build import T0, event, kind, policy, rule
from tests.core.histories import DAY, FIT, journeys

SHIPPED = scoring_file.parse("config/scoring.yaml", Path("config/scoring.yaml").read_bytes()).policy
FACTORS = st.floats(0.25, 4, allow_nan=False)


def of_core(rules: Policy, history: list[tuple[int, Event]], at: int) -> float:
    account = Account()
    for now, one in history:
        if now <= at:
            advance(account, one, now, FIT, ScoringContext(rules))
    return evaluate(account, max(at, account.now), rules).score


def looked_at(rules: Policy, history: list[tuple[int, Event]], instants: list[int]) -> Scorer:
    arrived = {"acme.com": [Arrived(now, one._replace(account="acme.com")) for now, one in history]}
    return Scorer(layout(rules, arrived, [AccountAt("acme.com", at) for at in instants]))


def scaled(rules: Policy, factors: list[float]) -> ParameterSet:
    """The numbers of a file, each times another factor."""
    numbers = parameters_of(rules)
    taken = iter(factors * 100)

    def times(values: Any) -> Any:
        return values * np.array([next(taken) for _ in values])

    floor = rules.stack.live_floor * 1.01
    return ParameterSet(
        times(numbers.points),
        times(numbers.half_life_days),
        np.maximum(times(numbers.cap), floor),
        times(numbers.facet_cap),
    )


@given(journeys(), st.lists(FACTORS, min_size=3, max_size=9))
def test_scores_are_those_of_the_core_under_the_file_and_under_any_other_numbers(journey, factors):
    rules, history = journey
    last = history[-1][0] if history else T0
    instants = [*{now for now, _ in history}, last + DAY, last + 20 * DAY, last + 400 * DAY]
    scorer = looked_at(rules, history, instants)
    for numbers in (parameters_of(rules), scaled(rules, factors), parameters_of(rules)):
        changed = policy_with(rules, numbers)
        expected = [of_core(changed, history, at) for at in instants]
        assert scorer.scores(numbers) == pytest.approx(expected, abs=1e-9)


def test_all_rules_of_the_shipped_file():
    rng = np.random.default_rng(4)
    history = []
    for place, (name, rules) in enumerate(SHIPPED.kinds.items()):
        for number in range(60):
            at = T0 + int(rng.integers(0, 90 * DAY))
            fields = {one: choice(rng, name, one) for one in CHOICES[name]}
            made = event(name, 100, at, f"{place}-{number}")._replace(fields=fields, confidence=float(rng.random()))
            history.append((at + int(rng.integers(0, 5 * DAY)), made))
        assert rules.rules
    history.sort(key=lambda one: one[0])
    instants = [T0 + day * DAY for day in range(0, 200, 7)]
    scorer = looked_at(SHIPPED, history, instants)
    used = {int(number) for laid in scorer._layout.kinds for number in laid.rule}
    assert len(used) > 0.8 * len(parameters_of(SHIPPED).points), "nearly every rule is asked"
    for factors in ([1.0], [0.8, 1.3, 0.5, 2.0]):
        numbers = scaled(SHIPPED, factors)
        expected = [of_core(policy_with(SHIPPED, numbers), history, at) for at in instants]
        assert scorer.scores(numbers) == pytest.approx(expected, abs=1e-9)
        assert max(expected) > 40


CHOICES: dict[str, dict[str, list[Any]]] = {
    "intent": {"topic": ["crm", "erp", " CRM "], "score": [50, 65, 75, 90]},
    "hiring": {
        "title": ["VP Revenue", "RevOps Analyst", "Cook"],
        "department": ["sales", "finance", "revenue operations"],
        "seniority": ["c_level", "vp", "head", "director", "manager", "junior"],
        "status": ["open", "open", "open", "closed"],
    },
    "funding": {"round": ["a", "b"], "amount_usd": [5e7, 2e7, 2e6, 1e5]},
    "engagement": {
        "activity": [
            *("demo_request", "contact_sales", "trial_signup", "pricing_view", "event_attended", "form_fill"),
            *("content_download", "email_click", "ad_click", "page_view", "email_open", "careers_view"),
        ],
        "persona": ["CFO", "Head of IT", "Student", "", "Gardener", "VP Sales", "COO"],
        "dwell_seconds": [10, 500],
        "automated": [False, False, False, True],
    },
    "technographic": {
        "technology": [*SHIPPED.sells["technologies"][:3], *SHIPPED.sells["competitors"][:2], "Fax"],
        "change": ["adopted", "dropped", "switched"],
        "replaces": [*SHIPPED.sells["competitors"][:1], "Fax"],
    },
    "leadership": {
        "role": [*SHIPPED.sells["roles"][:2], "Gardener"],
        "change": ["joined", "left", "promoted"],
        "level": ["c_level", "vp", "manager"],
        "relationship": ["champion", "past_user", "lost_contact", "none"],
    },
}


def choice(rng: Any, name: str, field: str) -> Any:
    values = CHOICES[name][field]
    return values[int(rng.integers(len(values)))]


def test_an_id_counts_again_once_its_first_signal_would_be_expired():
    rules = policy(kind("intent", 1, 100, 100, rules=(rule(10),)))
    history = [
        (T0, event("intent", 100, T0, "same")),
        (T0 + 2 * DAY, event("intent", 100, T0 + 2 * DAY, "same")),
        (T0 + 7 * DAY, event("intent", 100, T0 + 7 * DAY, "same")),
    ]
    instants = [T0 + day * DAY for day in (0, 2, 7, 8)]
    scorer = looked_at(rules, history, instants)
    expected = [of_core(rules, history, at) for at in instants]
    assert scorer.scores(parameters_of(rules)) == pytest.approx(expected, abs=1e-9)
    assert expected[2] > 9
    assert expected[1] < 3


def test_what_was_expired_on_arrival_never_counts_and_accounts_without_signals_score_nothing():
    rules = policy(kind("intent", 1, 100, 100, rules=(rule(10),)))
    late = {"acme.com": [Arrived(T0 + 7 * DAY, event("intent", 100, T0, "late"))]}
    looks = [AccountAt("acme.com", T0 + 7 * DAY), AccountAt("nobody.com", T0)]
    scorer = Scorer(layout(rules, late, looks))
    assert scorer.scores(parameters_of(rules)).tolist() == [0, 0]
    longer = parameters_of(rules)
    longer = ParameterSet(longer.points, longer.half_life_days * 2, longer.cap, longer.facet_cap)
    assert scorer.scores(longer)[0] > 0


@given(journeys(), st.lists(FACTORS, min_size=3, max_size=9))
def test_the_first_looks_alone_score_as_they_do_among_all(journey, factors):
    rules, history = journey
    instants = sorted({T0, *(now for now, _ in history)})
    laid = layout(
        rules,
        {"acme.com": [Arrived(now, one._replace(account="acme.com")) for now, one in history]},
        [AccountAt("acme.com", at) for at in instants],
    )
    numbers = scaled(rules, factors)
    every = Scorer(laid).raw(numbers)
    for looks in range(len(instants) + 1):
        assert Scorer(laid.first(looks)).raw(numbers).tolist() == every[:looks].tolist()


def test_an_empty_layout_scores_nothing():
    assert Scorer(layout(SHIPPED, {}, [])).scores(parameters_of(SHIPPED)).tolist() == []
