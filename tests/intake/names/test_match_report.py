"""`match report`, the file that a person confirms, and `import --names`."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.files.name_files import NAME_COLUMNS
from tests.intake.running import invoke, mapping_file
from tests.replay.real_data import ACCOUNTS, DATA, needs_real_data

ROUNDS = "mapping: rounds\nproduces: funding\naccount: {from: Company, through: accounts.name}\nevent_id: [Date]\noccurred_at: {from: Date, zone: UTC}\nfields: {round: Round}\n"  # noqa: E501
TABLE = "Company,Round,Date\nBrindlefax,seed,2026-01-01\nApex Inc,seed,2026-02-01\nAcme GmbH,seed,2026-03-01\nZzyx,seed,2026-04-01\n"  # noqa: E501
OURS = "domain,name\nacme.com,Acme Inc.\napex.com,Apex\napex.io,APEX LLC\nbrindlefax.com,Brindlefax Robotics\n"


class Files:
    """An export and accounts in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.export, self.accounts = folder / "rounds.csv", folder / "accounts.csv"
        self.own, self.names = mapping_file(folder, ROUNDS), folder / "names.csv"
        self.export.write_text(TABLE)
        self.accounts.write_text(OURS)

    def report(self, *options: Any, code: int = 0) -> Any:
        done = invoke("match", "report", self.export, "--map", self.own, "--accounts", self.accounts, *options)
        assert done.exit_code == code, done.stderr
        return done

    def imported(self, *options: Any, code: int = 0) -> tuple[list[str], str]:
        """Accounts of the events, and what was said."""
        to = self.folder / "events.jsonl"
        arguments = ("--map", self.own, "--accounts", self.accounts, "--to", to, "--yes")
        done = invoke("import", self.export, *arguments, *options)
        assert done.exit_code == code, done.stderr
        lines = to.read_text().splitlines() if to.exists() else []
        return [json.loads(line)["account_id"] for line in lines], done.stderr

    def confirm(self, *rows: dict[str, str]) -> None:
        """As somebody has filled it in."""
        with self.names.open("w", newline="") as file:
            table = csv.DictWriter(file, NAME_COLUMNS, restval="")
            table.writeheader()
            table.writerows(rows)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_the_report_tells_what_names_an_account_and_what_does_not(files):
    document = json.loads(files.report("--json").stdout)
    assert document["rows"] == {
        "rows": 4, "otherwise": 0, "nameless": 0, "matched": 1, "unmatched": 2, "ambiguous": 1,
    }  # fmt: skip
    assert document["names"] == {"matched": 1, "unmatched": 2, "ambiguous": 1}
    assert [one["name"] for one in document["unmatched"]] == ["Brindlefax", "Zzyx"]
    assert document["ambiguous"] == [{"name": "Apex Inc", "rows": 1, "candidates": ["apex.com", "apex.io"]}]
    assert document["suggested"] is None
    said = files.report("--top", "1").stdout
    assert "unmatched          2 rows, 2 names" in said
    assert "and 1 other name" in said
    assert "apex.com, apex.io" in said


def test_a_column_is_enough(files):
    done = invoke("match", "report", files.export, "--column", "Company", "--accounts", files.accounts, "--json")
    assert json.loads(done.stdout)["rows"]["matched"] == 1


def test_what_a_person_confirms_is_imported_and_nothing_else(files):
    assert files.imported()[0] == ["acme.com"]
    files.report("--suggest", files.names)
    with files.names.open(newline="", encoding="utf-8-sig") as file:
        rows = [*csv.DictReader(file)]
    assert [(row["name"], row["account_id"], row["confirm"]) for row in rows] == [
        ("Apex Inc", "apex.com", ""), ("Apex Inc", "apex.io", ""), ("Brindlefax", "brindlefax.com", ""),
    ]  # fmt: skip
    assert files.imported("--names", files.names)[0] == ["acme.com"], "a suggestion is none until somebody says so"
    rows[0]["confirm"], rows[1]["confirm"], rows[2]["confirm"] = "no", "x", "yes"
    files.confirm(*rows)
    assert files.imported("--names", files.names)[0] == ["brindlefax.com", "apex.io", "acme.com"]
    assert json.loads(files.report("--json", "--names", files.names).stdout)["rows"]["matched"] == 3


def test_suggestions_are_not_written_over_unasked(files):
    files.report("--suggest", files.names)
    before = files.names.read_bytes()
    assert "exists already" in files.report("--suggest", files.names, code=2).stderr
    files.report("--suggest", files.names, "--yes")
    assert files.names.read_bytes() == before, "the same input gives the same suggestions"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"name": "Zzyx", "account_id": "zzyx.com", "confirm": "yes"}, "2: account_id: is not in the accounts file"),
        ({"name": "Zzyx", "account_id": "localhost", "confirm": "yes"}, "2: account_id: is a single label"),
        ({"name": "Zzyx", "account_id": "acme.com", "confirm": "perhaps"}, "2: confirm: is neither yes nor no"),
        ({"name": "", "account_id": "acme.com", "confirm": "yes"}, "2: name: is empty"),
    ],
)
def test_a_row_that_cannot_be_meant_is_told_with_its_line(files, row, said):
    files.confirm(row)
    assert said in files.imported("--names", files.names, code=2)[1]


def test_two_accounts_for_one_name_are_told(files):
    files.confirm(
        {"name": "Zzyx", "account_id": "acme.com", "confirm": "yes"},
        {"name": "ZZYX Inc", "account_id": "apex.com", "confirm": "yes"},
    )
    said = files.imported("--names", files.names, code=2)[1]
    assert "3: confirm: line 2 confirms another account for the same name" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,account_id\nA,a.com\n", "1: there is no column confirm"),
        ('[{"name": "A"}]', "is JSON"),
        ("name,account_id,confirm\nA,a.com,yes,more\n", "2: has 4 cells"),
    ],
)
def test_a_file_of_names_that_is_none_is_told(files, text, said):
    files.names.write_text(text)
    assert said in files.imported("--names", files.names, code=2)[1]


def test_wrong_usage_is_told(files):
    assert "use only one of" in files.report("--column", "Company", code=2).stderr
    done = invoke("import", files.export, "--map", files.own, "--dry-run", "--names", files.accounts)
    assert (done.exit_code, "--names goes with --accounts" in done.stderr) == (2, True)
    own = mapping_file(files.folder, ROUNDS.replace(", through: accounts.name", ""))
    done = invoke("match", "report", files.export, "--map", own, "--accounts", files.accounts)
    assert (done.exit_code, "looks no account up by name" in done.stderr) == (2, True)


@needs_real_data
def test_the_rounds_of_2013_and_the_real_accounts(tmp_path):
    """The figures of docs/intake.md."""
    out = tmp_path / "names.csv"
    arguments = ("match", "report", DATA / "cb2013_rounds.csv.gz", "--column", "company_name", "--json", "--yes")
    done = invoke(*arguments, "--accounts", ACCOUNTS, "--suggest", out)
    document = json.loads(done.stdout)
    assert document["rows"] == {
        "rows": 31_679, "otherwise": 0, "nameless": 0, "matched": 2_297, "unmatched": 29_167, "ambiguous": 215,
    }  # fmt: skip
    assert document["names"] == {"matched": 1_043, "unmatched": 16_480, "ambiguous": 91}
    assert document["suggested"] == 192
    before = out.read_bytes()
    assert invoke(*arguments, "--accounts", ACCOUNTS, "--suggest", out).stdout == done.stdout
    assert out.read_bytes() == before


@needs_real_data
def test_the_rounds_of_2013_and_their_own_companies(tmp_path):
    """Companies and rounds of one source, by name alone; a domain is made of each permalink."""
    accounts = tmp_path / "accounts.csv"
    companies = DATA / "cb2013_companies.csv.gz"
    with gzip.open(companies, "rt", encoding="utf-8") as packed, accounts.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["account_id", "name"])
        for row in csv.DictReader(packed):
            table.writerow([f"{row['permalink'].rpartition('/')[2]}-2013.com", row["name"]])
    done = invoke("match", "report", DATA / "cb2013_rounds.csv.gz", "--column", "company_name", "--json",
                  "--accounts", accounts)  # fmt: skip
    assert json.loads(done.stdout)["rows"] == {
        "rows": 31_679, "otherwise": 0, "nameless": 0, "matched": 31_654, "unmatched": 1, "ambiguous": 24,
    }  # fmt: skip
