"""Which names of an export name accounts: counted, never guessed; suggestions are for a person, and always the same."""

import pytest

from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.company_names import CompanyNames
from signal_engine.engine.intake.name_report import MissedName, NameCounts, NameReport
from signal_engine.engine.intake.name_suggestions import suggestions
from signal_engine.engine.intake.values import Values
from signal_engine.wire.intake.mapping_file import parse

ACCOUNTS = [
    ("Acme Inc.", "acme.com"),
    ("Müller & Söhne GmbH", "mueller.de"),
    ("Apex", "apex.com"),
    ("APEX, LLC", "apex.io"),
    ("Brindlefax Robotics", "brindlefax.com"),
    (None, "nameless.com"),
]
MAPPING = parse(
    "m.yaml",
    b"mapping: m\nproduces: accounts\n"
    b"account: [{from: Site, optional: true}, {from: Company, through: accounts.name}]\n",
)


def report(rows: list[list[str]], confirmed: dict[str, str] | None = None) -> NameReport:
    binding = Binding(MAPPING, ["Site", "Company"])
    names = CompanyNames(ACCOUNTS, confirmed or {})
    found = NameReport(MAPPING.accounts.accounts, binding, Values(MAPPING, binding, None), names)
    for row in rows:
        found.take(row)
    return found


ROWS = [
    ["", "ACME"],
    ["", "Acme, Inc"],
    ["", "Muller und Sohne"],
    ["", "Apex Inc"],
    ["", "Brindlefax"],
    ["", "Brindlefax Ltd."],
    ["", "Zzyx"],
    ["x.com", "Zzyx"],
    ["", ""],
    ["", "Grand Totals (8 records)"],
]


def test_every_row_is_counted_once():
    found = report(ROWS)
    assert found.counts() == NameCounts(rows=10, otherwise=1, nameless=2, matched=3, unmatched=3, ambiguous=1)
    assert found.distinct() == (2, 2, 1)
    assert found.missed() == [
        MissedName("Brindlefax", 2, ()),
        MissedName("Apex Inc", 1, ("apex.com", "apex.io")),
        MissedName("Zzyx", 1, ()),
    ]


def test_what_a_person_confirmed_goes_before_everything():
    found = report(ROWS, {"brindlefax": "brindlefax.com", "APEX GmbH": "apex.io", "acme": "nameless.com"})
    assert found.counts() == NameCounts(rows=10, otherwise=1, nameless=2, matched=6, unmatched=1, ambiguous=0)
    assert CompanyNames(ACCOUNTS, {"acme": "nameless.com"}).account("Acme Inc") == "nameless.com"


def test_suggestions_name_what_a_person_has_to_decide():
    found = [*suggestions(report(ROWS).missed(), CompanyNames(ACCOUNTS))]
    assert [(one.name, one.rows, one.account, one.account_name, one.similarity) for one in found] == [
        ("Brindlefax", 2, "brindlefax.com", "Brindlefax Robotics", 100),
        ("Apex Inc", 1, "apex.com", "Apex", 100),
        ("Apex Inc", 1, "apex.io", "APEX, LLC", 100),
    ]


@pytest.mark.parametrize("backwards", [False, True])
def test_suggestions_are_the_same_whatever_the_order_of_the_accounts(backwards):
    accounts = [(f"Acme {word}", f"acme-{word.lower()}.com") for word in ("Foods", "Labs", "Motors", "Power", "Steel")]
    names = CompanyNames(accounts[::-1] if backwards else accounts)
    found = [one.account for one in suggestions([MissedName("Acme", 1, ())], names)]
    assert found == ["acme-foods.com", "acme-labs.com", "acme-motors.com"], "three at most"
