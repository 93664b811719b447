"""Scoring files under which a law could fail, and where and how each is refused (scoring.md, section 8)."""

from dataclasses import replace

import pytest

from signal_engine.core.fit.ranking import LEVEL_STEP
from signal_engine.core.laws import ALERTS_KEPT_DAYS, MAX_POINTS, MIN_FLOOR_POINTS, law_problems, weight_problems
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.policy import ListPolicy, Stack, Threshold
from tests.build import icp, kind, policy, rule

NAN, INF = float("nan"), float("inf")
LEVELS = "must hold 0 < exit < enter <= 100"
NUMBER = "must be a finite number above 0"
FLOOR = "must be a finite number, 0.01 or more"
TOTAL = "times the sum of the caps must be below 1,000,000, or priorities pass levels"
LIVE = "must be below the least cap (20), or a kind is never live"
MORE = "must be a finite number, 0 or more: more evidence never hurts"
TOO_MANY = "must be at most 1,000,000: sums of more could overflow"
ANY_NUMBER = "must be a finite number, 0 or more"
KEPT = "is longer than the alerts topic keeps (30 days)"
SILENCE = "must be a finite number above 0; leave it out for never"
WEIGHT = "must be above 0 and at most 1"
FUNDING_FIELDS = (
    "they have account_id, account_name, amount, amount_usd, confidence, currency, "
    "detected_at, event_id, investors, occurred_at, round, source, source_url"
)
CAPPED = (kind(cap=30), kind("hiring", cap=20))
GROUPED = (kind(cap=30), kind("engagement", cap=20))


def problems(**file):
    return [(".".join(map(str, p.path)), p.message) for p in law_problems(policy(*CAPPED, **file))]


def kind_problems(**spec):
    spec = {"cap": 40, **spec}
    return [(".".join(map(str, p.path)), p.message) for p in law_problems(policy(kind("funding", **spec)))]


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"multipliers": (1.0,)},
        {"multipliers": (1, 1.2, 1.2)},
        {"live_floor": 19.999},
        {"hot": (100, 50, 2), "warm": (99, 49, 0)},
        {"hot": (60, 0.2, 2), "warm": (35, 0.1, 2)},
        {"live_floor": 0.01},
        {"multipliers": (1, 19_999)},
        {"max_silence_days": 0.001},
        {"cooldown_days": 0, "hand_raise_hours": 0, "trigger_days": 0},
        {"cooldown_days": 30, "hand_raise_hours": 720, "trigger_days": 30},
        {"pin_days": 0},
        {"size": 1, "min_score": 0, "tier_weight": {}},
        {"min_score": 100, "tier_weight": {"A": 1, "B": 1e-9}},
    ],
)
def test_a_file_at_the_bounds_is_accepted(file):
    assert problems(**file) == []


@pytest.mark.parametrize(
    ("file", "place", "message"),
    [
        ({"multipliers": ()}, "stack.multipliers", "must not be empty"),
        ({"multipliers": (1, NAN)}, "stack.multipliers", "must be finite numbers"),
        ({"multipliers": (1, INF)}, "stack.multipliers", "must be finite numbers"),
        ({"live_floor": 0.0099}, "stack.live_floor", FLOOR),
        ({"multipliers": (1, 20_000)}, "stack.multipliers", TOTAL),
        ({"multipliers": (1.1, 1.2)}, "stack.multipliers", "must start at 1: a single kind is no stack"),
        ({"multipliers": (0.9, 1.2)}, "stack.multipliers", "must start at 1: a single kind is no stack"),
        (
            {"multipliers": (1, 1.3, 1.2)},
            "stack.multipliers",
            "must not fall: one more live kind may not lower a score",
        ),
        ({"live_floor": 0}, "stack.live_floor", FLOOR),
        ({"live_floor": -1}, "stack.live_floor", FLOOR),
        ({"live_floor": NAN}, "stack.live_floor", FLOOR),
        ({"live_floor": INF}, "stack.live_floor", FLOOR),
        ({"live_floor": 20}, "stack.live_floor", LIVE),
        ({"live_floor": 25}, "stack.live_floor", LIVE),
        ({"hot": (60, 60, 1)}, "levels.hot", LEVELS),
        ({"hot": (100.1, 50, 1)}, "levels.hot", LEVELS),
        ({"warm": (35, 0, 1)}, "levels.warm", LEVELS),
        ({"warm": (35, 35, 1)}, "levels.warm", LEVELS),
        ({"hot": (60, 50, 3)}, "levels.hot.min_kinds", "is more than the 2 kinds of this file"),
        ({"warm": (35, 28, 3)}, "levels.warm.min_kinds", "is more than the 2 kinds of this file"),
        ({"hot": (60, 50, -1)}, "levels.hot.min_kinds", "must not be negative"),
        ({"warm": (60, 28, 1)}, "levels.warm.enter", "must be below hot.enter (60)"),
        ({"warm": (55, 50, 1)}, "levels.warm.exit", "must be below hot.exit (50)"),
        ({"cooldown_days": -0.1}, "alerts.cooldown_days", ANY_NUMBER),
        ({"cooldown_days": NAN}, "alerts.cooldown_days", ANY_NUMBER),
        ({"cooldown_days": INF}, "alerts.cooldown_days", ANY_NUMBER),
        ({"cooldown_days": 30.1}, "alerts.cooldown_days", KEPT),
        ({"hand_raise_hours": -1}, "alerts.hand_raise_hours", ANY_NUMBER),
        ({"hand_raise_hours": 720.1}, "alerts.hand_raise_hours", KEPT),
        ({"trigger_days": -1}, "alerts.trigger_days", ANY_NUMBER),
        ({"trigger_days": NAN}, "alerts.trigger_days", ANY_NUMBER),
        ({"trigger_days": 30.1}, "alerts.trigger_days", KEPT),
        ({"max_silence_days": 0}, "levels.hot.max_silence_days", SILENCE),
        ({"max_silence_days": -1}, "levels.hot.max_silence_days", SILENCE),
        ({"max_silence_days": NAN}, "levels.hot.max_silence_days", SILENCE),
        ({"max_silence_days": INF}, "levels.hot.max_silence_days", SILENCE),
        ({"group": (0, 5)}, "stack.group.personas", "must be 1 or more"),
        ({"group": (3, 0)}, "stack.group.each", NUMBER),
        ({"group": (3, NAN)}, "stack.group.each", NUMBER),
        ({"group": (3, INF)}, "stack.group.each", NUMBER),
        ({"pin_days": -0.1}, "lists.pin_days", ANY_NUMBER),
        ({"pin_days": NAN}, "lists.pin_days", ANY_NUMBER),
        ({"size": 0}, "lists.size", "must be 1 or more"),
        ({"min_score": -0.1}, "lists.min_score", "must be in 0..100"),
        ({"min_score": 100.1}, "lists.min_score", "must be in 0..100"),
        ({"min_score": NAN}, "lists.min_score", "must be in 0..100"),
        ({"tier_weight": {"A": 0}}, "lists.tier_weight.A", WEIGHT),
        ({"tier_weight": {"A": 1.1}}, "lists.tier_weight.A", WEIGHT),
        ({"tier_weight": {"A": 1, "B": NAN}}, "lists.tier_weight.B", WEIGHT),
    ],
)
def test_a_file_under_which_a_law_could_fail_is_refused_at_its_place(file, place, message):
    assert problems(**file) == [(place, message)]


@pytest.mark.parametrize(
    ("spec", "place", "message"),
    [
        ({"half_life": 0}, "half_life_days", NUMBER),
        ({"half_life": -1}, "half_life_days", NUMBER),
        ({"half_life": 1e-9}, "half_life_days", "must be at least a millisecond"),
        ({"cap": INF}, "cap", NUMBER),
        ({"facet_cap": 0}, "facet_cap", NUMBER),
        ({"facet_cap": NAN}, "facet_cap", NUMBER),
        ({"rules": (rule(1), rule(-0.1))}, "rules.1.points", MORE),
        ({"rules": (rule(NAN),)}, "rules.0.points", MORE),
        ({"rules": (rule(INF),)}, "rules.0.points", MORE),
        ({"rules": (rule(1), rule(1_000_000.1))}, "rules.1.points", TOO_MANY),
        ({"rules": (rule(1.7e308),)}, "rules.0.points", TOO_MANY),
        ({"facet": "investors"}, "facet", "investors holds several values; a facet is a field with one"),
        (
            {"facet": "topic"},
            "facet",
            f"funding events have no field 'topic'; {FUNDING_FIELDS}",
        ),
        (
            {"rules": (rule(1), rule(1, size={"gte": 5}))},
            "rules.1.when.size",
            f"funding events have no field 'size'; {FUNDING_FIELDS}",
        ),
    ],
)
def test_a_kind_under_which_a_law_could_fail_is_refused_at_its_place(spec, place, message):
    assert kind_problems(**spec) == [(f"kinds.funding.{place}", message)]


def test_the_most_points_that_a_rule_may_give_overflow_in_no_sum():
    """A facet is summed as of a reference instant up to 24 half-lives back, where a point weighs 2**24."""
    assert kind_problems(rules=(rule(MAX_POINTS),)) == []
    all_events_ever = 1e18 * MAX_POINTS * 2.0**24
    assert all_events_ever < INF


def test_priorities_stay_below_what_a_level_is_worth():
    assert LEVEL_STEP == 1e6
    assert kind_problems(cap=999_999) == []
    assert kind_problems(cap=1_000_000) == kind_problems(cap=1.7e308) == [("stack.multipliers", TOTAL)]


@pytest.mark.parametrize("rules", [policy(*GROUPED, hot=(60, 50, 3), group=(3, 12)), policy(*CAPPED, hot=(60, 50, 2))])
def test_a_level_may_ask_for_every_kind_and_the_buying_group(rules):
    assert law_problems(rules) == []


@pytest.mark.parametrize(
    ("rules", "there"),
    [
        (policy(*GROUPED, hot=(60, 50, 4), group=(3, 12)), "2 kinds of this file and the buying group"),
        (policy(*CAPPED, hot=(60, 50, 3), group=(3, 12)), "2 kinds of this file"),
        (policy(*GROUPED, hot=(60, 50, 3)), "2 kinds of this file"),
    ],
    ids=["more than there are", "a group, but nobody who could be in it", "no group"],
)
def test_a_level_may_not_ask_for_more_than_can_be_live(rules, there):
    assert [p.message for p in law_problems(rules)] == [f"is more than the {there}"]


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_that_is_not_above_zero_leaves_nothing_live_either(cap):
    assert kind_problems(cap=cap) == [
        ("stack.live_floor", f"must be below the least cap ({cap}), or a kind is never live"),
        ("kinds.funding.cap", NUMBER),
    ]


@pytest.mark.parametrize("field", ["source", "confidence", "account_name", "round"])
def test_a_kind_may_speak_of_its_own_and_of_the_common_fields(field):
    assert kind_problems(facet=field, rules=(rule(0, **{field: "x"}),)) == []


def test_a_rule_may_ask_a_field_that_holds_several_values():
    assert kind_problems(rules=(rule(5, investors={"has_any": ["Index"]}),)) == []


def test_a_level_that_is_no_number_is_refused():
    assert problems(hot=(NAN, 50, 1)) == [
        ("levels.hot", LEVELS),
        ("levels.warm.enter", "must be below hot.enter (nan)"),
    ]


def test_every_problem_is_found_not_only_the_first():
    others = (kind(name, cap=9) for name in KINDS[1:])
    broken = policy(kind(cap=0.5), *others, multipliers=(), size=0, cooldown_days=-1)
    places = [p.path for p in law_problems(replace(broken, stack=Stack(0.0, ())))]
    assert places == [("stack", "multipliers"), ("stack", "live_floor"), ("alerts", "cooldown_days"), ("lists", "size")]


def test_a_file_without_kinds_has_no_least_cap():
    bare = replace(policy(hot=(60, 50, 0), warm=(35, 28, 0)), kinds={})
    assert law_problems(bare) == []
    assert Threshold(60, 50, 0) == bare.levels.hot


def test_a_tier_that_is_chased_needs_a_weight():
    profile = icp(tiers={"A": 80, "Z": 50, "W": 20}, decisions={"A": "chase", "Z": "chase", "W": "deprioritize"})
    weighted = policy(tier_weight={"A": 1.0})
    (problem,) = weight_problems(weighted, [profile, icp(tiers={"A": 50}, decisions={"A": "chase"})])
    assert problem.path == ("decisions", "Z")
    assert problem.message == "tier 'Z' of ICP saas is chased but has no weight in lists.tier_weight"
    assert weight_problems(policy(), []) == []
    assert isinstance(weighted.lists, ListPolicy)


def test_the_alerts_topic_keeps_alerts_for_thirty_days():
    assert ALERTS_KEPT_DAYS == 30


def test_a_half_life_of_one_millisecond_is_the_shortest():
    assert law_problems(policy(kind(cap=40, half_life=1 / 86_400_000))) == []


def test_what_is_about_to_be_forgotten_is_never_live():
    assert MIN_FLOOR_POINTS == 0.01
