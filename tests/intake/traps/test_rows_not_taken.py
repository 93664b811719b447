"""What an import says of the rows that it does not take: where they are, and what stands in the way."""

import bz2
import gzip
import lzma

import pytest
from openpyxl import Workbook

from signal_engine.entrypoints.wiring.exports import mapped_accounts, read_mapping
from signal_engine.wire.config.accounts_file import AccountRow
from tests.intake.running import clock, import_file, import_text, mapping_file
from tests.intake.traps.test_traps import BOTH, INTENT, ROWS, scores

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")


def test_a_value_of_a_workbook_in_a_column_without_a_name_is_refused_with_its_place(tmp_path):
    book = Workbook()
    book.active.append(["Domain", "Topic", "Score", "At", None])
    book.active.append(["acme.com", "Café", 71, "2026-11-27T10:00:00Z", None])
    book.active.append(["acme.com", "CRM", 60, "2026-11-27T10:00:00Z", "call them"])
    book.save(tmp_path / "export.xlsx")
    done = import_file(tmp_path, tmp_path / "export.xlsx", "--map", mapping_file(tmp_path, INTENT))
    assert [score for _, _, score in scores(done)] == [71]
    assert "export.xlsx:3: has a value in column 5, which has no name; name it in the header" in done.err


def test_rows_that_are_passed_over_say_by_which_condition_or_that_they_have_no_date(tmp_path):
    own = INTENT.replace("occurred_at: At", "occurred_at: {from: At, optional: true}") + "when: {Score: {gte: 65}}\n"
    done = import_text(tmp_path, f"{ROWS}acme.com,CRM,70,\n", "--map", mapping_file(tmp_path, own))
    assert scores(done) == BOTH[:1]
    assert "3 rows = 1 mapped + 2 passed over + 0 refused; 1 event." in done.err
    assert "passed over, 1: `when` does not hold: Score is at least 65" in done.err
    assert "passed over, 1: has no date" in done.err


ACCOUNTS = """\
mapping: own
produces: accounts
account: Domain
fields: {name: Name, employee_count: {from: Employees, number: true}}
when: {Type: {in: [customer, prospect]}, Employees: {gte: 50}}
"""
COMPANIES = """\
Domain,Name,Type,Employees
acme.com,Acme,customer,120
b.com,Beta,vendor,400
c.com,Gamma,prospect,12
d.com,Delta,prospect,many
Total,,,
"""


def test_accounts_for_which_the_conditions_do_not_hold_are_passed_over(tmp_path):
    done = import_text(tmp_path, COMPANIES, "--map", mapping_file(tmp_path, ACCOUNTS))
    assert [account["account_id"] for account in done.events] == ["acme.com"]
    assert "5 rows = 1 mapped + 3 passed over + 1 refused; 1 account." in done.err
    assert "passed over, 2: `when` does not hold: Type is" in done.err
    assert "passed over, 1: footer: Total" in done.err
    assert "export.csv:5: 'Employees' is not a readable number: 'many'" in done.err


def test_an_accounts_file_has_no_rows_for_which_the_conditions_do_not_hold(tmp_path):
    (tmp_path / "companies.csv").write_text(COMPANIES)
    own = mapping_file(tmp_path, ACCOUNTS)
    mapped = mapped_accounts(str(tmp_path / "companies.csv"), read_mapping(str(own)), ())
    assert [row.account for row in mapped.rows if isinstance(row, AccountRow)] == ["acme.com"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bytes.fromhex("28b52ffd2400") + bytes(range(200)), "is compressed with zstd: unpack it first"),
        (bz2.compress(ROWS.encode()), "is compressed with bzip2: unpack it first"),
        (lzma.compress(ROWS.encode()), "is compressed with xz: unpack it first"),
        (gzip.compress(b"%PDF-1.7\n"), "is a PDF: export it as CSV"),
        (b"\xef\xbb\xbf\n<html><body><table><tr><th>Domain", "is HTML or XML, which some tools call Excel (.xls)"),
        (b'<?xml version="1.0"?><Workbook>', "is HTML or XML, which some tools call Excel (.xls)"),
    ],
    ids=["zstd", "bzip2", "xz", "PDF in gzip", "HTML", "XML"],
)
def test_files_of_another_kind_are_told_by_what_they_are(data, said, tmp_path):
    done = import_text(tmp_path, data, "--map", mapping_file(tmp_path, INTENT), name="export.xls")
    assert done.code == 1
    assert f"export.xls: {said}" in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.xls", "own.yaml"]


@pytest.mark.parametrize("number", ["+1 202 555 0124", "202 555 0124", "(202) 555-0124", "030/123450124"])
def test_whoever_made_the_export_and_what_may_be_a_telephone_number_are_not_quoted(number, tmp_path):
    text = f"{ROWS}acme.com,CRM,60,{number}\nExported by Jane Doe\nFiltered by owner jane@us.example,,,\n"
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH
    assert "passed over, 1: footer: Exported by..." in done.err
    assert "passed over, 1: footer: Filtered by..." in done.err
    assert "export.csv:4: 'At' is no date that can be read: (not quoted: it may be personal)" in done.err
    assert not [one for one in ("Jane", "jane@", "0124") if one in done.err]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_refused_rows_open_in_the_spreadsheet_that_made_the_export_and_come_back_from_it(separator, tmp_path):
    """Excel knows UTF-8 by its mark alone, and cells by the separator of its country; it saves what it shows."""
    own = mapping_file(tmp_path, INTENT)
    text = f"{ROWS}not a domain,Ausgabenübersicht,60,2026-11-27T12:00:00Z\n".replace(",", separator)
    done = import_text(tmp_path, text, "--map", own)
    assert scores(done) == BOTH, done.err
    (kept,) = tmp_path.glob("*.refused.csv")
    assert kept.read_bytes().startswith(
        "\ufeffDomain,Topic,Score,At,line,field,reason".replace(",", separator).encode()
    )
    shown = kept.read_bytes().decode("utf-8-sig").replace("not a domain", "c.com")
    again = import_text(tmp_path, shown.encode("cp1252"), "--map", own, name="mended.csv")
    assert scores(again) == [("c.com", "Ausgabenübersicht", 60)], again.err


def test_a_row_with_a_stray_quotation_mark_is_kept_with_what_it_says(tmp_path):
    own = mapping_file(tmp_path, INTENT)
    done = import_text(tmp_path, ROWS + '"c.com" ,"5"" pipes","6"2,2026-11-27T12:00:00Z\n', "--map", own)
    assert done.refused[1].startswith('c.com ,"5"" pipes",62,2026-11-27T12:00:00Z,4,,has a quotation mark')
    again = import_text(tmp_path, "\n".join(done.refused), "--map", own, name="mended.csv")
    assert scores(again) == [("c.com", '5" pipes', 62)]
