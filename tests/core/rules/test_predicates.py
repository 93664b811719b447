"""What the operators answer: True, False, or None when a field is missing or unreadable (scoring.md, section 1)."""

import pytest

from signal_engine.core.rules.predicates import every, holds, predicate, predicates

YES, NO, NONE = True, False, None


def ask(spec, value):
    return predicate("field", spec, ()).answer({"field": value})


@pytest.mark.parametrize(
    ("spec", "value", "answer", "because"),
    [
        ("crm", "crm", YES, "a plain value is the same as eq"),
        ({"eq": "crm"}, " CRM ", YES, "text compares without case and surrounding blanks"),
        ({"eq": " CRM "}, "crm", YES, "on either side"),
        ({"eq": "crm"}, "crms", NO, "the whole text counts"),
        ({"eq": "200"}, 200.0, YES, "a number is compared as text with a text"),
        ({"eq": 200}, "200", YES, "a text is compared as number with a number"),
        ({"eq": 200}, "200.0", YES, "however it is written"),
        ({"eq": 200}, "1,200", NO, "another number"),
        ({"eq": 1200}, "1,200", YES, "thousands separators do not matter"),
        ({"eq": 200}, "many", NONE, "a word cannot be read as a number"),
        ({"eq": 1}, True, NONE, "a boolean cannot be read as a number"),
        ({"eq": True}, "yes", YES, "yes is true"),
        ({"eq": True}, 1, YES, "one is true"),
        ({"eq": True}, "no", NO, "no is not true"),
        ({"eq": False}, "0", YES, "zero is false"),
        ({"eq": True}, "maybe", NONE, "a word cannot be read as a boolean"),
        ({"eq": "crm"}, ["erp", "CRM"], YES, "eq holds for any element"),
        ({"eq": "crm"}, ["erp", "bi"], NO, "or for none"),
        ({"eq": 5}, ["x", "5"], YES, "one readable element that is equal decides"),
        ({"eq": 5}, ["x", "6"], NO, "an element that cannot be read is passed over"),
        ({"eq": 5}, ["x", "y"], NONE, "where none can be read there is no answer"),
        ({"has_any": [5, 7]}, ["x", "6"], NO, "has_any passes over such an element, too"),
        ({"has_any": [5, 7]}, ["x"], NONE, "and has no answer where none can be read"),
        ({"eq": "crm"}, ["", None], NONE, "a list of blanks is empty"),
        ({"ne": "crm"}, "erp", YES, "another text"),
        ({"ne": "crm"}, "CRM", NO, "the same text"),
        ({"ne": 5}, "x", NONE, "what cannot be read is not known to differ"),
        ({"ne": "crm"}, ["erp", "bi"], YES, "ne holds when it holds for all"),
        ({"ne": "crm"}, ["erp", "crm"], NO, "and not when one is equal"),
        ({"ne": 5}, ["x", "5"], NO, "one that is equal decides"),
        ({"ne": 5}, ["x", "6"], YES, "one that cannot be read is passed over"),
        ({"in": ["crm", "erp"]}, "ERP", YES, "one of the list"),
        ({"in": ["crm", "erp"]}, "bi", NO, "none of the list"),
        ({"in": [200]}, "200.0", YES, "in reads as the operand's type, too"),
        ({"in": [200, "many"]}, "Many", YES, "operands of two types: as text"),
        ({"in": [200, "many"]}, "200", YES, "operands of two types: as number"),
        ({"in": [200, "many"]}, "few", NO, "text can always be read as text"),
        ({"in": [True, 7]}, "yes", YES, "a boolean among the operands"),
        ({"in": [True, 7]}, "7", YES, "a number beside a boolean"),
        ({"in": [True, 7]}, "8", NO, "readable as one of the types is readable"),
        ({"in": [True, 7]}, "no", NO, "readable as the other is readable, too"),
        ({"in": [True, 7]}, "many", NO, "in is never unreadable: what is neither is not in the list"),
        ({"in": [True]}, 2, NO, "a number that is no boolean is not in the list"),
        ({"in": [7]}, ["x", "y"], NO, "nor are elements of which none can be read"),
        ({"not_in": [True, 7]}, "many", YES, "not_in is never unreadable either"),
        ({"not_in": [7]}, ["x", "8"], YES, "elements that are not in the list, readable or not"),
        ({"not_in": [7]}, ["x", "7"], NO, "one that is in it decides"),
        ({"in": ["a", "b"]}, ["x", "B"], YES, "any element of a list"),
        ({"not_in": ["a", "b"]}, ["x", "y"], YES, "no element of a list"),
        ({"not_in": ["a", "b"]}, ["x", "B"], NO, "one element of a list"),
        ({"not_in": ["a", "b"]}, "c", YES, "not in the list"),
        ({"gte": 80}, 80, YES, "at least: the bound counts"),
        ({"gte": 80}, 79.999, NO, "at least: just below"),
        ({"gt": 80}, 80, NO, "more than: the bound does not count"),
        ({"gt": 80}, 80.001, YES, "more than: just above"),
        ({"lte": 80}, 80, YES, "at most: the bound counts"),
        ({"lte": 80}, 80.001, NO, "at most: just above"),
        ({"lt": 80}, 80, NO, "less than: the bound does not count"),
        ({"lt": 80}, 79.999, YES, "less than: just below"),
        ({"gte": 80}, "80", YES, "a cell of text reads as a number"),
        ({"gt": 80}, "80.0", NO, "and compares as one"),
        ({"lt": 1000}, "1,000", NO, "with its thousands"),
        ({"gte": 80}, [90], YES, "a list of one is its element"),
        ({"gte": 80}, ["", "90"], YES, "blanks do not count as elements"),
        ({"gte": 80}, [90, 95], NONE, "a longer list is not readable"),
        ({"gte": 80}, "many", NONE, "a word is not readable"),
        ({"gte": 0}, True, NONE, "a boolean is not readable"),
        ({"contains": "sales"}, "VP SALES EMEA", YES, "a word inside the text, without case"),
        ({"contains": "sales"}, "Marketing", NO, "not inside"),
        ({"contains": ["sales", "growth"]}, "Head of Growth", YES, "any of a list of words"),
        ({"contains": ["sales", "growth"]}, "Finance", NO, "none of a list of words"),
        ({"contains": "sales"}, ["Finance", "Presales"], YES, "in any element"),
        ({"contains": "20"}, 1200, YES, "in a number as text"),
        ({"contains": " Sales "}, "presales", YES, "blanks around the word do not count"),
        ({"has_any": ["SAP", "Oracle"]}, ["Slack", "oracle"], YES, "a shared element"),
        ({"has_any": ["SAP", "Oracle"]}, ["Slack"], NO, "no shared element"),
        ({"has_any": ["SAP", "Oracle"]}, "sap", YES, "a single value is a list of one"),
        ({"has_any": "SAP"}, ["sap"], YES, "a single operand is a list of one"),
        ({"has_any": "SAP"}, "SAP HANA", NO, "an element is the whole text"),
        ({"exists": True}, "x", YES, "given"),
        ({"exists": True}, 0, YES, "zero is given"),
        ({"exists": True}, False, YES, "false is given"),
        ({"exists": False}, "x", NO, "given although it should not be"),
        ({"exists": False}, [""], YES, "a list of blanks is not given"),
        ({"gte": 200, "lte": 500}, 300, YES, "all operators hold"),
        ({"gte": 200, "lte": 500}, 100, NO, "the first does not hold"),
        ({"gte": 200, "lte": 500}, 600, NO, "the last does not hold"),
        ({"gte": 200, "exists": True}, None, NO, "false beats no answer"),
        ({"gte": 200, "exists": False}, None, NONE, "no answer beats true"),
    ],
)
def test_a_predicate_answers(spec, value, answer, because):
    assert ask(spec, value) is answer, because


@pytest.mark.parametrize("value", [None, "", "  ", [], [None, " "]])
@pytest.mark.parametrize(
    "spec",
    [
        {"eq": "x"},
        {"eq": 5},
        {"ne": "x"},
        {"ne": True},
        {"in": ["x"]},
        {"not_in": ["x"]},
        {"contains": "x"},
        {"has_any": ["x"]},
        {"gte": 0},
        {"gt": 0},
        {"lte": 0},
        {"lt": 0},
    ],
)
def test_a_field_without_a_value_gives_no_answer_to_any_operator(spec, value):
    assert ask(spec, value) is None


@pytest.mark.parametrize("value", [None, "", "  ", [], [None, " "]])
def test_exists_always_has_an_answer(value):
    assert ask({"exists": True}, value) is False
    assert ask({"exists": False}, value) is True


def test_a_field_that_is_not_there_is_like_one_that_is_null():
    assert predicate("field", "x", ()).answer({}) is None
    assert predicate("field", {"exists": False}, ()).answer({}) is True


@pytest.mark.parametrize(
    ("answers", "all_of_them"),
    [
        ([], YES),
        ([YES, YES], YES),
        ([YES, NO], NO),
        ([NO, YES], NO),
        ([NO, NO], NO),
        ([NONE, YES], NONE),
        ([YES, NONE], NONE),
        ([NONE, NO], NO),
        ([NO, NONE], NO),
        ([NONE, NONE], NONE),
    ],
)
def test_answers_combine_as_kleene_says(answers, all_of_them):
    assert every(iter(answers)) is all_of_them


@pytest.mark.parametrize(
    ("spec", "compares"),
    [
        ("crm", {"text"}),
        (5, {"number"}),
        (True, {"boolean"}),
        ({"gte": 200, "lte": 500}, {"number"}),
        ({"in": [200, "many", False]}, {"number", "text", "boolean"}),
        ({"contains": 20}, {"text"}),
        ({"has_any": "SAP"}, {"text"}),
        ({"exists": True}, set()),
        ({"exists": True, "ne": 0}, {"number"}),
    ],
)
def test_a_predicate_knows_as_what_it_reads_its_field(spec, compares):
    assert predicate("field", spec, ()).compares == compares


def test_a_condition_holds_when_every_field_holds_and_no_answer_is_not_holding():
    when = predicates({"change": "joined", "level": {"in": ["vp", "c_level"]}}, ())
    assert holds(when, {"change": "joined", "level": "VP"})
    assert not holds(when, {"change": "left", "level": "vp"})
    assert not holds(when, {"change": "joined", "level": "manager"})
    assert not holds(when, {"change": "joined"})
    assert holds((), {})
