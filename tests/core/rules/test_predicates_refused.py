"""What a predicate may not be, with the place and the words of each refusal; and predicates in words."""

import datetime

import pytest

from signal_engine.core.rules.predicates import OPERATORS, predicate, predicates
from signal_engine.core.rules.problems import InvalidConfiguration, Problem

PLACE = ("kinds", "intent", "rules", 0, "when")
KNOWN = "eq, ne, in, not_in, gte, gt, lte, lt, contains, has_any, exists"


def refused(when):
    with pytest.raises(InvalidConfiguration) as refusal:
        predicates(when, PLACE)
    (problem,) = refusal.value.problems
    assert problem.path[:5] == PLACE
    return problem.path[5:], problem.message


@pytest.mark.parametrize("when", [None, {}, [], "score", 80, [{"score": 80}]])
def test_a_condition_is_a_map_of_fields(when):
    assert refused(when) == ((), "must be a map of field to predicate")


@pytest.mark.parametrize(
    ("spec", "inside", "message"),
    [
        ({}, (), "must name an operator"),
        ({"above": 5}, ("above",), f"unknown operator 'above'; the operators are {KNOWN}"),
        ({7: 5}, (7,), f"unknown operator '7'; the operators are {KNOWN}"),
        ({"exists": "yes"}, ("exists",), "takes true or false"),
        ({"exists": 1}, ("exists",), "takes true or false"),
        ({"in": "a"}, ("in",), "takes a list"),
        ({"not_in": 5}, ("not_in",), "takes a list"),
        ({"in": []}, ("in",), "takes at least one value"),
        ({"has_any": []}, ("has_any",), "takes at least one value"),
        ({"contains": []}, ("contains",), "takes at least one value"),
        ({"in": ["a", None]}, ("in", 1), "takes text, a number or true/false, not nothing"),
        ({"in": [["a"]]}, ("in", 0), "takes text, a number or true/false, not a list"),
        ({"eq": ["a"]}, ("eq",), "takes text, a number or true/false, not a list"),
        (["a"], ("eq",), "takes text, a number or true/false, not a list"),
        ({"ne": {"a": 1}}, ("ne",), "takes text, a number or true/false, not a map"),
        ({"has_any": {"a": 1}}, ("has_any",), "takes text, a number or true/false, not a map"),
        (None, ("eq",), "takes text, a number or true/false, not nothing"),
        (datetime.date(2026, 1, 1), ("eq",), "takes text, a number or true/false, not a date"),
        (" ", ("eq",), "takes text that is not blank; use exists to test whether a field is given"),
        (
            {"contains": ["a", ""]},
            ("contains", 1),
            "takes text that is not blank; use exists to test whether a field is given",
        ),
        (float("nan"), ("eq",), "takes a finite number"),
        ({"in": [1, float("inf")]}, ("in", 1), "takes a finite number"),
        ({"gte": float("inf")}, ("gte",), "takes a finite number"),
        ({"gt": "80"}, ("gt",), "takes a finite number"),
        ({"lte": True}, ("lte",), "takes a finite number"),
        ({"lt": [80]}, ("lt",), "takes a finite number"),
        ({"lt": None}, ("lt",), "takes a finite number"),
    ],
)
def test_a_predicate_that_cannot_be_read_is_refused_at_its_place(spec, inside, message):
    place, words = refused({"score": spec})
    assert (place, words) == (("score", *inside), message)


def test_the_eleven_operators_are_known_by_name():
    assert ", ".join(OPERATORS) == KNOWN


def test_a_field_that_is_not_text_is_named_as_text():
    (only,) = predicates({5: "x"}, ())
    assert only.field == "5"
    assert only.answer({"5": "x"}) is True


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("Software", "is Software"),
        ({"eq": 200}, "is 200"),
        ({"ne": "a"}, "is not a"),
        ({"in": ["a", "b"]}, "is one of a, b"),
        ({"not_in": ["a", 5]}, "is none of a, 5"),
        ({"gte": 200, "lte": 5000}, "is at least 200 and is at most 5000"),
        ({"gt": 1, "lt": 2.5}, "is more than 1 and is less than 2.5"),
        ({"contains": "x"}, "contains x"),
        ({"has_any": ["SAP", "Oracle"]}, "has any of SAP, Oracle"),
        ({"exists": True}, "is given"),
        ({"exists": False}, "is not given"),
    ],
)
def test_a_predicate_says_in_words_what_it_asks(spec, words):
    assert predicate("field", spec, ()).words == words


def test_a_refusal_names_every_problem_with_its_path():
    refusal = InvalidConfiguration(iter([Problem(("a", 0), "is wrong"), Problem((), "is worse")]))
    assert refusal.problems == (Problem(("a", 0), "is wrong"), Problem((), "is worse"))
    assert str(refusal) == "a.0: is wrong; : is worse"
