"""`import`, `mapping` and what reads accounts through a mapping, as a person uses them."""

import json
import os
import subprocess
import sys

import pytest

from tests.cli.running import ROOT, run
from tests.intake.running import EXPORTS, invoke

ICP = ("--icp", "config/icp/midmarket-saas.yaml")
HUBSPOT = EXPORTS / "hubspot-companies.csv"
BOMBORA = EXPORTS / "bombora-surge.csv"


@pytest.fixture(autouse=True)
def _at_home(monkeypatch, tmp_path):
    """Refused rows are kept beside the export: not beside those of the project."""
    for export in (HUBSPOT, BOMBORA):
        (tmp_path / export.name).write_bytes(export.read_bytes())


def test_two_exports_become_a_ranked_list(tmp_path):
    """The first ten minutes, as processes of their own."""
    web = tmp_path / "web.csv"
    web.write_text(
        "kind,account_id,occurred_at,activity\n"
        + "".join(
            f"engagement,quillmarsh-systems.com,2026-11-2{day}T10:00:00Z,{activity}\n"
            for day, activity in ((5, "pricing_view"), (6, "demo_request"))
        )
    )
    events = tmp_path / "events.jsonl"
    done = run("import", web, tmp_path / BOMBORA.name, "--timezone", "UTC", "--yes", "--to", events)
    assert done.code == 0, done.err
    assert done.out == ""
    result = run("replay", events, "--accounts", HUBSPOT, "--as", "hubspot-companies", *ICP, "--json").json()
    assert (result["counts"]["applied"], result["counts"]["duplicate"]) == (3, 1), "one topic, one account, one week"
    assert [entry["account_id"] for entry in result["lists"]["all"]] == ["quillmarsh-systems.com"]
    assert result["lists"]["all"][0]["owner"] == "Account Executive 1"
    out = tmp_path / "out.csv"
    assert run("score", HUBSPOT, events, "--as", "hubspot-companies", *ICP, "--out", out).code == 0
    assert "demo" in out.read_text().splitlines()[1].lower()


def test_a_guess_is_asked_about_and_without_a_terminal_it_has_to_be_said(tmp_path):
    done = invoke("import", tmp_path / BOMBORA.name, "--timezone", "UTC", "--to", tmp_path / "e.jsonl")
    assert done.exit_code == 2
    assert "looks like bombora-surge; confirm with --as bombora-surge or --yes" in done.stderr
    assert not (tmp_path / "e.jsonl").exists()
    named = ("--as", "bombora-surge", "--timezone", "UTC", "--to", tmp_path / "e.jsonl")
    assert invoke("import", tmp_path / BOMBORA.name, *named).exit_code == 0
    done = invoke("import", tmp_path / BOMBORA.name, *named)
    assert done.exit_code == 2
    assert "e.jsonl: exists already; --yes overwrites it" in done.stderr
    assert invoke("import", tmp_path / BOMBORA.name, *named, "--yes").exit_code == 0


@pytest.mark.parametrize(("answer", "code"), [(b"y\n", 0), (b"n\n", 1)])
def test_at_a_terminal_one_answer_is_asked_for(tmp_path, answer, code):
    ours, theirs = os.openpty()
    os.write(ours, answer)
    command = [
        sys.executable,
        "-m",
        "signal_engine",
        "import",
        tmp_path / BOMBORA.name,
        "--timezone",
        "UTC",
        "--to",
        tmp_path / "e.jsonl",
    ]
    done = subprocess.run(command, stdin=theirs, capture_output=True, timeout=120, check=False, cwd=ROOT)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == code, done.stderr
    assert done.stderr.decode().count("? [y/N]") == 1
    assert (tmp_path / "e.jsonl").exists() is (code == 0)


def test_rows_that_somebody_may_have_mended_are_not_replaced_unasked(tmp_path):
    named = ("--as", "bombora-surge", "--timezone", "UTC", "--to")
    assert invoke("import", tmp_path / BOMBORA.name, *named, tmp_path / "1.jsonl").exit_code == 0
    done = invoke("import", tmp_path / BOMBORA.name, *named, tmp_path / "2.jsonl")
    assert done.exit_code == 2
    assert "bombora-surge.csv.refused.csv: holds refused rows of an earlier import" in done.stderr
    assert invoke("import", tmp_path / BOMBORA.name, *named, tmp_path / "2.jsonl", "--yes").exit_code == 0


def test_a_dry_run_writes_nothing(tmp_path):
    before = sorted(tmp_path.iterdir())
    done = invoke("import", tmp_path / BOMBORA.name, "--timezone", "UTC", "--dry-run")
    assert done.exit_code == 0
    assert "5 rows = 2 mapped + 2 passed over + 1 refused; 2 events" in done.stderr
    assert "1 event has the id of another" in done.stderr, "one topic, one account, one week"
    assert sorted(tmp_path.iterdir()) == before


def test_standard_input_and_output():
    posting = (EXPORTS / "lever-jobs.json").read_bytes().splitlines()[1].rstrip(b",")
    done = run("import", "-", "--as", "lever-jobs", "--account", "tarnwick.io", "--to", "-", stdin=posting)
    assert done.code == 0, done.err
    assert json.loads(done.out)["title"] == "VP Sales"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dry-run", "--as", "nothing"), "there is no mapping 'nothing'; there are bombora-surge"),
        ((), "use --to FILE.jsonl to name the file to write"),
        (("--to", "kafka.json"), "must be kafka, end in .jsonl"),
        (
            ("--to", "e.jsonl", "--timezone", "UTC", "--as", "bombora-surge", "--state", "s"),
            "--state goes with --to kafka",
        ),
        (("-", "--to", "kafka", "--state", "s.json"), "--state goes with files"),
        (("--dry-run", "--as", "generic", "--map", "config/scoring.yaml"), "use either --as or --map, not both"),
        (("--dry-run", "--timezone", "Berlin"), "'Berlin' is not a time zone"),
        (("--dry-run", "--account", "localhost"), "'localhost' is a single label"),
        (("--dry-run", "--map", "config/scoring.yaml"), "config/scoring.yaml:"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_why(tmp_path, arguments, said):
    done = invoke("import", tmp_path / BOMBORA.name, *arguments)
    assert done.exit_code == 2
    assert said in done.stderr


def test_an_export_is_given_once_however_its_path_is_spelled(tmp_path):
    export = tmp_path / BOMBORA.name
    again = tmp_path / ".." / tmp_path.name / BOMBORA.name
    done = invoke("import", export, again, "--timezone", "UTC", "--yes", "--to", tmp_path / "e.jsonl")
    assert done.exit_code == 2
    assert f"{again}: is given more than once" in done.stderr
    assert not (tmp_path / "e.jsonl").exists()


def test_rows_that_somebody_has_mended_are_not_replaced_by_the_import_that_reads_them(tmp_path):
    export = tmp_path / BOMBORA.name
    mended = tmp_path / f"{BOMBORA.name}.refused.csv"
    mended.write_bytes(BOMBORA.read_bytes())
    done = invoke("import", export, mended, "--timezone", "UTC", "--yes", "--to", tmp_path / "e.jsonl")
    assert done.exit_code == 2
    assert f"{mended}: is where the refused rows of {export} go: import it by itself" in done.stderr
    assert mended.read_bytes() == BOMBORA.read_bytes()


def test_what_is_no_export_that_is_known_is_said_with_its_columns(tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    done = invoke("import", tmp_path / "x.csv", "--dry-run")
    assert done.exit_code == 2
    assert "is no export that is known; say --as NAME (bombora-surge" in done.stderr
    assert "its columns are a, b" in done.stderr


def test_accounts_and_events_do_not_mix(tmp_path):
    done = invoke("import", tmp_path / HUBSPOT.name, tmp_path / BOMBORA.name, "--timezone", "UTC", "--dry-run")
    assert done.exit_code == 2
    assert "accounts and events need separate files" in done.stderr


def test_accounts_that_were_imported_are_an_accounts_file(tmp_path):
    to = tmp_path / "accounts.jsonl"
    assert invoke("import", tmp_path / HUBSPOT.name, "--yes", "--to", to).exit_code == 0
    event = '{"kind":"engagement","event_id":"e","account_id":"tarnwick.io","occurred_at":"2026-11-27T00:00:00Z",'
    (tmp_path / "e.jsonl").write_text(event + '"activity":"demo_request"}\n')
    done = invoke("explain", "tarnwick.io", tmp_path / "e.jsonl", "--accounts", to, *ICP, "--json")
    result = json.loads(done.stdout)
    assert (result["name"], result["relation"], result["crm_id"]) == ("Tarnwick", "open_opportunity", "200000000004")


def test_explain_reads_accounts_through_a_mapping(tmp_path):
    event = '{"kind":"engagement","event_id":"e","account_id":"brindlefax.com","occurred_at":"2026-11-27T00:00:00Z",'
    (tmp_path / "e.jsonl").write_text(event + '"activity":"demo_request"}\n')
    options = ("--accounts", HUBSPOT, "--as", "hubspot-companies", *ICP, "--json")
    result = json.loads(invoke("explain", "brindlefax.com", tmp_path / "e.jsonl", *options).stdout)
    assert result["relation"] == "customer"
    assert result["fit"][0]["decision"] != "unknown", "columns that the mapping does not name go along where ICPs ask"


def test_events_are_no_accounts(tmp_path):
    done = invoke("score", BOMBORA, BOMBORA, "--as", "bombora-surge", *ICP, "--out", tmp_path / "o.csv")
    assert done.exit_code == 2
    assert "makes events, not accounts" in done.stderr


def test_the_mappings_are_listed_shown_and_checked(tmp_path):
    listed = invoke("mapping", "list").stdout
    assert ["hubspot-companies", "accounts,", "reads", "columns"] in [line.split() for line in listed.splitlines()]
    own = tmp_path / "own.yaml"
    shown = invoke("mapping", "show", "bombora-surge").stdout
    own.write_text(shown.replace("gte: 60", "gte: 83"))
    done = invoke("mapping", "check", own, "--sample", BOMBORA, "--timezone", "UTC")
    result = [json.loads(line) for line in done.stdout.splitlines()]
    assert result[0] == {"line": 4, "row": {
        "Company Name": "Quillmarsh Systems", "Domain": "quillmarsh-systems.com", "Topic ID": "1021",
        "Topic Name": "Customer Relationship Management", "Composite Score": "82", "Report Date": "11/22/2026",
        "HQ Country": "US"}, "passed_over": "`when` does not hold: Composite Score is at least 83"}  # fmt: skip
    assert result[1]["events"][0]["score"] == 84
    own.write_text(shown.replace("gte: 60", "atleast: 60"))
    done = invoke("mapping", "check", own)
    assert done.exit_code == 2
    assert "own.yaml:" in done.stderr


def test_a_mapping_that_looks_accounts_up_or_is_given_one_is_checked_with_them(tmp_path):
    """As a copy of one that ships is, before it is changed."""
    deals, jobs = tmp_path / "deals.yaml", tmp_path / "jobs.yaml"
    deals.write_text(invoke("mapping", "show", "hubspot-deals").stdout)
    jobs.write_text(invoke("mapping", "show", "greenhouse-jobs").stdout)
    accounts = ("--accounts", EXPORTS / "hubspot-companies.csv", "--accounts-as", "hubspot-companies")
    sample = ("--sample", EXPORTS / "hubspot-deals.csv", "--timezone", "UTC")
    done = invoke("mapping", "check", deals, *sample, *accounts)
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[0])["events"][0]["account_id"] == "quillmarsh-systems.com"
    sample = ("--sample", EXPORTS / "greenhouse-jobs.json")
    done = invoke("mapping", "check", jobs, *sample, "--account", "acme.com")
    assert json.loads(done.stdout.splitlines()[0])["events"][0]["account_id"] == "acme.com"
    done = invoke("mapping", "check", jobs, *sample)
    assert done.exit_code == 2
    assert "greenhouse-jobs.json: the export names no company: use --account DOMAIN" in done.stderr


def test_a_mapping_that_makes_nothing_of_a_sample_fails(tmp_path):
    own = tmp_path / "own.yaml"
    own.write_text(invoke("mapping", "show", "bombora-surge").stdout)
    header = (tmp_path / BOMBORA.name).read_text().splitlines()[:3]
    for rows, said in (
        ("Acme,not a domain,1,CRM,80,11/22/2026,US\n" * 7, "all 7 rows are refused"),
        ("", "has no rows"),
    ):
        (tmp_path / "s.csv").write_text("\n".join([*header, rows]))
        done = invoke("mapping", "check", own, "--sample", tmp_path / "s.csv", "--timezone", "UTC")
        assert done.exit_code == 1
        assert said in done.stderr


def test_an_export_that_has_to_be_read_twice_leaves_the_others_alone(tmp_path):
    """Its first rows have been written when a later one shows that points separate thousands, and days come first."""
    header = "kind,account_id,occurred_at,topic,score,confidence\n"
    plain = header + "intent,acme.com,2026-11-01,CRM,60,1\n"
    doubtful = plain + 'intent,b.com,2026-11-02,CRM,70,1\nnonsense,b.com,,,,\nintent,c.com,13/4/2026,CRM,"80,5",1\n'
    for name, text in (("one.csv", plain), ("two.csv", doubtful), ("three.csv", plain)):
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in ("one.csv", "two.csv", "three.csv")]
    to = tmp_path / "e.jsonl"
    done = invoke("import", *files, "--as", "generic", "--timezone", "UTC", "--to", to)
    assert done.exit_code == 0, done.stderr
    events = [json.loads(line) for line in to.read_text().splitlines()]
    assert [(event["account_id"], event["score"]) for event in events] == [
        ("acme.com", 60), ("acme.com", 60), ("b.com", 70), ("c.com", 80.5), ("acme.com", 60),
    ]  # fmt: skip
    assert events[3]["occurred_at"] == "2026-04-13T00:00:00Z"
    assert len((tmp_path / "two.csv.refused.csv").read_text().splitlines()) == 2
    assert "4 rows = 3 mapped + 0 passed over + 1 refused; 3 events" in done.stderr
