"""What is odd about a scoring file that breaks no law, by the policy alone."""

import pytest

from signal_engine.core.advice import NEAR_CAP_SHARE, ReachableScore, advice, reach
from tests.build import BUYERS, kind, policy, rule

INTENT = kind(cap=35, facet_cap=14, rules=(rule(8, score={"gte": 80}), rule(2)))
ENGAGED = kind("engagement", cap=45, facet_cap=25, rules=(rule(20, act_now=True, activity="demo_request"), rule(8)))
ASKS = ["demo_request", "trial_signup"]
FOUND = {"hot": (40, 32, 2), "warm": (20, 15, 1), "live_floor": 4.0}


def odd(*kinds, dead=(), **file) -> list[str]:
    found = advice(policy(*kinds, **{**FOUND, "multipliers": (1.0, 1.15), **file}), dead)
    return [f"{'.'.join(map(str, problem.path))}: {problem.message}" for problem in found]


def test_nothing_is_odd_about_a_file_that_can_do_what_it_says():
    assert odd(INTENT, ENGAGED) == []
    assert odd(INTENT, ENGAGED, group=(3, 12), hot=(40, 32, 3)) == []
    assert odd(INTENT, ENGAGED, group=(3, 12), personas=BUYERS[1:]) == []


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (11.2, None),
        (11.3, "is 81% of facet_cap (14): a single signal counts 9.8"),
        (14, "is 100% of facet_cap (14): a single signal counts 11.1"),
        (28, "is 200% of facet_cap (14): a single signal counts 13.5"),
    ],
)
def test_a_rule_beyond_80_percent_of_its_facet_cap_says_what_a_signal_counts(points, said):
    """11.3 / 1.5258**(1/3) = 9.82; 14 / 2**(1/3) = 11.11; 14 / 1.125**(1/3) = 13.46."""
    assert NEAR_CAP_SHARE == 0.8
    lone = kind(cap=35, facet_cap=14, rules=(rule(points),))
    found = odd(lone, ENGAGED)
    assert found == ([] if said is None else [f"kinds.intent.rules.0.points: {said}"])


def test_rules_below_one_that_always_holds_are_never_asked():
    lone = kind(cap=35, facet_cap=14, rules=(rule(8, score={"gte": 80}), rule(2), rule(6, score={"gte": 70})))
    said = "never applies: rule 1 before it has no `when` and so always holds"
    assert odd(lone, ENGAGED) == [f"kinds.intent.rules.2: {said}"]


@pytest.mark.parametrize(
    ("kinds", "file", "said"),
    [
        ((INTENT,), {"group": (3, 12)}, "no rule gives points for engagement"),
        (
            (INTENT, kind("engagement", cap=45, facet_cap=25, rules=(rule(0),))),
            {"group": (3, 12)},
            "no rule gives points for engagement",
        ),
        (
            (INTENT, kind("engagement", cap=45, facet_cap=25, facet="page", rules=(rule(8),))),
            {"group": (3, 12)},
            "the facet of engagement is page, not persona",
        ),
        ((INTENT, ENGAGED), {"group": (3, 25)}, "a facet_cap of 25 keeps every persona below 25 points"),
        (
            (INTENT, ENGAGED),
            {"group": (4, 12), "personas": BUYERS[1:]},
            "it needs 4 personas, but only 3 of this file count",
        ),
    ],
)
def test_a_group_that_cannot_be_is_out_of_reach(kinds, file, said):
    found = odd(*kinds, hot=(30, 20, 1), **file)
    assert f"stack.group: cannot be reached: {said}" in found


def test_levels_that_no_account_can_reach_are_said_with_what_can_be():
    assert odd(INTENT, ENGAGED, hot=(92, 80, 3)) == [
        "levels.hot.enter: cannot be reached: caps and multipliers limit every account to 92 points",
        "levels.hot.min_kinds: cannot be reached: rules give points for only 2 kinds, including the buying group",
    ]


def test_a_rule_that_never_holds_gives_nothing():
    dead = {("engagement", 0), ("engagement", 1)}
    assert reach(policy(INTENT, ENGAGED, **FOUND), dead) == ReachableScore(35.0, 1, True)
    assert reach(policy(INTENT, ENGAGED, group=(3, 12), **FOUND), dead) == ReachableScore(35.0, 1, True)
    assert reach(policy(INTENT, ENGAGED, group=(3, 12), **FOUND)) == ReachableScore(80.0, 3, True)
    assert odd(INTENT, ENGAGED, dead=dead) == [
        "levels.hot.enter: cannot be reached: caps and multipliers limit every account to 35 points",
        "levels.hot.min_kinds: cannot be reached: rules give points for only 1 kind, including the buying group",
    ]


def test_without_a_signal_of_weight_nothing_becomes_hot():
    light = kind(cap=50, facet_cap=14, rules=(rule(3.9, score={"gte": 80}), rule(0)))
    assert odd(light, hot=(40, 32, 1)) == ["levels.hot: cannot be reached: no rule gives live_floor (4) points or more"]
    assert not reach(policy(light, **FOUND)).weighty


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ((rule(20, act_now=True, activity="demo_request"),), ["0 by demo_request"]),
        ((rule(5, persona="student"), rule(20, act_now=True, activity="demo_request")), []),
        ((rule(0, act_now=True, activity="demo_request"),), []),
        ((rule(20, activity="demo_request"),), []),
        ((rule(20, act_now=True, activity="demo_request", persona="finance"),), []),
        (
            (rule(5, persona="student", page="/students"), rule(20, act_now=True, activity="demo_request")),
            ["1 by demo_request"],
        ),
        (
            (rule(5, activity="demo_request", persona="student"), rule(20, act_now=True, activity={"in": ASKS})),
            ["1 by trial_signup"],
        ),
    ],
    ids=["asked", "an earlier rule", "no points", "no hand raise", "finance only", "may decide", "what is left"],
)
def test_a_persona_that_does_not_count_and_raises_a_hand_is_said(rules, said):
    engaged = kind("engagement", cap=45, facet_cap=25, rules=(*rules, rule(8)))
    found = odd(INTENT, engaged, personas=BUYERS)
    where = "kinds.engagement.rules.{}: makes {} a hand raise even for persona 'student', which does not count"
    assert found == [where.format(*one.split(" by ")) for one in said]


def test_without_engagement_nobody_raises_a_hand():
    assert odd(INTENT, hot=(30, 20, 1), personas=BUYERS) == []
