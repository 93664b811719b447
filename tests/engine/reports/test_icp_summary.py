"""An ICP on one page: everything that decides is on it, and what calls by itself is what the scoring file calls for."""

import datetime
from typing import Any

from signal_engine.engine.reports.icp_summary import icp_summary
from signal_engine.wire.config import scoring_file
from signal_engine.wire.output.reports.icp_summary import words
from tests.build import icp

TODAY = datetime.date(2026, 3, 1)
PROFILE = icp(
    must_have={"employee_count": {"gte": 200, "lte": 5000}},
    disqualify=(({"country": "NO"}, "too far"),),
    base=30,
    points=(({"country": "US"}, 20, "home"), ({"crm": "sf"}, 30, "runs a CRM")),
    tiers={"C": 40, "A": 80},
    decisions={"A": "chase", "C": "deprioritize"},
)


def scoring(rules: str, kind: str = "engagement", facet: str = "persona") -> scoring_file.ScoringFile:
    other = "  intent: {half_life_days: 14, cap: 35, facet: topic, facet_cap: 14, rules: [{points: 8}]}\n"
    own = f"  {kind}: {{half_life_days: 14, cap: 45, facet: {facet}, facet_cap: 25, rules: [{rules}]}}\n"
    return scoring_file.parse("scoring.yaml", f"version: 1\nkinds:\n{other}{own}".encode())


def summary(rules: str = "{points: 5}", today: datetime.date = TODAY, **kind: str) -> Any:
    return icp_summary(PROFILE, scoring(rules, **kind), today, None)


def test_whatever_decides_is_on_it_in_order_of_weight():
    told = summary()
    assert [words.condition(one) for one in told["must_have"]] == [
        "employee count is at least 200 and is at most 5,000"
    ]
    assert told["disqualify"] == [{"reason": "too far", "when": [{"field": "country", "words": "is NO"}]}]
    assert [(one["points"], one["label"]) for one in told["points"]] == [(30, "runs a CRM"), (20, "home")]
    assert [(one["tier"], one["lowest"], one["decision"]) for one in told["tiers"]] == [
        ("A", 80, "chase"),
        ("C", 40, "deprioritize"),
    ]
    assert (told["base"], told["owner"], told["published"]) == (30, PROFILE.owner_name, None)


def test_a_passed_review_is_said_and_one_to_come_is_not():
    assert summary()["review_passed"] is None
    assert PROFILE.review_by in summary(today=datetime.date(2099, 1, 1))["review_passed"]


def test_only_rules_that_call_are_reasons_to_call_and_hand_raises_come_first():
    click = "{when: {activity: ad_click}, points: 9, trigger: true}"
    told = summary(f"{click}, {{when: {{activity: demo_request}}, points: 20, act_now: true}}, {{points: 5}}")
    assert [(one["reason"], words.call(one)) for one in told["calls"]] == [
        ("hand_raise", "engagement: activity is demo request"),
        ("trigger", "engagement: activity is ad click"),
    ]


def test_a_rule_without_points_calls_for_nobody():
    assert summary("{when: {activity: demo_request}, points: 0, act_now: true}")["calls"] == []


def test_a_narrower_rule_that_comes_first_is_an_exception_and_one_that_comes_later_or_asks_else_is_none():
    student = "{when: {activity: demo_request, persona: student}, points: 5}"
    calls = "{when: {activity: demo_request}, points: 20, act_now: true}"
    other = "{when: {activity: page_view, persona: student}, points: 1}"
    assert [words.call(one) for one in summary(f"{student}, {other}, {calls}")["calls"]] == [
        "engagement: activity is demo request; not if persona is student"
    ]
    assert [words.call(one) for one in summary(f"{calls}, {student}")["calls"]] == [
        "engagement: activity is demo request"
    ]


def test_a_rule_for_every_signal_of_a_type_says_so():
    assert [
        words.call(one) for one in summary("{points: 9, trigger: true}", kind="funding", facet="round")["calls"]
    ] == ["funding: any signal of this type"]
    found = summary("{when: {amount_usd: {gte: 10000000}}, points: 9, trigger: true}", kind="funding", facet="round")
    assert words.call(found["calls"][0]) == "funding: amount in USD is at least 10,000,000"
