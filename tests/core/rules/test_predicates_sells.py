"""Operands that name a list of what we sell (scoring.md, section 1)."""

import pytest

from signal_engine.core.rules.predicates import predicate, predicates
from signal_engine.core.rules.problems import InvalidConfiguration

SELLS = {"departments": ("Sales", "Customer Success"), "roles": ("revenue",), "topics": ()}


@pytest.mark.parametrize(
    ("spec", "value", "answer"),
    [
        ({"in": "$sells.departments"}, "sales", True),
        ({"in": "$sells.departments"}, "legal", False),
        ({"not_in": "$sells.departments"}, "legal", True),
        ({"not_in": "$sells.departments"}, "Sales", False),
        ({"contains": "$sells.roles"}, "VP Revenue Operations", True),
        ({"contains": "$sells.roles"}, "VP Finance", False),
        ({"has_any": "$sells.departments"}, ["legal", "SALES"], True),
        ({"has_any": "$sells.departments"}, ["legal"], False),
        ({"in": "$sells.topics"}, "crm", False),
        ({"not_in": "$sells.topics"}, "crm", True),
        ({"contains": "$sells.topics"}, "crm", False),
        ({"eq": "sells.departments"}, "sells.departments", True),
    ],
)
def test_a_list_is_asked_for_by_its_name_and_an_empty_one_holds_nothing(spec, value, answer):
    assert predicate("field", spec, (), SELLS).answer({"field": value}) is answer


def test_a_list_that_is_empty_holds_for_nothing_else_either():
    asked = predicate("field", {"has_any": "$sells.topics"}, (), SELLS)
    assert asked.answer({"field": ["crm"]}) is not True


def test_its_words_are_those_of_the_list():
    assert predicate("field", {"in": "$sells.departments"}, (), SELLS).words == "is one of Sales, Customer Success"


@pytest.mark.parametrize(
    ("spec", "path", "message"),
    [
        ("$sells.roles", ("eq",), "$sells.roles is only allowed with in, not_in, contains, has_any"),
        ({"ne": "$sells.roles"}, ("ne",), "$sells.roles is only allowed with in, not_in, contains, has_any"),
        ({"gte": "$sells.roles"}, ("gte",), "$sells.roles is only allowed with in, not_in, contains, has_any"),
        (
            {"in": "$sells.people"},
            ("in",),
            "unknown list $sells.people; the lists are $sells.departments, $sells.roles, $sells.topics",
        ),
        ({"in": []}, ("in",), "takes at least one value"),
    ],
)
def test_what_names_no_list_is_refused_with_those_there_are(spec, path, message):
    with pytest.raises(InvalidConfiguration) as refusal:
        predicate("title", spec, ("when", "title"), SELLS)
    ((place, said),) = refusal.value.problems
    assert (place, said) == (("when", "title", *path), message)


def test_an_icp_file_knows_no_lists():
    with pytest.raises(InvalidConfiguration, match=r"unknown list \$sells\.roles; the lists are none"):
        predicates({"title": {"contains": "$sells.roles"}}, ("must_have",))
