"""The rules of a kind: the first that holds decides, and an answer that is remembered is the same answer."""

import pytest

from signal_engine.core.rules import rulebook
from signal_engine.core.rules.rulebook import Rulebook
from tests.build import rule

HIGH = rule(8, score={"gte": 80})
NAMED = rule(6, topic="crm", score={"gte": 60})
ANY = rule(1)
BOOK = (HIGH, NAMED, ANY)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"score": 80, "topic": "crm"}, HIGH),
        ({"score": 79, "topic": "crm"}, NAMED),
        ({"score": 79, "topic": "erp"}, ANY),
        ({"score": 79}, ANY),
        ({}, ANY),
    ],
)
def test_the_first_rule_that_holds_answers_also_when_asked_again(fields, answer):
    book = Rulebook(BOOK)
    assert book.first(fields) is answer
    assert book.first(dict(fields)) is answer


def test_no_rule_that_holds_is_an_answer_too_and_is_remembered():
    book = Rulebook((HIGH,))
    assert book.first({"score": 10}) is None
    assert book.first({"score": 10}) is None
    assert Rulebook(()).first({"score": 90}) is None


def test_each_combination_of_what_is_asked_has_its_own_answer():
    book = Rulebook(BOOK)
    asked = [({"score": s, "topic": t}, a) for s, t, a in ((80, "crm", HIGH), (60, "crm", NAMED), (60, "erp", ANY))]
    for fields, answer in asked + asked:
        assert book.first(fields) is answer


def test_a_field_that_holds_a_list_is_asked_every_time():
    investors = rule(9, investors={"has_any": ["Sequoia"]})
    book = Rulebook((investors, ANY))
    for _ in range(2):
        assert book.first({"investors": ["Sequoia", "Index"]}) is investors
        assert book.first({"investors": ["Index"]}) is ANY
        assert book.first({}) is ANY
    assert Rulebook((investors,)).first({"investors": ["Index"]}) is None


def test_what_is_remembered_is_bounded_and_answers_stay_right():
    book = Rulebook(BOOK)
    for number in range(2 * rulebook._REMEMBERED_ANSWERS + 5):
        assert book.first({"score": 70, "topic": str(number)}) is ANY
        assert len(book._answers) <= rulebook._REMEMBERED_ANSWERS
    assert book.first({"score": 90, "topic": "0"}) is HIGH


TITLES = {"contains": ["sales", "crm"]}
BY_TITLE = (rule(10, title=TITLES, seniority="vp"), rule(4, title=TITLES), rule(2, department="Sales"))


@pytest.mark.parametrize(
    ("fields", "points"),
    [
        ({"title": "VP Sales", "seniority": "vp"}, 10),
        ({"title": "Head of CRM"}, 4),
        ({"title": "Welder", "department": "sales"}, 2),
        ({"title": "Welder"}, None),
        ({}, None),
        ({"title": ["Welder", "Sales Engineer"]}, 4),
    ],
)
def test_a_title_is_gone_by_for_what_is_found_in_it(fields, points):
    book = Rulebook(BY_TITLE)
    for _ in range(2):
        found = book.first(fields)
        assert (found and found.points) == points


def test_titles_that_are_all_different_are_one_question():
    book = Rulebook(BY_TITLE)
    for number in range(500):
        assert book.first({"title": f"Sales Manager {number}"}) is BY_TITLE[1]
        assert book.first({"title": f"Welder {number}"}) is None
    assert len(book._answers) == 2
    assert len(book._measured) == 1, "what two rules search for alike is searched for once"


def test_sizes_that_are_all_different_are_one_question():
    long, any_ = rule(2, activity="page_view", dwell_seconds={"gte": 120}), rule(0.25, activity="page_view")
    book = Rulebook((long, any_))
    for seconds in range(500):
        asked = {"activity": "page_view", "dwell_seconds": seconds}
        assert book.first(asked) is (long if seconds >= 120 else any_)
    assert book.first({"activity": "page_view"}) is any_
    assert len(book._answers) == 3
