"""From signals to a score, against the formulas of scoring.md, section 2, worked out beside the code."""

import pytest

from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.core.score.stack import (
    evaluate,
    fall_at,
    has_buying_group,
    kind_points,
    live_personas,
    persona_points,
    strength,
    weakest_of_group,
)
from tests.build import BUYERS, DAY, T0, kind, policy

INTENT, HIRING, FUNDING = kind(), kind("hiring"), kind("funding")


def sat(s: float, c: float) -> float:
    """As scoring.md writes it."""
    return s / (1 + (s / c) ** 3) ** (1 / 3)


def account(**points: float) -> Account:
    """Kind=points, all of one facet, as of T0."""
    account = Account()
    account.now = T0
    account.kinds = {kind: KindState(T0, {"x": s}) for kind, s in points.items()}
    return account


def saturated(*caps: float, **more) -> tuple[Account, object]:
    """An account whose kinds give their caps exactly, whatever the time."""
    names = ("intent", "hiring", "funding", "engagement")[: len(caps)]
    kinds = [kind(name, cap=cap) for name, cap in zip(names, caps, strict=True)]
    return account(**dict.fromkeys(names, 1e30)), policy(*kinds, **more)


def test_facets_saturate_one_by_one_then_the_kind_as_a_whole():
    capped = kind(cap=35, facet_cap=14)
    one, other = sat(16, 14), sat(8, 14)  # 11.8004 and 7.5565
    assert kind_points(KindState(T0, {"crm": 16.0}), T0, capped) == pytest.approx(sat(one, 35), abs=1e-12)
    both = sat(one + other, 35)  # 19.3569 of 35
    assert kind_points(KindState(T0, {"crm": 16.0, "erp": 8.0}), T0, capped) == pytest.approx(both, abs=1e-12)
    assert both == pytest.approx(18.3743, abs=1e-4)


def test_points_decay_by_half_in_a_half_life_before_they_saturate():
    capped = kind(cap=35, facet_cap=14, half_life=14)
    state = KindState(T0, {"crm": 16.0})
    in_14_days, in_7_days = sat(sat(8, 14), 35), sat(sat(16 * 2**-0.5, 14), 35)
    assert (in_14_days, in_7_days) == (pytest.approx(7.5314, abs=1e-4), pytest.approx(9.7519, abs=1e-4))
    assert kind_points(state, T0 + 14 * DAY, capped) == pytest.approx(in_14_days, abs=1e-12)
    assert kind_points(state, T0 + 7 * DAY, capped) == pytest.approx(in_7_days, abs=1e-12)


def test_breadth_beats_repetition():
    capped = kind(cap=35, facet_cap=14)
    broad = kind_points(KindState(T0, {"crm": 8.0, "erp": 8.0}), T0, capped)
    assert broad > kind_points(KindState(T0, {"crm": 16.0}), T0, capped)


def test_little_evidence_loses_no_digits():
    assert kind_points(KindState(T0, {"x": 1e-6}), T0, INTENT) == pytest.approx(1e-6, rel=1e-12)
    assert kind_points(KindState(T0, {}), T0, INTENT) == 0.0


def test_a_kind_never_passes_its_cap():
    assert kind_points(KindState(T0, {str(n): 1e9 for n in range(50)}), T0, kind(cap=35, facet_cap=14)) <= 35
    assert kind_points(KindState(T0, {"x": 1e30}), T0, kind(cap=30)) == 30.0


def test_a_rule_worth_exactly_the_floor_never_makes_its_kind_live_alone():
    rules = policy(kind(cap=35, facet_cap=14), live_floor=4.0)
    assert evaluate(account(intent=4.0), T0, rules).live == set()
    assert evaluate(account(intent=4.04), T0, rules).live == {"intent"}


def test_an_account_without_signals_scores_nothing():
    score = evaluate(Account(), T0, policy(INTENT))
    assert score == (T0, {}, frozenset(), 1.0, 0.0, 0.0)
    assert score.parts == [("stack", 0.0), ("ceiling", 0.0)]


def test_the_score_is_the_sum_of_the_kinds_times_the_multiplier_of_the_live_ones():
    stack, rules = saturated(20, 10, multipliers=(1.0, 1.5))
    score = evaluate(stack, T0, rules)
    assert (score.at, score.kinds) == (T0, {"intent": 20.0, "hiring": 10.0})
    assert (score.live, score.multiplier, score.raw, score.score) == ({"intent", "hiring"}, 1.5, 45.0, 45.0)
    assert score.parts == [("intent", 20.0), ("hiring", 10.0), ("stack", 15.0), ("ceiling", 0.0)]


def test_a_kind_is_live_from_the_floor_on_and_counts_its_points_also_below_it():
    stack, rules = saturated(20, 2, multipliers=(1.0, 1.5), live_floor=2.0)
    assert evaluate(stack, T0, rules).live == {"intent", "hiring"}
    stack, rules = saturated(20, 2, multipliers=(1.0, 1.5), live_floor=2.0000001)
    score = evaluate(stack, T0, rules)
    assert (score.live, score.multiplier, score.raw) == ({"intent"}, 1.0, 22.0)


def test_more_live_kinds_than_multipliers_take_the_last_one():
    stack, rules = saturated(10, 10, 10, multipliers=(1.0, 2.0))
    assert evaluate(stack, T0, rules).raw == 60.0


@pytest.mark.parametrize(
    ("cap", "score", "ceiling"), [(40, 80.0, 0.0), (50, 100.0, 0.0), (60, 100.0, -20.0)], ids=["below", "at", "above"]
)
def test_a_score_ends_at_100_and_the_raw_one_does_not(cap, score, ceiling):
    stack, rules = saturated(cap, cap)
    found = evaluate(stack, T0, rules)
    assert (found.raw, found.score, found.parts[-1]) == (2.0 * cap, score, ("ceiling", ceiling))


def test_parts_stand_in_the_order_of_the_policy_and_a_kind_that_left_it_does_not_count():
    scored = evaluate(account(funding=5, intent=7, hiring=3), T0, policy(INTENT, FUNDING))
    assert list(scored.kinds) == ["intent", "funding"]
    assert scored.score == pytest.approx(12, abs=1e-6)


def test_strength_is_the_sum_of_the_facets_as_they_are_now():
    assert strength(KindState(T0, {"a": 6.0, "b": 2.0}), T0 + 2 * DAY, INTENT) == 2.0


GROUP = policy(
    kind(half_life=2),
    kind("engagement", half_life=1, facet_cap=25, cap=45),
    multipliers=(1.0, 1.5, 2.0),
    live_floor=4.0,
    group=(3, 12),
    personas=BUYERS,
)


def visited(rules=GROUP, **points: float) -> Account:
    """Persona=points of engagement as of T0."""
    account = Account()
    account.now = T0
    account.kinds = {"engagement": KindState(T0, dict(points))}
    return account


@pytest.mark.parametrize(
    ("people", "group", "because"),
    [
        ({"finance": 13, "it": 13, "sales": 13}, True, "three named personas above 12 each"),
        ({"finance": 13, "it": 13, "sales": 12}, False, "12 points saturate to 11.59"),
        ({"finance": 13, "it": 13, "sales": 12.5}, True, "12.5 points to 12.02"),
        ({"finance": 13, "it": 13}, False, "two are too few"),
        ({"finance": 99, "it": 99, "sales": 11}, False, "depth does not make up for breadth"),
        ({"finance": 13, "it": 13, "student": 99}, False, "a student does not count"),
        ({"finance": 13, "it": 13, "other": 99}, False, "nor does who is not known by name"),
        ({"finance": 13, "it": 13, "unknown": 99}, False, "nor who is not known at all"),
        ({"finance": 13, "it": 13, "sales": 13, "student": 1, "other": 50}, True, "others do not disturb"),
        ({}, False, "nobody"),
    ],
)
def test_several_named_people_deep_in_it_are_a_buying_group(people, group, because):
    """sat(13, 25) = 13 / 1.140608**(1/3) = 12.442; sat(12, 25) = 12 / 1.110592**(1/3) = 11.588."""
    found = visited(**people)
    assert has_buying_group(found, T0, GROUP) is group, because
    score = evaluate(found, T0, GROUP)
    assert ("buying_group" in score.live) is group, because
    assert score.multiplier == (1.5 if group else 1.0), because


def test_a_buying_group_counts_like_a_kind_and_adds_no_points_of_its_own():
    found = visited(finance=13, it=13, sales=13)
    found.kinds["intent"] = KindState(T0, {"crm": 10.0})
    score = evaluate(found, T0, GROUP)
    engaged = sat(3 * sat(13, 25), 45)
    assert score.live == {"intent", "engagement", "buying_group"}
    assert list(score.kinds) == ["intent", "engagement"]
    assert (score.multiplier, score.raw) == (2.0, pytest.approx(2 * (10 + engaged)))
    assert score.parts == [
        ("intent", pytest.approx(10)),
        ("engagement", pytest.approx(engaged)),
        ("stack", pytest.approx(10 + engaged)),
        ("ceiling", 0.0),
    ]


@pytest.mark.parametrize(
    "rules",
    [
        policy(kind("engagement"), personas=BUYERS),
        policy(kind("engagement", facet="page"), group=(3, 12), personas=BUYERS),
        policy(kind(), group=(3, 12), personas=BUYERS),
    ],
    ids=["the file has no group", "engagement does not saturate by persona", "engagement does not count"],
)
def test_where_there_can_be_no_buying_group_there_is_none(rules):
    people = visited(finance=99, it=99, sales=99)
    assert has_buying_group(people, T0, rules) is False
    assert "buying_group" not in evaluate(people, T0, rules).live


def test_an_account_that_nobody_has_visited_has_no_buying_group():
    assert has_buying_group(account(intent=50), T0, GROUP) is False
    assert persona_points(account(intent=50), T0, GROUP) == {}


def test_the_points_of_a_persona_are_those_of_its_facet_as_they_are_now():
    people = visited(finance=40, it=5, student=50, other=60, unknown=70)
    assert persona_points(people, T0 + DAY, GROUP) == {
        "finance": pytest.approx(sat(20, 25)),
        "it": pytest.approx(sat(2.5, 25)),
    }
    assert live_personas(people, T0 + DAY, GROUP) == {"finance"}
    assert live_personas(people, T0, GROUP) == {"finance", "it"}


def test_a_persona_counts_from_the_floor_on():
    assert live_personas(visited(finance=4.0, it=4.01), T0, GROUP) == {"it"}, "4 points of 25 are 3.995"


@pytest.mark.parametrize("rules", [policy(kind("engagement", facet="page")), policy(kind())])
def test_where_engagement_does_not_saturate_by_persona_nobody_is_named(rules):
    assert live_personas(visited(finance=99), T0, rules) == set()


def test_the_weakest_of_a_group_is_the_last_of_so_many_strongest():
    people = visited(finance=20, it=13, sales=30, student=99)
    assert weakest_of_group(people, T0, GROUP, GROUP.group) == pytest.approx(sat(13, 25))
    assert weakest_of_group(visited(finance=20, it=13), T0, GROUP, GROUP.group) == 0.0


def test_how_fast_a_score_falls_is_the_slope_of_what_it_is():
    stack = visited(finance=13, it=13, sales=20)
    stack.kinds["intent"] = KindState(T0, {"crm": 10.0})
    raw, fall = fall_at(stack, T0, GROUP)
    later = evaluate(stack, T0 + 1_000, GROUP).raw
    assert raw == evaluate(stack, T0, GROUP).raw
    assert fall == pytest.approx((raw - later) / 1_000, rel=1e-4)
