"""From event to points, and the facet of a signal (scoring.md, sections 1 and 2)."""

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.points import (
    ScoredEvent,
    facet_of,
    fields_asked,
    no_rule_holds,
    score_event,
    with_persona,
)
from signal_engine.core.rules.policy import KindPolicy
from tests.build import BUYERS, event, kind, policy, rule

NOTHING = ScoredEvent(0.0)


def of(event: Event, kind: KindPolicy) -> ScoredEvent:
    return score_event(event, event.fields, kind)


LADDER = kind(rules=(rule(8, score={"gte": 80}), rule(0, score={"gte": 70}), rule(4, score={"gte": 60})))


@pytest.mark.parametrize(
    ("score", "points"),
    [(100, 8), (80, 8), (79.9, 0), (70, 0), (69.9, 4), (60, 4), (59.9, 0)],
    ids=["top", "at the first", "zero points are noise", "zero at its bound", "third", "at the third", "no rule"],
)
def test_the_first_rule_that_holds_gives_the_points(score, points):
    assert of(event(points=100, score=score), LADDER) == ScoredEvent(points)


def test_a_rule_without_a_condition_always_holds():
    assert of(event(points=100), kind(rules=(rule(4),))) == ScoredEvent(4.0)


def test_a_kind_without_rules_gives_nothing():
    assert of(event(points=100), kind(rules=())) == NOTHING


def test_every_field_of_a_condition_must_hold():
    executive = kind("leadership", rules=(rule(14, change="joined", level={"in": ["c_level", "vp"]}), rule(6)))
    assert of(event("leadership", 100, change="joined", level="vp"), executive) == ScoredEvent(14.0)
    assert of(event("leadership", 100, change="left", level="vp"), executive) == ScoredEvent(6.0)
    assert of(event("leadership", 100, change="joined", level="manager"), executive) == ScoredEvent(6.0)
    assert of(event("leadership", 100, change="joined"), executive) == ScoredEvent(6.0)


@pytest.mark.parametrize(("confidence", "points"), [(1.0, 8.0), (0.5, 4.0), (0.25, 2.0)])
def test_confidence_scales_the_points(confidence, points):
    assert of(event(points=100 * confidence), kind(rules=(rule(8),))) == ScoredEvent(points)


def test_an_event_without_any_confidence_counts_for_nothing():
    assert of(event(points=0), kind(rules=(rule(8),))) == NOTHING


def test_less_than_a_point_still_counts():
    assert of(event(points=0.5), kind(rules=(rule(1),))) == ScoredEvent(0.005)


def test_a_rule_may_say_that_somebody_asked_to_be_called():
    asked = kind("engagement", rules=(rule(20, act_now=True, activity="demo_request"), rule(1)))
    assert of(event("engagement", 100, activity="demo_request"), asked) == ScoredEvent(20.0, act_now=True)
    assert of(event("engagement", 100, activity="page_view"), asked) == ScoredEvent(1.0)


def test_a_rule_may_say_that_an_event_is_a_reason_to_call_by_itself():
    champion = kind("leadership", rules=(rule(16, trigger=True, relationship="champion"), rule(6)))
    assert of(event("leadership", 100, relationship="champion"), champion) == ScoredEvent(16.0, trigger=True)
    assert of(event("leadership", 100), champion) == ScoredEvent(6.0)


def test_a_closed_posting_counts_for_nothing_and_an_open_one_does():
    hiring = kind("hiring", rules=(rule(4),))
    assert of(event("hiring", 100, status="closed"), hiring) == NOTHING
    assert of(event("hiring", 100, status="open"), hiring) == ScoredEvent(4.0)
    assert of(event("hiring", 100), hiring) == ScoredEvent(4.0)


def test_what_no_person_did_counts_for_nothing():
    engagement = kind("engagement", rules=(rule(20, act_now=True),))
    assert of(event("engagement", 100, automated=True), engagement) == NOTHING
    assert of(event("engagement", 100, automated=False), engagement) == ScoredEvent(20.0, act_now=True)
    assert of(event("hiring", 100, automated=True), kind("hiring", rules=(rule(4),))) == ScoredEvent(4.0)


def test_only_a_posting_can_be_closed():
    assert of(event("intent", 100, status="closed"), kind(rules=(rule(4),))) == ScoredEvent(4.0)


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
    assert facet_of({"department": value}, kind("hiring")) == facet


def test_a_missing_field_is_the_facet_unknown():
    assert facet_of({"title": "VP Sales"}, kind("hiring")) == "unknown"
    assert facet_of({"location": "Oslo"}, kind("hiring", facet="location")) == "oslo"


@pytest.mark.parametrize(
    ("title", "persona"),
    [("CFO", "finance"), ("Chief Financial Officer", "finance"), ("Intern", "student"), ("Chef", "other")],
)
def test_rules_and_facets_see_the_persona_and_not_the_title(title, persona):
    finance = kind("engagement", rules=(rule(9, persona="finance"), rule(1)))
    visit = event("engagement", 100, persona=title)
    fields, called = with_persona(visit, policy(finance, personas=BUYERS))
    assert called == fields["persona"] == facet_of(fields, finance) == persona
    assert score_event(visit, fields, finance).points == (9.0 if persona == "finance" else 1.0)
    assert visit.fields["persona"] == title, "the event itself stays as it came"


@pytest.mark.parametrize("fields", [{}, {"persona": None}, {"persona": " "}])
def test_who_is_not_called_anything_is_unknown_to_rules_and_facets(fields):
    visit = event("engagement", **fields)
    seen, persona = with_persona(visit, policy(personas=BUYERS))
    assert persona == seen["persona"] == facet_of(seen, kind("engagement")) == "unknown"


def test_a_signal_of_another_kind_is_of_nobody_whatever_it_says():
    hire = event("leadership", role="CFO", persona="CFO")
    assert with_persona(hire, policy(personas=BUYERS)) == (hire.fields, "unknown")


@pytest.mark.parametrize(
    ("one", "result"),
    [
        (event("engagement", 100, activity="demo_request"), False),
        (event("engagement", 100, activity="page_view"), True),
        (event("engagement", 100, activity="demo_request", automated=True), None),
        (event("hiring", 100, title="CFO", status="closed"), None),
    ],
    ids=["a rule holds", "no rule holds", "no person did it", "the posting is closed"],
)
def test_an_event_of_which_no_rule_holds_is_off_every_list(one, result):
    rules = policy(kind("engagement", rules=(rule(8, activity="demo_request"),)), kind("hiring", rules=(rule(3),)))
    assert no_rule_holds(one, rules) is result


def test_the_fields_on_which_points_depend():
    assert fields_asked(LADDER) == {"score": (80.0, 70.0, 60.0)}
    both = kind(rules=(rule(8, score={"gte": 80, "lt": 90}, topic="CRM"), rule(4, score=7)))
    assert fields_asked(both) == {"score": (), "topic": ()}
    assert fields_asked(kind("hiring", rules=(rule(5),))) == {"status": ()}
    assert fields_asked(kind("engagement", rules=(rule(5, dwell_seconds={"gt": 9}),))) == {
        "dwell_seconds": (9.0,), "automated": (),
    }  # fmt: skip
