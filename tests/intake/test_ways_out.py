"""What stops an import says how it goes on, in words that can be followed as they stand."""

import json
import re
from pathlib import Path

import pytest

from tests.intake.running import clock, import_text, invoke, mapping_file

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")

GERMAN = (
    "Datensatz-ID;Unternehmensname;Domainname des Unternehmens;Jahresumsatz\n"
    "1;Quillmarsh Systems;quillmarsh-systems.com;1.200\n"
)
VISITS = "kind,account_id,occurred_at,activity\nengagement,acme.com,07/05/2026,page_view\n"
ICP = ("--icp", "config/icp/midmarket-saas.yaml")


def copied(folder: Path, said: str) -> Path:
    """The copy of the mapping that the command in `said` makes."""
    (command,) = re.findall(r"`signal-engine (mapping show \S+) > own.yaml`", said)
    own = folder / "own.yaml"
    own.write_text(invoke(*command.split()).stdout)
    return own


def test_numbers_that_nothing_settles_are_read_once_the_mapping_says_how(tmp_path):
    stopped = import_text(tmp_path, GERMAN, "--as", "hubspot-companies")
    assert (stopped.code, stopped.events) == (2, [])
    assert "column 'Jahresumsatz' can be read in two ways" in stopped.err
    assert "write `decimal: point` or `decimal: comma` beside it in the mapping" in stopped.err
    assert "`import --map own.yaml`" in stopped.err
    own = copied(tmp_path, stopped.err)
    own.write_text(
        own.read_text().replace("Jahresumsatz], number: true", "Jahresumsatz], number: true, decimal: comma")
    )
    done = import_text(tmp_path, GERMAN, "--map", own)
    assert [one["annual_revenue"] for one in done.events] == [1200], done.err


def test_dates_that_nothing_settles_are_read_once_the_mapping_says_how(tmp_path):
    stopped = import_text(tmp_path, VISITS, "--as", "generic", "--timezone", "UTC")
    assert stopped.code == 2
    (format_,) = re.findall(r'write `formats` beside it in the mapping, such as (\["%d/%m/%Y"\])', stopped.err)
    own = copied(tmp_path, stopped.err)
    given = own.read_text().replace(
        "occurred_at: occurred_at", f"occurred_at: {{from: occurred_at, formats: {format_}}}"
    )
    own.write_text(given)
    done = import_text(tmp_path, VISITS, "--map", own, "--timezone", "UTC")
    assert [one["occurred_at"] for one in done.events] == ["2026-05-07T00:00:00Z"], done.err


def test_a_mapping_of_ones_own_is_named_and_not_copied(tmp_path):
    own = mapping_file(
        tmp_path, invoke("mapping", "show", "generic").stdout.replace("mapping: generic", "mapping: mine")
    )
    stopped = import_text(tmp_path, VISITS, "--map", own, "--timezone", "UTC")
    assert f"the mapping is {own}" in stopped.err
    assert "mapping show" not in stopped.err


def test_a_missing_zone_is_no_matter_of_the_mapping(tmp_path):
    stopped = import_text(tmp_path, VISITS.replace("07/05", "07/15"), "--as", "generic")
    assert "say --timezone" in stopped.err
    assert "own.yaml" not in stopped.err


def test_accounts_of_another_tool_are_recognised_where_no_column_of_ours_names_the_account(tmp_path):
    (tmp_path / "a.csv").write_text(GERMAN)
    (tmp_path / "e.jsonl").write_text("")
    done = invoke("score", tmp_path / "a.csv", tmp_path / "e.jsonl", *ICP, "--out", tmp_path / "out.csv")
    assert done.exit_code == 2
    assert "no column names the account" in done.stderr
    assert "it looks like hubspot-companies: say --as hubspot-companies" in done.stderr


@pytest.mark.parametrize("text", ["name,size\nacme,5\n", VISITS.replace("account_id", "whose")])
def test_what_is_no_accounts_export_of_a_known_tool_is_not_said_to_be_one(text, tmp_path):
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "e.jsonl").write_text("")
    done = invoke("score", tmp_path / "a.csv", tmp_path / "e.jsonl", *ICP, "--out", tmp_path / "out.csv")
    assert "no column names the account" in done.stderr
    assert "looks like" not in done.stderr


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"roles": []}, "`each: jobs` finds nothing in it: does the mapping name the list of rows?"),
        ({"jobs": [7]}, "`each: jobs` finds something in it that is no JSON object"),
    ],
)
def test_each_that_finds_no_rows_is_named(document, reason, tmp_path):
    options = ("--as", "greenhouse-jobs", "--account", "acme.com")
    done = import_text(tmp_path, json.dumps(document), *options, name="board.json")
    assert reason in " ".join(done.err.split())
    (kept,) = done.refused
    assert reason in json.loads(kept)["refused"]["reason"]


def test_a_row_that_is_none_is_not_blamed_on_each(tmp_path):
    own = mapping_file(
        tmp_path,
        "mapping: own\nreads: json\nproduces: intent\naccount: a\nevent_id: [a]\noccurred_at: b\n"
        "fields: {topic: t, score: s}\n",
    )
    done = import_text(tmp_path, "[7]", "--map", own, name="rows.json")
    assert "is no JSON object" in done.err
    assert "each" not in done.err
