"""The fit table: every account of the accounts file, decided by every ICP, and what is told of the file."""

import pytest

from signal_engine.core.rules.relations import RELATIONS
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import fit_table
from signal_engine.wire.config.accounts_file import read_csv, read_json_lines
from tests.build import icp

SAAS = icp("saas", must_have={"size": {"gte": 200}}, base=85)
FINTECH = icp("fintech", must_have={"industry": "Banking", "regoin": "EU"}, base=60)
MORE = "has 10 cells, but the header names 9 columns; is a value with a separator not quoted?"
HEADER = "domain,size,industry,name,segment,owner,crm_id,suppressed,regoin"


def table(*rows: str, icps=(SAAS, FINTECH), header=HEADER):
    warnings: list[str] = []
    lines = [f"{line}\n" for line in (header, *rows)]
    return fit_table(read_csv("a.csv", lines, asked(icps)), icps, warnings.append), warnings


def test_every_icp_decides_every_row_and_what_is_carried_comes_along():
    fits, warnings = table("www.acme.com,300,Banking,Acme,Mid,Dana,C-1,yes,")
    found = fits["acme.com"]
    assert [(d.icp, d.decision) for d in found.decisions] == [("saas", "chase"), ("fintech", "unknown")]
    assert (found.account, found.name, found.segment, found.owner, found.crm_id) == (
        "acme.com",
        "Acme",
        "Mid",
        "Dana",
        "C-1",
    )
    assert (found.suppressed, found.primary.icp, warnings) == (True, "saas", [])


def test_rows_that_are_passed_over_are_warned_of_with_their_lines():
    fits, warnings = table("linkedin.com/company/acme", "acme.com,300", "b.com,1,2,3,4,5,6,7,8,9", "acme")
    assert list(fits) == ["acme.com"]
    hint, *rows = warnings
    assert hint == (
        "a.csv: rows whose only domain is a shared host: 1; if you sell to the company that runs one, "
        "remove it from the list with SIGNAL_ENGINE_SHARED_HOSTS=-HOST"
    )
    assert rows == [
        "a.csv:2: names no account: domain is a shared host, where companies are only guests; the row is skipped",
        f"a.csv:4: {MORE}; the row is skipped",
        "a.csv:5: names no account: domain is a single label, not a domain; the row is skipped",
    ]


def test_a_file_without_rows_is_warned_of():
    fits, warnings = table(icps=())
    assert (fits, warnings) == ({}, ["a.csv: has no rows, so no account can fit"])


def test_of_very_many_that_are_passed_over_the_rest_is_counted():
    fits, warnings = table(*["acme"] * 1_002)
    assert (fits, len(warnings), warnings[-1]) == ({}, 1_001, "a.csv: 2 more rows are skipped")


# Several rows of one account


def rows_of_one(*rows: str):
    fits, (warning,) = table(*rows, icps=(SAAS,), header="domain,size,primary,suppressed,relation,name")
    return fits["acme.com"], warning


def test_of_rows_that_name_one_account_the_last_gives_the_fields():
    fit, warning = rows_of_one("acme.com,300,,,customer,First", "b.com,300", "www.acme.com,100,,,partner,Last")
    assert (fit.primary.decision, fit.name, fit.relation) == ("ignore", "Last", "partner")
    assert warning == "a.csv: lines 2 and 4 name acme.com; line 4, which comes last, gives its fields"


def test_of_rows_that_name_one_account_the_primary_one_gives_the_fields():
    fit, warning = rows_of_one("acme.com,100", "acme.com,300,yes,,customer,Main", "acme.com,100,no,,,Last")
    assert (fit.primary.decision, fit.name, fit.relation) == ("chase", "Main", "customer")
    assert warning == "a.csv: lines 2, 3 and 4 name acme.com; line 3, which is the primary one, gives its fields"


def test_of_several_primary_ones_the_last_gives_the_fields():
    fit, warning = rows_of_one("acme.com,100,1,,,A", "acme.com,300,1,,,B", "acme.com,100,,,,C")
    assert fit.name == "B"
    assert "line 3, which is the primary one" in warning


@pytest.mark.parametrize("quiet", ["yes", "n/a"])
def test_an_account_is_suppressed_when_any_row_of_it_is(quiet):
    fits, warnings = table(
        f"acme.com,300,,{quiet}", "acme.com,300,1,no", icps=(SAAS,), header="domain,size,primary,suppressed"
    )
    assert fits["acme.com"].suppressed
    assert warnings[-1].endswith("gives its fields; it is suppressed because another line says so")


def test_an_account_is_not_to_be_contacted_when_any_row_of_it_is_not():
    fit, warning = rows_of_one("acme.com,300,,,do_not_contact", "acme.com,300,1,,customer")
    assert fit.relation == "do_not_contact"
    assert warning.endswith("it is do_not_contact because another line says so")


# Columns


def test_columns_that_an_icp_requires_and_the_header_lacks_are_told_first():
    rows = ["acme", "acme.com,300"]
    _, warnings = table(*rows, header="domain,size,suppressed")
    assert warnings[0] == "a.csv: has no column industry, regoin, which ICP fintech requires: no account can fit it"
    assert warnings[1].startswith("a.csv:2: ")


def test_columns_that_an_icp_asks_of_otherwise_and_the_header_lacks_are_told_too():
    one = icp(
        "one",
        must_have={"size": {"gte": 200}, "closed": {"exists": False}},
        disqualify=(({"is_customer": True}, "a customer"),),
        points=(({"tech": {"has_any": ["CRM"]}, "size": {"gte": 500}}, 10, "CRM"),),
    )
    _, (warning,) = table("acme.com,300", icps=(one,), header="domain,size")
    assert warning == (
        "a.csv: has no column closed, is_customer, tech, which ICP one uses: it counts as missing in every row"
    )


def test_the_header_counts_for_the_columns_not_the_rows_that_were_kept():
    assert table("acme", header="domain,size,industry,regoin")[1] == [
        "a.csv:2: names no account: domain is a single label, not a domain; the row is skipped"
    ]


def test_of_json_lines_every_line_may_bring_a_column():
    lines = [b'{"domain": "a.com"}', b'{"domain": "no domain", "size": 5}']
    warnings: list[str] = []
    fit_table(read_json_lines("a.jsonl", lines, asked([SAAS])), [SAAS], warnings.append)
    assert [warning.partition(": ")[0] for warning in warnings] == ["a.jsonl:2"]


def test_flags_that_cannot_be_read_keep_quiet_and_are_told_by_column_with_examples():
    rows = [
        f"{name}.com,300,{cell}"
        for name, cell in zip("abcdef", ["n/a", "-", "n/a", "?", "since 2019", "no"], strict=True)
    ]
    fits, warnings = table(*rows, icps=(SAAS,), header="domain,size,suppressed")
    assert [fit.suppressed for fit in fits.values()] == [True] * 5 + [False]
    (warning,) = warnings
    assert warning == (
        "a.csv: column suppressed: 5 values are neither yes nor no; until corrected, these accounts count as "
        "suppressed (lines 2, 3, 4, ...)"
    )


def test_a_relation_that_is_none_keeps_quiet_and_is_told_with_those_there_are():
    fits, (warning,) = table("a.com,300,client", icps=(SAAS,), header="domain,size,relation")
    assert fits["a.com"].relation == "do_not_contact"
    assert warning == (
        f"a.csv: column relation: 1 value is none of {', '.join(RELATIONS)}; until corrected, these accounts count as "
        "do_not_contact (line 2)"
    )


def test_numbers_that_cannot_be_read_are_told_with_examples_and_what_they_make_unknown():
    cells = ["201-500", "1.2k", '"10,000+"', "\uff11\uff12\uff10", "", '"1,200"', "250", "1.200"]
    rows = [f"{name}.com,{cell}" for name, cell in zip("abcdefgh", cells, strict=True)]
    fits, (warning,) = table(*rows, icps=(SAAS,), header="domain,size")
    assert [fit.primary.decision for fit in fits.values()] == ["unknown"] * 5 + ["chase"] * 2 + ["unknown"]
    assert warning == (
        "a.csv: column size: the value of 5 of 8 accounts is not a number; write 350, 1,200 or 1200.5 "
        "(lines 2, 3, 4, ...): that makes 5 unknown to ICP saas"
    )


def test_a_column_may_decide_what_its_points_separate():
    fits, (unread, decided) = table("a.com,1.200", 'b.com,"99,5"', icps=(SAAS,), header="domain,size")
    assert [fit.primary.decision for fit in fits.values()] == ["chase", "unknown"]
    assert unread.startswith("a.csv: column size: the value of 1 of 2 accounts is not a number; ")
    assert decided == "a.csv: column size: the point of values like 1.200 separates thousands, as 99,5 shows"
    fits, (decided,) = table("a.com,1.200", "b.com,99.5", icps=(SAAS,), header="domain,size")
    assert [fit.primary.decision for fit in fits.values()] == ["ignore", "ignore"]
    assert decided == "a.csv: column size: the point of values like 1.200 separates decimals, as 99.5 shows"


def test_booleans_that_cannot_be_read_are_told_and_disqualify_nobody():
    one = icp("one", disqualify=(({"is_customer": True}, "a customer"),), base=85)
    fits, (warning,) = table("a.com,perhaps", "b.com,oui", icps=(one,), header="domain,Is Customer")
    assert [fit.primary.decision for fit in fits.values()] == ["chase", "ignore"]
    assert warning == ("a.csv: column is_customer: the value of 1 of 2 accounts is neither yes nor no (line 2)")


def test_what_is_required_is_told_before_what_is_asked_otherwise():
    one = icp("one", must_have={"b": {"gte": 1}}, points=(({"a": {"gte": 1}}, 5, "a"),))
    _, warnings = table("a.com,x,y", icps=(one,), header="domain,a,b")
    assert [warning.split(":")[1] for warning in warnings] == [" column b", " column a"]


def test_a_mail_provider_that_the_file_names_is_a_company_and_that_is_said_once():
    fits, (warning,) = table("easypost.com,300", "acme.com,300", "zoho.com,300", icps=(SAAS,), header="domain,size")
    assert list(fits) == ["easypost.com", "acme.com", "zoho.com"]
    assert (
        warning
        == "a.csv: names mail providers; events from their addresses count for these accounts: easypost.com, zoho.com"
    )


# Parents


def families(*rows: str):
    """Account -> (relation, parent's relation) of rows `domain,parent,relation`."""
    fits, warnings = table(*rows, icps=(icp("any"),), header="domain,parent,relation")
    return {name: (fit.relation, fit.parent_relation) for name, fit in fits.items()}, warnings


def test_a_parent_that_must_not_be_contacted_holds_for_its_children_and_theirs():
    result, warnings = families(
        "b.com,a.com,customer", "c.com,b.com,", "a.com,,do_not_contact", "d.com,,", "e.com,d.com,partner"
    )
    assert result == {
        "a.com": ("do_not_contact", None),
        "b.com": ("do_not_contact", "do_not_contact"),
        "c.com": ("do_not_contact", "do_not_contact"),
        "d.com": ("prospect", None),
        "e.com": ("partner", "prospect"),
    }
    assert warnings == []


def test_a_parents_relation_that_cannot_be_read_holds_for_its_children_too():
    assert families("a.com,,client", "b.com,a.com,")[0]["b.com"] == ("do_not_contact", "do_not_contact")


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


def test_a_parent_that_is_no_domain_is_told():
    _, (warning,) = families("a.com,Holding plc,")
    assert warning == ("a.csv: column parent: 1 value is not a domain; these accounts have no parent (line 2)")
