"""From event to points, and the facet of a signal (scoring.md, sections 1 and 2)."""

import pytest

from signal_engine.core.rules import facet_of, worth
from tests.build import event, kind, rule

LADDER = kind(rules=(rule(8, score={"gte": 80}), rule(0, score={"gte": 70}), rule(4, score={"gte": 60})))


@pytest.mark.parametrize(
    ("score", "points"),
    [(100, 8), (80, 8), (79.9, 0), (70, 0), (69.9, 4), (60, 4), (59.9, 0)],
    ids=["top", "at the first", "zero points are noise", "zero at its bound", "third", "at the third", "no rule"],
)
def test_the_first_rule_that_holds_gives_the_points(score, points):
    assert worth(event(points=100, score=score), LADDER) == (points, False)


def test_a_rule_without_a_condition_always_holds():
    assert worth(event(points=100), kind(rules=(rule(4),))) == (4.0, False)


def test_a_kind_without_rules_gives_nothing():
    assert worth(event(points=100), kind(rules=())) == (0.0, False)


def test_every_field_of_a_condition_must_hold():
    executive = kind("leadership", rules=(rule(14, change="joined", level={"in": ["c_level", "vp"]}), rule(6)))
    assert worth(event("leadership", 100, change="joined", level="vp"), executive) == (14.0, False)
    assert worth(event("leadership", 100, change="left", level="vp"), executive) == (6.0, False)
    assert worth(event("leadership", 100, change="joined", level="manager"), executive) == (6.0, False)
    assert worth(event("leadership", 100, change="joined"), executive) == (6.0, False)


@pytest.mark.parametrize(("confidence", "points"), [(1.0, 8.0), (0.5, 4.0), (0.25, 2.0)])
def test_confidence_scales_the_points(confidence, points):
    assert worth(event(points=100 * confidence), kind(rules=(rule(8),))) == (points, False)


def test_an_event_without_any_confidence_counts_for_nothing():
    assert worth(event(points=0), kind(rules=(rule(8),))) == (0.0, False)


def test_less_than_a_point_still_counts():
    assert worth(event(points=0.5), kind(rules=(rule(1),))) == (0.005, False)


def test_a_rule_may_say_that_somebody_asked_to_be_called():
    asked = kind("engagement", rules=(rule(20, act_now=True, activity="demo_request"), rule(1)))
    assert worth(event("engagement", 100, activity="demo_request"), asked) == (20.0, True)
    assert worth(event("engagement", 100, activity="page_view"), asked) == (1.0, False)


def test_a_closed_posting_counts_for_nothing_and_an_open_one_does():
    hiring = kind("hiring", rules=(rule(4),))
    assert worth(event("hiring", 100, status="closed"), hiring) == (0.0, False)
    assert worth(event("hiring", 100, status="open"), hiring) == (4.0, False)
    assert worth(event("hiring", 100), hiring) == (4.0, False)


def test_only_a_posting_can_be_closed():
    assert worth(event("intent", 100, status="closed"), kind(rules=(rule(4),))) == (4.0, False)


@pytest.mark.parametrize(
    ("value", "facet"),
    [
        ("Sales", "sales"),
        (" SALES ", "sales"),
        ("Straße", "strasse"),
        ("", "unknown"),
        ("  ", "unknown"),
        (None, "unknown"),
        ("Unknown", "unknown"),
        (85, "85"),
        (85.0, "85"),
        (0, "0"),
        (True, "true"),
    ],
)
def test_the_facet_is_the_field_without_case_and_blanks_and_unknown_without_a_value(value, facet):
    assert facet_of(event("hiring", department=value), kind("hiring")) == facet


def test_a_missing_field_is_the_facet_unknown():
    assert facet_of(event("hiring"), kind("hiring")) == "unknown"
    assert facet_of(event("hiring", location="Oslo"), kind("hiring", facet="location")) == "oslo"
