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


@pytest.mark.parametrize(
    "form",
    [
        "A/S", "A. S.", "S. A.", "S.A. de C.V.", "SA DE CV", "S. de R.L. de C.V.", "S.A.P.I. de C.V.", "s.r.o.",
        "s. r. o.", "spol. s r.o.", "spol. s r. o.", "Sp. z o.o.", "Sp. z o. o.", "sp. z o.o. sp. k.", "d.o.o.", "OÜ",
        "K.K.", "G. K.", "BVBA", "SPRL", "S. p. A.", "S. E.", "A.Ş.", "Ltd. Şti.", "Private Limited", "Sdn. Bhd.",
        "Lda.", "SIA", "UAB", "UG (haftungsbeschränkt)", "e.V.", "E.O.O.D.", "GmbH & Co. KG", "Co., Ltd.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["Acme", "Vitamin A"])
def test_legal_forms_of_many_countries_do_not_count(name, form):
    assert name_key(f"{name} {form}") == name_key(f"{name}, {form}") == name.lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme", "Acme Labs"),
        ("Inc", "Co"),
        ("Foo", "Food"),
        ("Foo/Bar", "Foobar"),
        ("UAB Medicine", "Medicine"),
        ("A/S", "S. A."),
        ("Plan B", "Plan"),
        ("Data Zoo", "Data"),
    ],
)
def test_words_do(one, other):
    assert name_key(one) != name_key(other)


def test_one_account_is_found_several_are_told_and_none_is_none():
    assert NAMES.account("muller und sohne") == "mueller.de"
    assert NAMES.account("hilo group") == "hilo.com"
    assert NAMES.account("ACME") == NoCompany("is the name of several accounts: acme.co.uk, acme.com")
    assert NAMES.account("Acm") == NoCompany("is the name of no account in the accounts file")
    assert NAMES.account("") == NoCompany("is the name of no account in the accounts file")
