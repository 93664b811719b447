"""Names: exact after normalisation, ambiguous ones with their candidates, never a guess."""

import pytest

from signal_engine.engine.intake.company_names import CompanyNames, NoCompany, name_key

NAMES = CompanyNames([("Müller & Söhne GmbH & Co. KG", "mueller.de"), ("Acme, Inc.", "acme.com"),
                      ("ACME Ltd", "acme.co.uk"), (None, "nameless.com"), ("The Hilo Group", "hilo.com")])  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller & Söhne GmbH & Co. KG", "MULLER SOHNE"),
        ("Acme, Inc.", "acme"),
        ("Société Générale S.A.", "Societe Generale"),
        ("L'Oréal", "LOreal"),
        ("Straße AG", "strasse"),
        ("The Example Company", "Example"),
        ("Foo-Bar B.V.", "foo bar"),
    ],
)
def test_legal_forms_case_punctuation_and_accents_do_not_count(one, other):
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(("one", "other"), [("Acme", "Acme Labs"), ("Inc", "Co"), ("Foo", "Food")])
def test_words_do(one, other):
    assert name_key(one) != name_key(other)


def test_one_account_is_found_several_are_told_and_none_is_none():
    assert NAMES.account("muller und sohne") == "mueller.de"
    assert NAMES.account("hilo group") == "hilo.com"
    assert NAMES.account("ACME") == NoCompany("is the name of several accounts: acme.co.uk, acme.com")
    assert NAMES.account("Acm") == NoCompany("is the name of no account in the accounts file")
    assert NAMES.account("") == NoCompany("is the name of no account in the accounts file")
