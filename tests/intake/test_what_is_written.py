"""What `import` and `score` write: never over what they read, and not over what is there unless asked to."""

import csv
import json
import re
import sys
from pathlib import Path

import pytest

from signal_engine.adapters.files.text_files import Source, UnreadableInput
from tests.intake.running import EXPORTS, import_file, invoke, mapping_file

ICP = "config/icp/midmarket-saas.yaml"
EVENT = (
    '{"kind":"engagement","event_id":"1","account_id":"quillmarsh-systems.com","occurred_at":"2026-11-25T00:00:00Z",'
    '"activity":"demo_request"}\n'
)
SURGE = ("--as", "bombora-surge", "--timezone", "UTC")


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.csv").write_text("domain,name\nquillmarsh-systems.com,Quillmarsh\n")
    (tmp_path / "e.jsonl").write_text(EVENT)
    (tmp_path / "icp.yaml").write_bytes(Path(ICP).read_bytes())
    (tmp_path / "surge.csv").write_bytes((EXPORTS / "bombora-surge.csv").read_bytes())
    return tmp_path


def score(files, *words):
    return invoke("score", files / "a.csv", files / "e.jsonl", "--icp", files / "icp.yaml", *words)


@pytest.mark.parametrize("name", ["a.csv", "e.jsonl", "icp.yaml"])
@pytest.mark.parametrize("yes", [(), ("--yes",)], ids=["unasked", "asked to"])
def test_score_never_writes_over_what_it_reads(files, name, yes):
    before = (files / name).read_bytes()
    done = score(files, "--out", files / name, *yes)
    assert done.exit_code == 2
    assert "is also read" in done.stderr
    assert (files / name).read_bytes() == before


def test_score_writes_over_another_file_only_when_asked_to(files):
    (files / "mine.csv").write_text("precious")
    assert "exists already; --yes overwrites it" in score(files, "--out", files / "mine.csv").stderr
    assert (files / "mine.csv").read_text() == "precious"
    assert score(files, "--out", files / "mine.csv", "--yes").exit_code == 0
    assert "quillmarsh" in (files / "mine.csv").read_text()


def test_what_is_no_file_is_not_replaced_and_a_folder_that_is_missing_is_named(files):
    assert "is not a regular file" in score(files, "--out", "/dev/null", "--yes").stderr
    done = score(files, "--out", files / "nowhere" / "out.csv")
    assert done.exit_code == 2
    assert f"there is no folder {files / 'nowhere'}" in done.stderr.replace("\n", "")


def test_a_link_stays_one_and_a_mode_is_kept(files):
    target = files / "target.csv"
    target.write_text("old")
    target.chmod(0o600)
    (files / "link.csv").symlink_to(target)
    assert score(files, "--out", files / "link.csv", "--yes").exit_code == 0
    assert (files / "link.csv").is_symlink()
    assert "quillmarsh" in target.read_text()
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_score_without_a_single_event_is_no_answer(files):
    (files / "e.jsonl").write_bytes((files / "surge.csv").read_bytes())
    done = score(files, "--out", files / "out.csv")
    assert done.exit_code == 1
    assert "no events to score" in done.stderr
    assert "`import` turns an export into events" in done.stderr
    assert not (files / "out.csv").exists()


@pytest.mark.parametrize("to", ["surge.jsonl.refused.jsonl", "surge.jsonl"])
def test_import_writes_neither_over_its_export_nor_over_its_refused_rows(files, to):
    export = files / "surge.jsonl"
    export.write_text('{"Domain": "acme.com"}\n')
    done = invoke("import", export, *SURGE, "--to", files / to, "--yes")
    assert done.exit_code == 2
    assert "choose another file" in done.stderr
    assert export.read_text() == '{"Domain": "acme.com"}\n'


def test_an_import_that_fails_leaves_the_refused_rows_of_the_one_before(files):
    refused = files / "surge.csv.refused.csv"
    refused.write_text("mended by somebody")
    with (files / "surge.csv").open("ab") as export:
        export.write(b'"a quotation mark that nothing closes\n')
    done = invoke("import", files / "surge.csv", *SURGE, "--to", files / "out.jsonl", "--yes")
    assert done.exit_code == 1
    assert refused.read_text() == "mended by somebody"
    assert {path.name for path in files.iterdir()} == {
        "a.csv", "e.jsonl", "icp.yaml", "surge.csv", "surge.csv.refused.csv",
    }  # fmt: skip


@pytest.mark.parametrize("earlier", [None, "of an earlier import"])
def test_an_import_that_refuses_every_row_fails_keeps_the_rows_and_writes_no_events(files, earlier):
    header = (files / "surge.csv").read_text().splitlines()[:3]
    (files / "surge.csv").write_text("\n".join([*header, "Acme,not a domain,1,CRM,80,11/22/2026", ""]))
    out = files / "out.jsonl"
    if earlier:
        out.write_text(earlier)
    done = invoke("import", files / "surge.csv", *SURGE, "--to", out, "--yes")
    assert done.exit_code == 1
    assert "every row was refused or passed over" in done.stderr
    assert (out.read_text() if out.exists() else None) == earlier
    assert len((files / "surge.csv.refused.csv").read_text().splitlines()) == 2


def test_events_that_fall_together_are_said_without_a_dry_run(files):
    done = invoke("import", files / "surge.csv", *SURGE, "--to", files / "out.jsonl")
    assert done.exit_code == 0
    assert "1 event has the id of another, and counts once." in done.stderr


def test_an_account_is_kept_with_a_number_that_nobody_understands_and_that_is_said(files):
    text = "Record ID,Company name,Company Domain Name,Number of Employees\n1,A,a.com,350\n2,B,b.com,a few\n"
    (files / "companies.csv").write_text(text)
    done = invoke("import", files / "companies.csv", "--as", "hubspot-companies", "--to", files / "accounts.jsonl")
    assert done.exit_code == 0
    assert "2 rows = 2 mapped + 0 passed over + 0 refused; 2 accounts." in done.stderr
    assert "1 cell is kept without being understood" in done.stderr
    assert "companies.csv:3: 'Number of Employees' is not a readable number" in " ".join(done.stderr.split())
    accounts = [json.loads(line) for line in (files / "accounts.jsonl").read_text().splitlines()]
    assert [(one["account_id"], one["employee_count"]) for one in accounts] == [("a.com", 350), ("b.com", "a few")]


def test_a_row_with_a_number_that_nobody_understands_is_scored_and_the_column_is_told(files):
    text = "Record ID,Company name,Company Domain Name,Number of Employees\n1,Q,quillmarsh-systems.com,a few\n"
    (files / "companies.csv").write_text(text)
    named = ("--as", "hubspot-companies", "--icp", files / "icp.yaml", "--out", files / "out.csv")
    done = invoke("score", files / "companies.csv", files / "e.jsonl", *named)
    assert done.exit_code == 0, done.stderr
    assert "names no account" not in done.stderr
    assert "column employee_count: the value of 1 of 1 accounts is not a number" in done.stderr
    assert "a few" not in done.stderr
    (row,) = csv.DictReader((files / "out.csv").read_text(encoding="utf-8-sig").splitlines())
    assert float(row["score"]) > 0


def test_standard_input_that_is_closed_is_said_to_be(monkeypatch):
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UnreadableInput, match="standard input: is closed"):
        list(Source("-").lines())


@pytest.mark.parametrize("cell", ["jane.doe@example.com", "Jane Doe"])
def test_a_cell_that_may_be_a_person_is_not_quoted(files, cell):
    text = (files / "surge.csv").read_text()
    broken = re.sub(r"\d{1,2}/\d{1,2}/\d{4}", cell, text, count=1)
    assert broken != text
    (files / "surge.csv").write_text(broken)
    done = invoke("import", files / "surge.csv", *SURGE, "--to", files / "out.jsonl")
    assert cell not in done.stderr
    assert "it may be personal" in done.stderr


def test_mended_rows_out_of_a_list_in_a_document_are_imported_by_themselves(tmp_path: Path):
    export, mended = tmp_path / "mine.json", tmp_path / "mine.json.refused.jsonl"
    rows = [{"company": "acme.com", "at": at, "what": "pricing_view"} for at in ("2026-01-05T00:00:00Z", "soon")]
    export.write_text(json.dumps({"data": rows}))
    own = mapping_file(
        tmp_path,
        "mapping: mine\nproduces: engagement\nreads: json\neach: data\naccount: {from: company}\nevent_id: [at]\n"
        "occurred_at: {from: at, formats: [iso]}\nfields: {activity: what}\n",
    )
    first = import_file(tmp_path, export, "--map", own)
    assert (len(first.events), len(first.refused)) == (1, 1), first.err
    mended.write_text(mended.read_text().replace('"at":"soon"', '"at":"2026-01-06T00:00:00Z"'))
    again = import_file(tmp_path, mended, "--map", own)
    assert (len(again.events), again.refused) == (1, []), again.err
