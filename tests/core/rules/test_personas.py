"""What people are called, mapped to few names (scoring.md, section 1)."""

import pytest

from signal_engine.core.rules.personas import MAX_PERSONAS, OTHER, UNKNOWN, Persona, Personas, words_of
from tests.build import BUYERS

MAPPED = Personas(BUYERS)


@pytest.mark.parametrize(
    ("title", "name", "because"),
    [
        ("CFO", "finance", "a word of it"),
        ("cfo", "finance", "without case"),
        ("  Group CFO, EMEA ", "finance", "one word of several, whatever stands between them"),
        ("Chief Financial Officer", "finance", "a phrase matches consecutive words"),
        ("Chief of Financial Services", "other", "and no others"),
        ("Chief-Financial-Officer", "finance", "whatever stands between them"),
        ("CFOs", "other", "a word is the whole word"),
        ("it_director", "other", "an underscore belongs to the word"),
        ("IT director", "it", "a blank does not"),
        ("Finance and IT", "finance", "of two that match the first in the file"),
        ("IT and Finance", "finance", "wherever the words stand"),
        ("Finance Intern", "student", "so what does not count stands first"),
        ("Directora Financiera", "other", "no word of any"),
        ("!!!", "other", "a title without a word is a title"),
        ("", "unknown", "no title"),
        ("  ", "unknown", "blanks are no title"),
        (None, "unknown", "nor is nothing"),
        ("other", "other", "what it is called is not what it is"),
    ],
)
def test_a_title_belongs_to_the_first_persona_one_of_whose_words_it_has(title, name, because):
    assert MAPPED.name_of(title) == name, because
    assert MAPPED.name_of(title) == name, "asked again, too"


@pytest.mark.parametrize(
    ("persona", "named"),
    [("finance", True), ("sales", True), ("student", False), (OTHER, False), (UNKNOWN, False)],
)
def test_named_is_who_is_known_and_counts(persona, named):
    assert MAPPED.is_named(persona) is named


@pytest.mark.parametrize("personas", [Personas(), Personas([])])
def test_without_personas_the_title_itself_without_case_is_the_name_and_it_counts(personas):
    assert personas.name_of("  Head of IT ") == "head of it"
    assert personas.name_of("STRASSE") == personas.name_of("Straße") == "strasse"
    assert personas.is_named("head of it")
    assert personas.is_named("student")
    assert personas.name_of(" ") == personas.name_of(None) == UNKNOWN
    assert not personas.is_named(UNKNOWN)
    assert personas.name_of("Other") == OTHER
    assert not personas.is_named(OTHER)


def test_one_person_in_three_spellings_is_one_persona():
    assert {MAPPED.name_of(title) for title in ("CFO", "Chief Financial Officer", "VP Finance")} == {"finance"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Chief Financial Officer", ["chief", "financial", "officer"]),
        ("R&D, 2nd line", ["r", "d", "2nd", "line"]),
        ("leiter_straße Ökologie", ["leiter_strasse", "ökologie"]),
        ("--", []),
    ],
)
def test_words_are_runs_of_letters_digits_and_underscores_without_case(text, words):
    assert words_of(text) == words


def test_a_phrase_may_be_written_with_any_blanks():
    assert Personas([Persona("finance", ("chief   Financial",))]).name_of("Chief financial officer") == "finance"


def test_personas_are_values():
    same = Personas(BUYERS)
    assert (same, hash(same), repr(same)) == (MAPPED, hash(MAPPED), repr(MAPPED))
    assert Personas(BUYERS[:2]) != MAPPED
    assert MAPPED != BUYERS
    assert (len(MAPPED), list(MAPPED)) == (4, list(BUYERS))
    assert repr(Personas()) == "Personas(())"


def test_at_most_ten_are_told_apart():
    assert MAX_PERSONAS == 10
