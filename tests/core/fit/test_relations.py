"""What an account is to us, as a file says it."""

import pytest

from signal_engine.core.rules.relations import DO_NOT_CONTACT, PROSPECT, RELATIONS, read_relation


@pytest.mark.parametrize("relation", RELATIONS)
def test_a_relation_reads_as_itself_without_case_and_blanks(relation):
    assert read_relation(relation) == relation
    assert read_relation(f" {relation.upper()}\t") == relation
    assert read_relation([relation]) == relation


@pytest.mark.parametrize("value", [None, "", "  ", [], [None, " "]])
def test_nothing_is_a_prospect(value):
    assert read_relation(value) == PROSPECT == "prospect"


@pytest.mark.parametrize("value", ["client", "customer;partner", ["customer", "partner"], 1, True, "do not contact"])
def test_any_other_text_is_none_of_them(value):
    assert read_relation(value) is None


def test_there_are_eight():
    assert len(set(RELATIONS)) == 8
    assert DO_NOT_CONTACT in RELATIONS
