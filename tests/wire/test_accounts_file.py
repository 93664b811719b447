"""The accounts file, CSV or JSON Lines: rows, rows that are passed over, and files that cannot be used."""

import pytest

from signal_engine.core.relations import RELATIONS
from signal_engine.wire.accounts_file import AccountRow, AccountsFileError, PassedOver, read_csv, read_json_lines

HEADER = "account_id,name,employee_count,tech_stack,owner,suppressed\n"
BLANK = {"name": None, "segment": None, "owner": None, "sdr": None, "crm_id": None}


def csv_rows(text: str) -> list[AccountRow | PassedOver]:
    return list(read_csv("a.csv", text.splitlines(keepends=True)))


def json_rows(text: str) -> list[AccountRow | PassedOver]:
    return list(read_json_lines("a.jsonl", text.encode().splitlines(keepends=True)))


def unusable(read, text) -> str:
    with pytest.raises(AccountsFileError) as refusal:
        read(text)
    return str(refusal.value)


def test_a_row_names_an_account_its_fields_and_what_is_carried():
    (row,) = csv_rows(HEADER + 'https://www.Acme.co.uk/x,Acme,"1,240", Salesforce ;Snowflake;,SDR West,\n')
    assert (row.line, row.account, row.suppressed) == (2, "acme.co.uk", False)
    assert row.carried == {**BLANK, "name": "Acme", "owner": "SDR West"}
    assert row.fields == {
        "account_id": "https://www.Acme.co.uk/x",
        "name": "Acme",
        "employee_count": "1,240",
        "tech_stack": ["Salesforce", "Snowflake"],
        "owner": "SDR West",
        "suppressed": "",
    }


def test_what_is_carried_is_as_it_was_written():
    (row,) = csv_rows("domain,name,segment,crm_id\nacme.com, A; B ,Mid;Market,  \n")
    assert row.carried == {**BLANK, "name": "A; B", "segment": "Mid;Market"}
    assert row.fields["name"] == ["A", "B"]


def test_columns_may_have_blanks_around_their_names():
    (row,) = csv_rows(" domain , size \nacme.com,5\n")
    assert (row.account, row.fields["size"]) == ("acme.com", "5")


@pytest.mark.parametrize(
    ("header", "cells", "account"),
    [
        ("account_id", "acme.com", "acme.com"),
        ("domain", "acme.com", "acme.com"),
        ("domain,account_id", "other.com,acme.com", "acme.com"),
        ("account_id,domain", " ,acme.com", "acme.com"),
    ],
)
def test_the_account_is_in_account_id_else_in_domain(header, cells, account):
    assert csv_rows(f"{header}\n{cells}\n")[0].account == account


@pytest.mark.parametrize(
    ("cell", "suppressed"),
    [("true", True), ("YES", True), ("1", True), ("false", False), ("no", False), ("", False), ("maybe", False)],
)
def test_a_row_may_suppress_its_account(cell, suppressed):
    assert csv_rows(f"domain,suppressed\nacme.com,{cell}\n")[0].suppressed is suppressed


@pytest.mark.parametrize(
    ("cell", "relation", "unread"),
    [
        ("Customer", "customer", ()),
        ("", "prospect", ()),
        (
            "client",
            "do_not_contact",
            ("relation is none of " + ", ".join(RELATIONS) + "; it counts as do_not_contact",),
        ),
    ],
)
def test_a_row_says_what_its_account_is_to_us(cell, relation, unread):
    row = csv_rows(f"domain,relation\nacme.com,{cell}\n")[0]
    assert (row.relation, row.unread) == (relation, unread)


@pytest.mark.parametrize(
    ("cell", "parent", "unread"),
    [
        ("https://www.Holding.co.uk/x", "holding.co.uk", ()),
        (" ", None, ()),
        ("acme.com", None, ()),
        ("Holding plc", None, ("parent has characters or an order of them that no domain has; it is not read",)),
    ],
)
def test_a_row_names_the_parent_by_its_domain(cell, parent, unread):
    row = csv_rows(f"domain,parent\nacme.com,{cell}\n")[0]
    assert (row.parent, row.unread) == (parent, unread)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "has no account_id and no domain"),
        ("   ", "has no account_id and no domain"),
        ("boards.greenhouse.io/acme", "the account is a shared host, where companies are only guests"),
        ("127.0.0.1", "the account is an IP address, not a domain"),
        ("acme", "the account is a single label, not a domain"),
        ("co.uk", "the account is a public suffix, under which others register"),
    ],
)
def test_a_row_that_names_no_account_is_passed_over_with_its_line(cell, reason):
    first, second = csv_rows(f"domain,size\n{cell},5\nacme.com,5\n")
    assert first == PassedOver(f"a.csv:2: {reason}; the row is passed over")
    assert (second.line, second.account) == (3, "acme.com")


def test_a_row_with_more_cells_than_the_header_is_read_without_them_and_said():
    assert csv_rows("domain,size\nacme.com,5,6,7\n") == [
        PassedOver("a.csv:2: has more cells than the header; the rest is not read"),
        AccountRow(2, "acme.com", {"domain": "acme.com", "size": "5"}, BLANK, suppressed=False),
    ]


def test_a_row_with_fewer_cells_has_the_others_missing():
    (row,) = csv_rows("domain,size,name\nacme.com\n")
    assert row == AccountRow(2, "acme.com", {"domain": "acme.com"}, BLANK, suppressed=False)


def test_a_row_over_several_lines_is_named_by_its_last():
    assert [row.line for row in csv_rows('domain,name\nacme.com,"A\nB"\nother.com,C\n')] == [3, 4]


@pytest.mark.parametrize("text", ["", "\n", "name,size\nacme,5\n", "Domain\nacme.com\n"])
def test_a_csv_file_without_an_account_column_cannot_be_used(text):
    assert unusable(csv_rows, text) == "a.csv:1: has no column account_id or domain; one of them names the account"


def test_a_csv_file_that_is_not_csv_cannot_be_used():
    said = unusable(csv_rows, 'domain\nacme.com\n"open\n')
    assert said.startswith("a.csv:")
    assert said.endswith(": is not readable as CSV: unexpected end of data")


def test_a_csv_file_that_is_not_utf_8_cannot_be_used():
    def lines():
        yield "domain\n"
        yield "acme.com\n"
        yield b"\xff".decode()

    assert unusable(lambda rows: list(read_csv("a.csv", rows)), lines()) == "a.csv:3: is not UTF-8"


def test_json_lines_name_accounts_with_values_of_any_type():
    rows = json_rows(
        '{"domain": "www.acme.com", "size": 5, "tech": ["a", "b"], "name": " A ", "crm_id": 7}\n'
        "\n"
        '{"domain": "b.com", "suppressed": true}\n'
    )
    assert rows == [
        AccountRow(
            1,
            "acme.com",
            {"domain": "www.acme.com", "size": 5, "tech": ["a", "b"], "name": " A ", "crm_id": 7},
            {**BLANK, "name": "A", "crm_id": "7"},
            suppressed=False,
        ),
        AccountRow(3, "b.com", {"domain": "b.com", "suppressed": True}, BLANK, suppressed=True),
    ]


@pytest.mark.parametrize("account", ["5", "null", '""', '["acme.com"]'])
def test_a_line_whose_account_is_no_text_is_passed_over(account):
    assert json_rows(f'{{"domain": {account}}}') == [
        PassedOver("a.jsonl:1: has no account_id and no domain; the row is passed over")
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"domain": "acme.com"}\n{"domain"\n', "a.jsonl:2: is not JSON: "),
        ('{"domain": "acme.com"}\n[]\n', "a.jsonl:2: is not an object"),
        ('{"name": "acme"}\n', "a.jsonl:1: has no column account_id or domain; one of them names the account"),
    ],
)
def test_a_file_that_is_not_json_lines_cannot_be_used(text, message):
    assert unusable(json_rows, text).startswith(message)


def test_a_later_line_may_lack_the_account():
    assert [type(row) for row in json_rows('{"domain": "acme.com"}\n{"name": "x"}\n')] == [AccountRow, PassedOver]


def test_json_lines_without_lines_have_no_rows():
    assert json_rows("\n  \n") == []
