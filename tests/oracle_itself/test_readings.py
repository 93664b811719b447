"""How the oracle reads a field, a title, a rule and an account, by hand from scoring.md sections 1 and 6."""

from typing import Any

import pytest

from tests.oracle.inputs.domains import normalise_account
from tests.oracle.inputs.personas import is_named, persona_of, read_personas
from tests.oracle.inputs.values import as_boolean, as_number
from tests.oracle.scores.predicates import Answer, answer
from tests.oracle_itself.inputs import SIMPLE, WIDE, event, played


@pytest.mark.parametrize(
    ("value", "predicate", "expected"),
    [
        ("200.0", 200, Answer.HOLDS),
        ("1,200", {"gte": 200, "lt": 1201}, Answer.HOLDS),
        ("many", {"gte": 200}, Answer.UNREADABLE),
        ("many", {"eq": 200}, Answer.UNREADABLE),
        ("many", {"in": [200]}, Answer.FALSE),  # never unreadable
        ("many", {"not_in": [200]}, Answer.HOLDS),
        ("200.0", {"in": [200]}, Answer.HOLDS),
        (" Software ", {"in": ["software"]}, Answer.HOLDS),
        ("Software", {"in": []}, Answer.FALSE),
        ("Software", {"not_in": []}, Answer.HOLDS),
        ("Yes", True, Answer.HOLDS),
        ("perhaps", True, Answer.UNREADABLE),
        (["CRM", "ERP"], {"ne": "crm"}, Answer.FALSE),
        (["CRM", "ERP"], {"not_in": ["crm"]}, Answer.FALSE),
        (["CRM", "ERP"], {"eq": "erp"}, Answer.HOLDS),
        (["many", "200"], {"eq": 200}, Answer.HOLDS),  # what cannot be read is passed over
        (["many", "300"], {"ne": 200}, Answer.HOLDS),
        (["many", "more"], {"ne": 200}, Answer.UNREADABLE),
        (["1", "2"], {"gt": 0}, Answer.UNREADABLE),
        (["1"], {"gt": 0}, Answer.HOLDS),
        ("Head of Sales", {"contains": ["marketing", "sales"]}, Answer.HOLDS),
        ("Head of Sales", {"contains": "SALES"}, Answer.HOLDS),
        ("Head of Sales", {"contains": []}, Answer.FALSE),
        ("Salesforce", {"has_any": ["salesforce", "HubSpot"]}, Answer.HOLDS),
        (" ", {"exists": True}, Answer.FALSE),
        (None, {"exists": False}, Answer.HOLDS),
        (None, {"ne": "crm"}, Answer.UNREADABLE),
        (None, {"not_in": ["crm"]}, Answer.UNREADABLE),  # missing fails every operator
    ],
)
def test_a_predicate_holds_is_false_or_cannot_be_read(value: Any, predicate: Any, expected: Answer) -> None:
    assert answer(value, predicate) is expected


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234,567.5", 1234567.5), ("1.234", 1.234), ("12,34", None), ("1.234.567", None), ("1 234", None), (True, None)],
)
def test_commas_alone_separate_thousands(text: Any, number: float | None) -> None:
    assert as_number(text) == number


def test_booleans_are_read_in_several_words_and_nothing_else_is_one() -> None:
    for word in ("TRUE", "t", "Yes", "y", "1", "1.0", "on", "X", "checked", " ✓ ", "ja", "oui", "si", "wahr", "vrai"):
        assert as_boolean(word) is True, word
    for word in ("false", "F", "no", "n", "0", "0.0", "off", "nein", "non", "falsch", "faux"):
        assert as_boolean(word) is False, word
    for word in ("2", "perhaps", "", "yes please", 2, None, [True]):
        assert as_boolean(word) is None, word


PERSONAS = read_personas(
    [
        {"name": "finance", "words": ["CFO", "chief financial", "finance"]},
        {"name": "it", "words": ["it", "cto"]},
        {"name": "student", "words": ["student", "intern"], "counts": False},
    ]
)


@pytest.mark.parametrize(
    ("title", "name", "named"),
    [
        ("cfo", "finance", True),
        ("Interim C.F.O.", "other", False),  # three words of one letter each
        ("Chief Financial Officer", "finance", True),
        ("Chief of Financial Planning", "other", False),  # a phrase matches consecutive words
        ("Director, Finance/IT", "finance", True),  # the first match counts
        ("Head of IT", "it", True),
        ("Writer", "other", False),  # a word is a whole word
        ("INTERN (Finance)", "finance", True),
        ("Internal Audit", "other", False),
        ("PhD student", "student", False),
        ("  ", "unknown", False),
        (None, "unknown", False),
    ],
)
def test_a_title_is_called_by_the_first_name_whose_words_it_holds(title: Any, name: str, named: bool) -> None:
    assert persona_of(title, PERSONAS) == name
    assert is_named(name, PERSONAS) is named


@pytest.mark.parametrize("block", [None, []])
def test_without_personas_the_text_itself_is_the_name_and_it_counts(block: Any) -> None:
    none = read_personas(block)
    assert persona_of(" Chief Financial Officer", none) == "chief financial officer"
    assert is_named("chief financial officer", none)
    assert not is_named(persona_of(None, none), none)


SELLING: dict[str, Any] = {
    **SIMPLE,
    "sells": {"departments": ["Sales", "Revenue Operations"], "roles": ["revenue", "sales"], "topics": []},
    "personas": [{"name": "student", "words": ["student"], "counts": False}],
    "kinds": {
        "hiring": {
            **WIDE,
            "rules": [
                {"when": {"department": {"in": "$sells.departments"}}, "points": 8},
                {"when": {"title": {"contains": "$sells.roles"}}, "points": 4},
            ],
        },
        "intent": {**WIDE, "rules": [{"when": {"topic": {"has_any": "$sells.topics"}}, "points": 8}]},
        "leadership": {**WIDE, "rules": [{"when": {"role": {"not_in": "$sells.roles"}}, "points": 1}]},
        "engagement": {**WIDE, "facet": "persona", "rules": [{"when": {"persona": {"eq": "student"}}, "points": 2}]},
    },
}


@pytest.mark.parametrize(
    ("kind", "fields", "points"),
    [
        ("hiring", {"title": "Analyst", "department": "revenue operations "}, 8),
        ("hiring", {"title": "Head of Revenue", "department": "Finance"}, 4),
        ("hiring", {"title": "Accountant", "department": "Finance"}, None),  # off-list: background
        ("intent", {"topic": "crm", "score": 90}, None),  # an empty list shares nothing
        ("leadership", {"role": "CEO", "change": "joined"}, 1),
        ("leadership", {"role": "Sales", "change": "joined"}, None),
        ("engagement", {"activity": "other", "persona": "MBA student"}, 2),  # rules see the name, not the title
        ("engagement", {"activity": "other", "persona": "Professor"}, None),
        ("engagement", {"activity": "other"}, None),
    ],
)
def test_what_we_sell_and_who_people_are_decide_what_an_event_is_worth(
    kind: str, fields: dict[str, Any], points: int | None
) -> None:
    result = played([event(kind, "a", 0, **fields)], SELLING, 0)
    if points is None:
        assert result["counts"]["ignored"] == 1
    else:
        assert result["accounts"]["acme.com"]["kinds"][kind] == pytest.approx(points, abs=0.01)


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://user@www.Acme.co.uk:8443/careers?x=1", "acme.co.uk"),
        (" München.de. ", "xn--mnchen-3ya.de"),
        ("team.github.io", "team.github.io"),
        ("www.gmail.com", "gmail.com"),  # whether a mail provider is a company is the accounts file's to say
        *((refused, None) for refused in ("github.io", "co.uk", "localhost", "10.0.0.1", "[::1]", "")),
    ],
)
def test_an_account_is_its_registrable_domain(text: str, domain: str | None) -> None:
    assert normalise_account(text) == domain
