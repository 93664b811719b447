"""`signal-engine report`: the same numbers as table, JSON and CSV; and the same as `replay` and `explain` say."""

import csv
import io
import json
import random
from typing import Any

import pytest

from signal_engine.wire.output.reports.report_documents import REPORT_NAMES, ROW_FIELDS
from tests.cli.running import CONFIG, EVENTS, Ran, lines, run
from tests.replay import generated


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    folder, rng = tmp_path_factory.mktemp("market"), random.Random(3)
    rows = generated.accounts(rng, 40)
    (folder / "accounts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    events = generated.events(rng, [row["account_id"] for row in rows], 1_500, 60)
    (folder / "events.jsonl").write_bytes(b"\n".join(events))
    asked = {**generated.ICPS[0]["must_have"], "employee_count": {"gte": 100}}
    (folder / "icp.yaml").write_text(json.dumps({**generated.ICPS[0], "must_have": asked}))
    icp = ("--icp", str(folder / "icp.yaml"))
    return "--accounts", str(folder / "accounts.jsonl"), *icp, "--events", str(folder / "events.jsonl")


def report(name: str, files: tuple[str, ...], *more: str) -> Ran:
    ran = run("report", name, *files, *more)
    assert ran.code == 0, ran.err
    return ran


def as_cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


@pytest.mark.parametrize("name", REPORT_NAMES)
def test_csv_has_the_rows_of_json_and_the_table_their_number(name, files):
    result = report(name, files, "--json").json()
    assert result["report"] == name
    assert result["rows"], "else nothing would be shown"
    header, *rows = csv.reader(io.StringIO(report(name, files, "--csv").out.removeprefix("\ufeff")))
    assert tuple(header) == ROW_FIELDS[name]
    unmarked = [[cell.removeprefix("'") for cell in row] for row in rows]
    assert unmarked == [[as_cell(row[field]) for field in header] for row in result["rows"]]
    out = report(name, files, "--top", "3").out
    assert f"{len(result['rows']):,} row" in out
    assert (f"{len(result['rows']) - 3:,} more" in out) is (len(result["rows"]) > 3)


def explained(account: str, files: tuple[str, ...]) -> Any:
    place = files.index("--events")
    return run("explain", account, files[place + 1], *files[:place], "--json").json()


@pytest.mark.parametrize("name", ["high-intent-outside-icp", "not-in-accounts"])
def test_an_account_stands_as_explain_says(name, files):
    row = report(name, files, "--json").json()["rows"][0]
    result = explained(row["account_id"], files)
    assert {field: result[field] for field in row.keys() & result.keys() - {"icp"}} == {
        field: row[field] for field in row.keys() & result.keys() - {"icp"}
    }


def test_alerts_of_hand_raises_are_those_of_the_replay(files):
    result = report("inbound", files, "--json").json()
    place = files.index("--events")
    replayed = run("replay", files[place + 1], *files[:place], "--json").json()
    assert result["at"] == replayed["until"]
    first = min(row["raised_at"] for row in result["rows"])
    of_replay = sum(
        alert["type"] in ("hand_raise", "inbound") and alert["why_now_at"] >= first for alert in replayed["alerts"]
    )
    assert sum(row["alert"] in ("hand_raise", "inbound") for row in result["rows"]) == of_replay > 0
    assert result["unanswered"] == sum(not row["backfill"] for row in result["rows"])


def test_standard_input_is_read():
    ran = run("report", "inbound", *CONFIG, "--events", "-", "--json", stdin=lines(EVENTS))
    (row,) = ran.json()["rows"]
    assert (row["account_id"], row["alert"]) == ("brindlefax.com", "hand_raise")


def test_no_event_is_a_failure():
    ran = run("report", "inbound", *CONFIG, "--events", "-")
    assert ran.code == 1
    assert "no events to score" in ran.err


@pytest.mark.parametrize("wrong", [("report", "gossip"), ("report", "inbound", "--json", "--csv")])
def test_wrong_usage(wrong, files):
    ran = run(*wrong, *files)
    assert (ran.code, ran.out) == (2, "")
