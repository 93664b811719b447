"""`signal-engine try`: exports of other tools, from the files to the lists of a running engine."""

import json
import os
import pty
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signal_engine.wire.instants import parse_instant
from tests.cli.running import ROOT, run
from tests.demo.test_demo import CLAIMED, is_gone
from tests.intake.test_tutorial import FILES, PAGE

COMPANIES = """\
"Record ID","Company name","Company Domain Name","Number of Employees","Industry","Country/Region","Lifecycle Stage"
"1","Quillmarsh Systems","quillmarsh-systems.com","1,240","COMPUTER_SOFTWARE","United States","Lead"
"2","Brindlefax","brindlefax.com","860","COMPUTER_SOFTWARE","United Kingdom","Customer"
"3","Tarnwick","https://www.tarnwick.io/","410","COMPUTER_SOFTWARE","United States","Lead"
"""
TOPICS = 4
ONCE = ("--seconds", "1", "--json")
LISTED, CUSTOMER = "quillmarsh-systems.com", "brindlefax.com"


def surge(now: datetime) -> str:
    """Three weeks of reports: one account with much to read, a customer with as much, one with a little; one stranger
    and one total."""
    rows = ["Company Surge Report,,,,,", "Company Name,Domain,Topic ID,Topic Name,Composite Score,Report Date"]
    for week in range(3):
        day = f"{now - timedelta(days=1 + 7 * week):%m/%d/%Y}"
        for topic in range(TOPICS):
            rows += [
                f"{domain},{domain},{topic},Topic {topic},85,{day}"
                for domain in ("quillmarsh-systems.com", "brindlefax.com")
            ]
    rows += [f"Tarnwick,tarnwick.io,1,Topic 1,95,{day}", f"Nobody,no domain,1,Topic 1,95,{day}"]
    return "\n".join([*rows, "Grand Totals,,,,,"]) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One with both exports."""
    (tmp_path / "companies.csv").write_text(COMPANIES)
    (tmp_path / "surge.csv").write_text(surge(datetime.now(UTC)))
    return tmp_path


def test_exports_are_on_the_lists_at_their_own_times_and_nothing_is_left(folder: Path) -> None:
    temporary = folder / "tmp"
    temporary.mkdir()
    ran = subprocess.run(
        [sys.executable, "-m", "signal_engine", "try", str(folder / "companies.csv"), str(folder / "surge.csv"),
         "--timezone", "UTC", "--yes", "--seconds", "1", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=180,
        env={**os.environ, **CLAIMED, "TMPDIR": str(temporary)},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert told["counts"]["applied"] == 3 * TOPICS * 2 + 1
    assert told["rejected"] == []
    (entry,) = told["lists"]["everybody"]  # the customer is none to call, and one report is not enough
    assert (entry["account_id"], entry["tier"], entry["crm_id"]) == (LISTED, "A", "1")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    assert datetime.fromtimestamp(parse_instant(entry["last_signal_at"]) / 1000, UTC).date() >= yesterday - timedelta(1)
    for words in ("Dashboard: http://127.0.0.1:", "read as hubspot-companies", "read as bombora-surge",
                  "every account of the file counts as fitting", "1 refused"):  # fmt: skip
        assert words in ran.stderr
    assert "on the dashboard in about half a minute" in ran.stderr
    assert ran.stderr.index("Loading a history of") < ran.stderr.index("Dashboard: http"), "it leads to no empty page"
    assert re.search(r"refused, 1: ", ran.stderr)
    assert is_gone(temporary)
    assert not (folder / "surge.csv.refused.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(
            ["companies.csv", "surge.csv"], "confirm with --accounts-as hubspot-companies or --yes", id="accounts"
        ),
        pytest.param(
            ["companies.csv", "surge.csv", "--accounts-as", "hubspot-companies"],
            "confirm with --as bombora-surge or --yes",
            id="signals",
        ),
        pytest.param(["surge.csv", "companies.csv", "--yes"], "accounts come first", id="the other way round"),
        pytest.param(
            ["unknown.csv", "surge.csv", "--yes"], "is no export that is known", id="an export of no known tool"
        ),
    ],
)
def test_what_is_not_confirmed_or_not_known_starts_nothing(folder: Path, arguments: list[str], words: str) -> None:
    (folder / "unknown.csv").write_text("when,what\n2026-01-01,x\n")
    files = [str(folder / one) if one.endswith(".csv") else one for one in arguments]
    ran = run("try", *files, "--timezone", "UTC")
    assert ran.code == 2
    assert words in ran.err
    assert "Starting" not in ran.err


@pytest.mark.parametrize(
    ("signals", "words"),
    [
        (
            "companies.csv",
            "companies.csv: is read as hubspot-companies, which makes accounts, and signals are asked for",
        ),
        ("deals.csv", "deals.csv: is read as hubspot-deals, which makes outcomes of deals, and signals are asked for"),
    ],
)
def test_exports_that_hold_no_signals_are_told_and_start_nothing(folder: Path, signals: str, words: str) -> None:
    ids = "Associated Company IDs (Primary)"
    deal = "1,A,Closed Won,2026-06-12 16:20,2026-03-02 09:30,1"
    (folder / "deals.csv").write_text(f"Record ID,Deal Name,Deal Stage,Close Date,Create Date,{ids}\n{deal}\n")
    ran = run("try", folder / "companies.csv", folder / signals, "--yes", "--timezone", "UTC")
    assert ran.code == 2
    assert words in ran.err
    assert "Starting" not in ran.err


def test_signals_that_are_all_passed_over_leave_nothing_to_show(folder: Path) -> None:
    (folder / "low.csv").write_text("Domain,Topic Name,Composite Score,Report Date\nacme.com,CRM,5,11/27/2026\n")
    ran = run("try", folder / "companies.csv", folder / "low.csv", "--yes", "--timezone", "UTC")
    assert ran.code == 1
    assert "passed over, 1: `when` does not hold: Composite Score is at least 60" in ran.err
    assert "error: no row of the signals became an event, so there is nothing to show" in ran.err
    assert "events.jsonl" not in ran.err


def test_accounts_of_our_own_format_need_no_mapping(folder: Path) -> None:
    """Nothing to ask about them: the first question is about the signals."""
    ran = run("try", "config/accounts.csv", folder / "surge.csv", "--timezone", "UTC")
    assert ran.code == 2
    assert "confirm with --as bombora-surge" in ran.err
    assert "--accounts-as" not in ran.err


def test_five_exports_are_five_questions_and_one_page(tmp_path: Path) -> None:
    """Also after the page's earlier steps, which leave refused rows behind."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    mended = tmp_path / "surge.csv.refused.csv"
    mended.write_text("somebody mends these\n")
    (command,) = re.findall(r"^\.venv/bin/signal-engine (try .*board.json.*\\\n.*)$", PAGE, re.MULTILINE)
    words = command.replace("\\\n", " ").split()
    person, terminal = pty.openpty()
    os.write(person, b"y\n" * 20)
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "signal_engine", *words, "--config", str(ROOT / "config"), *ONCE],
            cwd=tmp_path, stdin=terminal, capture_output=True, text=True, check=False, timeout=240,
            env={**os.environ, **CLAIMED, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    finally:
        os.close(person)
        os.close(terminal)
    assert ran.returncode == 0, ran.stderr
    asked = re.findall(r"(?:Import|Read) (\S+) as \S+\? \[y/N\]", ran.stderr)
    assert sorted(asked) == sorted(["companies.csv", "surge.csv", "rounds.csv", "board.json", "visits.csv"])
    counts = json.loads(ran.stdout)["counts"]
    assert (counts["received"], counts["rejected"]) == (7, 0)
    assert mended.read_text() == "somebody mends these\n"
