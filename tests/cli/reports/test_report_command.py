"""`signal-engine report`: the same numbers as table, JSON and CSV; and the same as `replay` and `explain` say."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from signal_engine.wire.output.reports.report_documents import ROW_FIELDS
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from tests.cli.running import CONFIG, EVENTS, Ran, lines, run
from tests.replay import generated

LIVE_ALONE = "wiring"


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


@pytest.fixture(scope="module")
def acted(files: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The options for a file of actions: proposals, and kills that are to be looked at again."""
    rows = [json.loads(line) for line in Path(files[1]).read_text().splitlines()]
    said = []
    for number, row in enumerate(rows[:9]):
        kind = {"action": "kill", "review_at": "2026-02-01T00:00:00Z"} if number % 3 == 0 else {
            "action": "disposition", "outcome": "not_a_fit", "until": "2027-01-01T00:00:00Z"
        }  # fmt: skip
        said.append(
            {"action_id": str(UUID(int=number)), "account_id": row["account_id"], "at": "2026-01-02T03:04:05Z",
             "by": "sam@example.com", "reason": "too small", "via": "cli", **kind}
        )  # fmt: skip
    path = tmp_path_factory.mktemp("acted") / "actions.jsonl"
    path.write_text("\n".join(map(json.dumps, said)))
    return "--actions", str(path)


@pytest.fixture(scope="module")
def came(files: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The options for a file of outcomes: an open opportunity of every account, and a line that is none."""
    rows = [json.loads(line) for line in Path(files[1]).read_text().splitlines()]
    said = [
        {"outcome_id": str(number), "account_id": row["account_id"], "stage": "opened", "at": "2026-01-02T03:04:05Z",
         "amount_usd": 1_000 * number}
        for number, row in enumerate(rows)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("came") / "outcomes.jsonl"
    path.write_text("\n".join([*map(json.dumps, said), "oops"]))
    return "--outcomes", str(path)


def report(name: str, files: tuple[str, ...], *more: str) -> Ran:
    ran = run("report", name, *files, *more)
    assert ran.code == 0, ran.err
    return ran


def as_cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)


def test_what_files_say_nothing_of_is_refused_over_files(files):
    ran = run("report", LIVE_ALONE, *files)
    assert ran.code == 2
    assert "wiring is of the live engine alone" in ran.err


@pytest.mark.parametrize("name", [name for name in REPORT_NAMES if name != LIVE_ALONE])
def test_csv_has_the_rows_of_json_and_the_table_their_number(name, files, acted, came):
    files = (*files, *came) if name == "pipeline-misfits" else files
    files = (*files, *acted, "--until", "2026-03-01T00:00:00Z") if name == "decisions" else files
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


def test_decisions_need_no_events(files, acted):
    ran = run("report", "decisions", *files[: files.index("--events")], *acted, "--until", "2026-03-01T00:00:00Z")
    assert ran.code == 0, ran.err
    assert "9 account actions received: 9 applied" in ran.err
    assert "9 rows" in ran.out
    assert "3 kills to review" in ran.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--events", "-"), "needs --accounts and --icp"),
        (("--until", "2026-03-01T00:00:00Z"), "--until is for a report over files, which needs --events"),
        (("--accounts", "config/accounts.csv"), "--accounts is for a report over files, which needs --events"),
    ],
)
def test_files_that_do_not_go_together_are_refused(options, said):
    ran = run("report", "inbound", *options)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


def test_outcomes_are_for_the_misfits_in_the_pipeline_and_those_need_them(files, came):
    ran = run("report", "pipeline-misfits", *files)
    assert (ran.code, "pipeline-misfits over files needs --outcomes" in ran.err) == (2, True)
    ran = run("report", "near-fits", *files, *came)
    assert (ran.code, "--outcomes is for pipeline-misfits" in ran.err) == (2, True)
    ran = run("report", "pipeline-misfits", *came)
    assert (ran.code, "--outcomes is for a report over files, which needs --events" in ran.err) == (2, True)
    ran = run("report", "pipeline-misfits", *files, *came)
    assert "outcomes.jsonl" in ran.err, "the line that is no outcome is told"
    assert "open opportunities" in ran.out
