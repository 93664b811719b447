"""The accounts file, CSV or JSON Lines: rows, rows that are passed over, and files that cannot be used."""

import pytest

from signal_engine.core.rules.relations import RELATIONS
from signal_engine.wire.config.accounts_file import (
    AccountRow,
    AccountsFile,
    AccountsFileError,
    SkippedRow,
    read_csv,
    read_json_lines,
)

BLANK = {"name": None, "segment": None, "owner": None, "sdr": None, "crm_id": None}
ASKED = ("size", "tech", "is_customer", "name")


def csv_file(text: str) -> AccountsFile:
    return read_csv("a.csv", text.splitlines(keepends=True), ASKED)


def csv_rows(text: str) -> list[AccountRow | SkippedRow]:
    return list(csv_file(text).rows)


def json_rows(text: str) -> list[AccountRow | SkippedRow]:
    return list(read_json_lines("a.jsonl", text.encode().splitlines(keepends=True), ASKED).rows)


def unusable(read, text) -> str:
    with pytest.raises(AccountsFileError) as refusal:
        read(text)
    return str(refusal.value)


def test_a_row_names_an_account_what_is_asked_of_it_and_what_is_carried():
    (row,) = csv_rows(
        'account_id,name,size,tech,owner,sdr,colour\nhttps://www.Acme.co.uk/x,Acme,"1,240", CRM ;BI;,Dana,Bo,red\n'
    )
    assert row == AccountRow(
        2,
        "acme.co.uk",
        {"name": "Acme", "size": "1,240", "tech": ["CRM", "BI"]},
        {**BLANK, "name": "Acme", "owner": "Dana", "sdr": "Bo"},
    )


def test_what_is_carried_is_as_it_was_written():
    (row,) = csv_rows("domain,name,segment,crm_id\nacme.com, A; B ,Mid;Market,00123\n")
    assert row.carried == {**BLANK, "name": "A; B", "segment": "Mid;Market", "crm_id": "00123"}
    assert row.fields["name"] == ["A", "B"]


@pytest.mark.parametrize("header", ["is_customer", "Is Customer", "IS-CUSTOMER", " isCustomer? ", "Is  customer"])
def test_a_column_is_a_field_without_case_blanks_and_punctuation(header):
    file = csv_file(f"domain,{header}\nacme.com,yes\n")
    assert [row.fields for row in file.rows] == [{"is_customer": "yes"}]
    assert file.fields.found["is_customer"] == header.strip()


def test_known_columns_are_matched_so_too():
    (row,) = csv_rows("Domain,CRM ID,Do not call,Suppressed,Parent,Relation\nacme.com,7,yes,yes,b.com,Customer\n")
    assert (row.carried["crm_id"], row.suppressed, row.parent, row.relation) == ("7", True, "b.com", "customer")


def test_two_columns_that_match_one_field_are_refused_with_their_places():
    said = unusable(csv_rows, "domain,Is Customer,x,is_customer\n")
    assert said == "a.csv:1: 'Is Customer' and 'is_customer' both match the field is_customer: columns 2 and 4"
    assert "columns 1 and 2" in unusable(csv_rows, "account_id,Account ID\n")
    said = unusable(json_rows, '{"domain": "a.com", "size": 1}\n{"domain": "b.com", "Size": 1, "size": 2}')
    assert said == "a.jsonl:2: 'Size' and 'size' both match the field size"


def test_two_columns_that_nobody_asks_of_may_look_alike():
    assert len(csv_rows("domain,Annual Revenue,annual_revenue\nacme.com,1,2\n")) == 1


def test_columns_of_one_name_are_refused_whether_they_are_asked_of_or_not():
    assert unusable(csv_rows, "domain,x,x\n") == "a.csv:1: 2 columns are called 'x': columns 2 and 3"


@pytest.mark.parametrize(
    ("header", "cells", "account", "crm_id"),
    [
        ("account_id", "acme.com", "acme.com", None),
        ("domain", "acme.com", "acme.com", None),
        ("Website", "https://acme.com/en", "acme.com", None),
        ("Company Domain Name", "acme.com", "acme.com", None),
        ("domain,account_id", "other.com,acme.com", "acme.com", None),
        ("account_id,domain", " ,acme.com", "acme.com", None),
        ("website,domain", "https://other.com,acme.com", "acme.com", None),
        ("website,domain", "https://acme.com,n/a", "acme.com", None),
        ("Account ID,Website", "0015g00000XyZ,www.acme.com", "acme.com", "0015g00000XyZ"),
        ("account_id,company domain name", "8123456,acme.com", "acme.com", "8123456"),
        ("account_id,domain,crm_id", "8123456,acme.com,C-1", "acme.com", "C-1"),
        ("account_id,domain", "linkedin.com/company/acme,acme.com", "acme.com", None),
    ],
)
def test_the_account_is_in_account_id_else_in_a_column_of_domains(header, cells, account, crm_id):
    (row,) = csv_rows(f"{header}\n{cells}\n")
    assert (row.account, row.carried["crm_id"]) == (account, crm_id)


@pytest.mark.parametrize(
    ("cell", "suppressed", "unread"),
    [
        ("true", True, ()),
        ("YES", True, ()),
        ("x", True, ()),
        ("1.0", True, ()),
        ("ja", True, ()),
        ("✓", True, ()),
        ("false", False, ()),
        ("no", False, ()),
        ("nein", False, ()),
        ("", False, ()),
        ("  ", False, ()),
        ("maybe", True, (("suppressed", "maybe"),)),
        ("since 2019", True, (("suppressed", "since 2019"),)),
        ("yes; no", True, (("suppressed", "yes; no"),)),
        ("-", True, (("suppressed", "-"),)),
    ],
)
def test_a_row_may_suppress_its_account_and_what_cannot_be_read_does(cell, suppressed, unread):
    (row,) = csv_rows(f"domain,suppressed\nacme.com,{cell}\n")
    assert (row.suppressed, row.unread) == (suppressed, unread)


@pytest.mark.parametrize(
    ("value", "suppressed"),
    [("true", True), ("false", False), ("null", False), ("[]", False), ("[true]", True), ("2", True), ("{}", True)],
)
def test_json_flags_are_read_so_too(value, suppressed):
    (row,) = json_rows(f'{{"domain": "acme.com", "suppressed": {value}}}')
    assert row.suppressed is suppressed


@pytest.mark.parametrize(
    ("cell", "primary", "unread"),
    [("true", True, ()), ("", False, ()), ("no", False, ()), ("first", False, (("primary", "first"),))],
)
def test_a_row_may_be_the_primary_one(cell, primary, unread):
    (row,) = csv_rows(f"domain,primary\nacme.com,{cell}\n")
    assert (row.primary, row.unread) == (primary, unread)


@pytest.mark.parametrize(
    ("cell", "relation", "unread"),
    [
        *((relation, relation, ()) for relation in RELATIONS),
        (" Customer ", "customer", ()),
        ("", "prospect", ()),
        ("client", "do_not_contact", (("relation", "client"),)),
        ("customer; partner", "do_not_contact", (("relation", "customer; partner"),)),
    ],
)
def test_a_row_says_what_its_account_is_to_us_and_what_cannot_be_read_keeps_quiet(cell, relation, unread):
    (row,) = csv_rows(f"domain,relation\nacme.com,{cell}\n")
    assert (row.relation, row.unread) == (relation, unread)


def test_a_column_called_status_is_no_relation():
    (row,) = csv_rows("domain,status\nacme.com,customer\n")
    assert row.relation == "prospect"


@pytest.mark.parametrize(
    ("cell", "parent", "unread"),
    [
        ("https://www.Holding.co.uk/x", "holding.co.uk", ()),
        (" ", None, ()),
        ("acme.com", None, ()),
        ("Holding plc", None, (("parent", "Holding plc"),)),
    ],
)
def test_a_row_names_the_parent_by_its_domain(cell, parent, unread):
    (row,) = csv_rows(f"domain,parent\nacme.com,{cell}\n")
    assert (row.parent, row.unread) == (parent, unread)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "names no account: its cell is empty"),
        ("   ", "names no account: its cell is empty"),
        ("boards.greenhouse.io/acme", "names no account: domain is a shared host, where companies are only guests"),
        ("127.0.0.1", "names no account: domain is an IP address, not a domain"),
        ("acme", "names no account: domain is a single label, not a domain"),
        ("co.uk", "names no account: domain is a public suffix, under which others register"),
    ],
)
def test_a_row_that_names_no_account_is_passed_over_with_its_line(cell, reason):
    first, second = csv_rows(f"domain,size\n{cell},5\nacme.com,5\n")
    assert first == SkippedRow(2, reason)
    assert (second.line, second.account) == (3, "acme.com")


def test_a_mail_provider_is_a_company_when_the_file_names_it():
    assert [row.account for row in csv_rows("domain\neasypost.com\nmail.zoho.com\n")] == ["easypost.com", "zoho.com"]


def test_a_comma_in_a_name_does_not_shift_what_keeps_an_account_quiet():
    rows = csv_rows("domain,name,suppressed\nacme.com,Acme, Inc.,true\nb.com,B,true\n")
    assert [type(row) for row in rows] == [SkippedRow, AccountRow]
    assert rows[0].reason.startswith("has 4 cells, but the header names 3 columns")


def test_a_row_with_fewer_cells_has_the_others_missing():
    assert csv_rows("domain,size,name\nacme.com\n") == [AccountRow(2, "acme.com", {}, BLANK)]


@pytest.mark.parametrize(
    ("text", "columns"),
    [("", "none"), ("\n", "none"), ("name,size\nacme,5\n", "name, size"), (",".join("abcdefghijklmn"), "k, l, ...")],
)
def test_a_csv_file_without_an_account_column_cannot_be_used(text, columns):
    said = unusable(csv_rows, text)
    assert said.startswith(
        "a.csv:1: no column names the account: needs account_id, domain, website or company domain name, has "
    )
    assert said.endswith(columns)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('domain\nacme.com\n"open\n', "a.csv:3: has an unclosed quotation mark"),
        ('"open\n', "a.csv:1: has an unclosed quotation mark"),
    ],
)
def test_a_csv_file_that_is_not_csv_cannot_be_used(text, message):
    assert unusable(csv_rows, text) == message


def test_json_lines_name_accounts_with_values_of_any_type():
    rows = json_rows(
        '{"Domain": "www.acme.com", "Size": 5, "tech": ["a", "b"], "name": " A ", "crm_id": 7}\n'
        "\n"
        '{"domain": "b.com", "tech": "a; b"}\n'
    )
    assert rows == [
        AccountRow(
            1,
            "acme.com",
            {"size": 5, "tech": ["a", "b"], "name": " A "},
            {**BLANK, "name": "A", "crm_id": "7"},
        ),
        AccountRow(3, "b.com", {"tech": ["a", "b"]}, BLANK),
    ]


def test_an_id_of_digits_beside_a_domain_is_the_crms_also_in_json():
    (row,) = json_rows('{"account_id": 8123456, "domain": "acme.com"}')
    assert (row.account, row.carried["crm_id"]) == ("acme.com", "8123456")


@pytest.mark.parametrize(
    ("account", "why"), [("5", "is not text"), ('["acme.com"]', "is not text"), ("null", "its cell")]
)
def test_a_line_whose_account_is_no_text_is_passed_over(account, why):
    (row,) = json_rows(f'{{"domain": {account}}}')
    assert isinstance(row, SkippedRow)
    assert why in row.reason


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"domain": "acme.com"}\n{"domain"\n', "a.jsonl:2: is not JSON: "),
        ('{"domain": "acme.com"}\n[]\n', "a.jsonl:2: is not an object"),
        ('{"name": "acme"}\n', "a.jsonl:1: no column names the account: "),
        ('{"colour": "red"}\n', "a.jsonl:1: no column names the account: "),
    ],
)
def test_a_file_that_is_not_json_lines_cannot_be_used(text, message):
    assert unusable(json_rows, text).startswith(message)


def test_a_later_line_may_lack_the_account():
    assert [type(row) for row in json_rows('{"domain": "acme.com"}\n{"name": "x"}\n')] == [AccountRow, SkippedRow]


def test_json_lines_without_lines_have_no_rows():
    assert json_rows("\n  \n") == []


def test_a_field_that_a_line_has_twice_is_refused():
    """Else the second one would take back that the account is to be kept quiet."""
    with pytest.raises(AccountsFileError, match=r"^a\.jsonl:1: 'suppressed' occurs twice$"):
        list(read_json_lines("a.jsonl", [b'{"domain": "a.com", "suppressed": true, "suppressed": false}']).rows)


def test_a_line_that_is_nested_very_deep_is_refused():
    line = b'{"domain": "a.com", "x": ' + b"[" * 1_010 + b"]" * 1_010 + b"}"
    with pytest.raises(AccountsFileError, match=r"^a\.jsonl:1: is "):
        list(read_json_lines("a.jsonl", [line]).rows)
