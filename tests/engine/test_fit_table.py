"""The fit table: every row of the accounts file, decided by every ICP; the last row of an account counts."""

from signal_engine.engine.fit_table import fit_table
from signal_engine.wire.accounts_file import read_csv
from tests.build import icp

SAAS = icp("saas", must_have={"size": {"gte": 200}}, base=85)
FINTECH = icp("fintech", must_have={"industry": "Banking", "regoin": "EU"}, base=60)


def table(*rows: str, icps=(SAAS, FINTECH)):
    warnings: list[str] = []
    header = "domain,size,industry,name,segment,owner,crm_id,suppressed"
    lines = [f"{line}\n" for line in (header, *rows)]
    return fit_table("a.csv", read_csv("a.csv", lines), icps, warnings.append), warnings


def test_every_icp_decides_every_row_and_what_is_carried_comes_along():
    (fits, _), warnings = table("www.acme.com,300,Banking,Acme,Mid,SDR,C-1,yes")
    found = fits["acme.com"]
    assert [(d.icp, d.decision) for d in found.decisions] == [("saas", "chase"), ("fintech", "unknown")]
    assert (found.account, found.name, found.segment, found.owner, found.crm_id) == (
        "acme.com",
        "Acme",
        "Mid",
        "SDR",
        "C-1",
    )
    assert (found.suppressed, found.barred, found.primary.icp, warnings) == (True, "suppressed", "saas", [])


def test_of_rows_that_name_the_same_account_the_last_counts_with_a_warning():
    (fits, _), warnings = table("acme.com,300,,,,,,", "other.com,300,,,,,,", "www.acme.com,100,,,,,,")
    assert (fits["acme.com"].primary.decision, fits["other.com"].primary.decision) == ("unknown", "chase")
    assert warnings == ["a.csv:4: names an account of an earlier row again; this row counts"]
    assert fits["acme.com"].by("saas").decision == "ignore"


def test_rows_that_are_passed_over_are_warned_of():
    (fits, _), warnings = table("gmail.com,300,,,,,,", "acme.com,300,,,,,,")
    assert list(fits) == ["acme.com"]
    assert warnings == [
        "a.csv:2: the account is a mail provider, not the company of who writes from it; the row is passed over"
    ]


def test_fields_that_are_required_and_no_row_has_are_named():
    assert table("acme.com,300,,,,,,")[0].missing_columns == {"fintech": ["regoin"]}
    assert table("acme.com,300,,,,,,", icps=(SAAS,))[0].missing_columns == {}
