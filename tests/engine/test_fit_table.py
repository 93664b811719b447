"""The fit table: every row of the accounts file, decided by every ICP; the last row of an account counts."""

from signal_engine.engine.fit_table import fit_table
from signal_engine.wire.accounts_file import read_csv
from tests.build import icp

SAAS = icp("saas", must_have={"size": {"gte": 200}}, base=85)
FINTECH = icp("fintech", must_have={"industry": "Banking", "regoin": "EU"}, base=60)


HEADER = "domain,size,industry,name,segment,owner,crm_id,suppressed"


def table(*rows: str, icps=(SAAS, FINTECH), header=HEADER):
    warnings: list[str] = []
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
    assert (found.suppressed, found.primary.icp, warnings) == (True, "saas", [])


def test_of_rows_that_name_the_same_account_the_last_counts_with_a_warning():
    (fits, _), warnings = table("acme.com,300,,,,,,", "other.com,300,,,,,,", "www.acme.com,100,,,,,,")
    assert (fits["acme.com"].primary.decision, fits["other.com"].primary.decision) == ("unknown", "chase")
    assert warnings == ["a.csv:4: names an account of an earlier row again; this row counts"]
    assert fits["acme.com"].by("saas").decision == "ignore"


def test_rows_that_are_passed_over_are_warned_of():
    (fits, _), warnings = table("linkedin.com/company/acme,300,,,,,,", "acme.com,300,,,,,,")
    assert list(fits) == ["acme.com"]
    assert warnings == [
        "a.csv:2: the account is a shared host, where companies are only guests; the row is passed over"
    ]


def test_fields_that_are_required_and_no_row_has_are_named():
    assert table("acme.com,300,,,,,,")[0].missing_columns == {"fintech": ["regoin"]}
    assert table("acme.com,300,,,,,,", icps=(SAAS,))[0].missing_columns == {}


def families(*rows: str):
    """Account -> (relation, parent's relation) of rows `domain,parent,relation`."""
    (fits, _), warnings = table(*rows, icps=(SAAS,), header="domain,parent,relation")
    return {name: (fit.relation, fit.parent_relation) for name, fit in fits.items()}, warnings


def test_a_parent_that_must_not_be_contacted_holds_for_its_children_and_theirs():
    told, warnings = families(
        "b.com,a.com,customer", "c.com,b.com,", "a.com,,do_not_contact", "d.com,,", "e.com,d.com,partner"
    )
    assert told == {
        "a.com": ("do_not_contact", None),
        "b.com": ("do_not_contact", "do_not_contact"),
        "c.com": ("do_not_contact", "do_not_contact"),
        "d.com": ("prospect", None),
        "e.com": ("partner", "prospect"),
    }
    assert warnings == []


def test_other_relations_of_a_parent_are_shown_only():
    assert families("a.com,b.com,", "b.com,,competitor", "c.com,unheard-of.com,")[0] == {
        "a.com": ("prospect", "competitor"),
        "b.com": ("competitor", None),
        "c.com": ("prospect", None),
    }


def test_accounts_that_are_each_others_parents_do_no_harm():
    assert families("a.com,b.com,", "b.com,a.com,do_not_contact")[0] == {
        "a.com": ("do_not_contact", "do_not_contact"),
        "b.com": ("do_not_contact", "do_not_contact"),
    }


def test_a_relation_that_is_none_is_warned_of_with_its_line():
    told, (warning,) = families("a.com,,client")
    assert told == {"a.com": ("do_not_contact", None)}
    assert warning.startswith("a.csv:2: relation is none of prospect, ")
