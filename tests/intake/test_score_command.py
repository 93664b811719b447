"""`score`: one's own rows in their order, with the engine's columns behind them."""

import csv
import io

import pytest

from signal_engine.entrypoints.commands.intake.score import COLUMNS
from tests.intake.running import invoke

ICP = ("--icp", "config/icp/midmarket-saas.yaml")
EVENT = (
    '{{"kind":"engagement","event_id":"{0}","account_id":"{1}","occurred_at":"2026-11-2{2}T00:00:00Z",'
    '"activity":"{3}"}}\n'
)
ACCOUNTS = """\
Domain;Name;Employee count;Industry;Country;Tech stack;Tier
quillmarsh-systems.com;Quillmarsh;1.240;Software;United States;Salesforce;gold
;Nameless;;;;;
tarnwick.io;Tärnwick;50;Software;United States;;silver
QUILLMARSH-systems.com;Again;1.240;Software;United States;Salesforce;
quiet.com;Quiet;1.500,5;Software;United States;Salesforce;
"""


@pytest.fixture
def scored(tmp_path):
    (tmp_path / "a.csv").write_bytes(ACCOUNTS.encode("utf-8-sig"))
    (tmp_path / "e.jsonl").write_text(
        EVENT.format("1", "quillmarsh-systems.com", 5, "demo_request")
        + EVENT.format("2", "tarnwick.io", 6, "pricing_view")
        + "broken\n"
    )
    done = invoke("score", tmp_path / "a.csv", tmp_path / "e.jsonl", *ICP, "--out", tmp_path / "out.csv")
    text = (tmp_path / "out.csv").read_bytes().decode("utf-8-sig")
    return done, list(csv.reader(io.StringIO(text), delimiter=";"))


def test_the_rows_are_ones_own_in_their_order_with_our_columns_behind(scored):
    done, (header, *rows) = scored
    assert done.exit_code == 0, done.stderr
    theirs = [line.split(";") for line in ACCOUNTS.splitlines()]
    assert header == [*theirs[0], *("tier (signal-engine)" if name == "tier" else name for name in COLUMNS)]
    assert [row[: len(theirs[0])] for row in rows] == theirs[1:]
    assert "1 of 3 events were rejected" in done.stderr


def test_each_row_says_what_the_engine_says_of_its_account(scored):
    _, (header, *rows) = scored
    result = [dict(zip(header, row, strict=True)) for row in rows]
    first, nameless, small, again, quiet = result
    assert (first["rank"], first["decision"], first["reason"]) == ("1", "chase", "")
    assert float(first["score"]) > 0
    assert "demo" in first["why_now"].lower()
    assert nameless["score"] == ""
    assert nameless["reason"] == "names no account: its cell is empty"
    assert small["decision"] == "ignore"
    assert (small["rank"], small["reason"] != "") == ("", True)
    assert {name: again[name] for name in COLUMNS[:2]} == {name: first[name] for name in COLUMNS[:2]}
    assert (quiet["score"], quiet["level"], quiet["rank"]) == ("0.0", "cold", "")


def test_the_accounts_file_is_not_written_over(tmp_path):
    (tmp_path / "a.csv").write_text("domain\nacme.com\n")
    done = invoke("score", tmp_path / "a.csv", tmp_path / "a.csv", *ICP, "--out", tmp_path / "a.csv")
    assert done.exit_code == 2
    assert "is also read" in done.stderr
    assert (tmp_path / "a.csv").read_text() == "domain\nacme.com\n"


def test_json_is_no_table_to_give_back(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"domain":"acme.com"}\n')
    done = invoke("score", tmp_path / "a.jsonl", tmp_path / "a.jsonl", *ICP, "--out", tmp_path / "o.csv")
    assert done.exit_code == 2
    assert "is JSON; score needs a table" in done.stderr
