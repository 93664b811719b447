"""What LinkedIn takes of a company list: its template's header, and neither too few rows nor too many."""

import pytest

from signal_engine.wire.sync.tables import ListedCompany, linkedin_csv, linkedin_problem


def test_the_header_is_that_of_linkedins_template() -> None:
    header, row, _ = linkedin_csv([ListedCompany("acme.com", "Acme, Inc.")]).split("\r\n")
    assert header == (
        "companyname,companywebsite,companyemaildomain,linkedincompanypageurl,stocksymbol,industry,city,state,"
        "companycountry,zipcode"
    )
    assert row == '"Acme, Inc.",acme.com,acme.com,,,,,,,'


@pytest.mark.parametrize(
    ("companies", "size", "problem"),
    [
        (299, 1, "299 companies; LinkedIn needs at least 300"),
        (300, 1, None),
        (300_000, 20_000_000, None),
        (300_001, 1, "300,001 companies; LinkedIn takes at most 300,000"),
        (300_000, 20_000_001, "20.0 MB; LinkedIn takes at most 20 MB"),
    ],
)
def test_a_list_that_linkedin_does_not_take_is_said(companies: int, size: int, problem: str | None) -> None:
    assert linkedin_problem(companies, "x" * size) == problem


def test_the_size_is_that_of_the_file() -> None:
    assert linkedin_problem(300, "\N{EURO SIGN}" * 7_000_000) == "21.0 MB; LinkedIn takes at most 20 MB"
