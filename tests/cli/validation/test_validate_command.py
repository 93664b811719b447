"""`signal-engine validate`."""

import json
import re
from pathlib import Path

import pytest

from signal_engine.entrypoints.cli import main
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from tests.cli.running import run

SMALL = PlantedMarket(21, accounts=80, weeks=18, wins=14, losses=6)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PlantedFiles:
    return write_planted(SMALL.told(), tmp_path_factory.mktemp("planted"))


def test_table_json_and_page_say_the_same(files: PlantedFiles, tmp_path: Path):
    page = tmp_path / "report.html"
    ran = run("validate", *files.arguments, "--capacity", "8", "--html", page)
    assert ran.code == 0, ran.err
    report = run("validate", *files.arguments, "--capacity", "8", "--json").json()
    said = " ".join(ran.out.split())
    html = page.read_text("utf-8")
    assert report["verdict"] == "cannot_tell_yet"
    assert report["summary"] in said
    assert report["summary"] in html
    for caveat in report["caveats"]:
        assert caveat["text"] in said
        assert caveat["text"][1:] in html
    for found in report["precision"]:
        assert re.search(rf"first {found['k']} a week +{found['calls']}\b", ran.out)
        assert f"first {found['k']} a week" in html
    assert {kind["kind"] for kind in report["kinds"]} == {"intent", "hiring", "engagement"}
    assert html.count("<svg") >= 3
    assert not re.search(r"(?:src|href)=|url\(|@import|<script", html), "the page loads nothing"


def test_alerts_can_be_the_calls(files: PlantedFiles):
    report = run("validate", *files.arguments, "--at", "alerts", "--json").json()
    assert report["at"] == "alerts"
    assert report["calls"]["k"] is None
    assert report["calls"]["calls"] > 0
    assert {one["group"] for one in report["groups"]["alert"]} <= {"entered_hot", "new_evidence"}


def test_what_an_import_marked_as_history_calls_as_it_would_have_live(files: PlantedFiles, tmp_path: Path):
    """Whoever imports the past marks all of it, so that no phone rings."""
    events = tmp_path / "events.jsonl"
    told = [json.loads(line) for line in files.events.read_text().splitlines()]
    events.write_text("".join(json.dumps({**one, "backfill": True}) + "\n" for one in told))
    arguments = [str(events) if one == str(files.events) else one for one in files.arguments]
    live, imported = (run("validate", *of, "--at", "alerts", "--json").json() for of in (files.arguments, arguments))
    assert imported["calls"] == live["calls"]


def test_names_of_accounts_are_escaped_on_the_page(files: PlantedFiles, tmp_path: Path):
    accounts = tmp_path / "accounts.jsonl"
    rows = [json.loads(line) for line in files.accounts.read_text().splitlines()]
    accounts.write_text("".join(json.dumps({**row, "name": "<script>alert(1)</script>"}) + "\n" for row in rows))
    page = tmp_path / "report.html"
    arguments = [str(accounts) if one == str(files.accounts) else one for one in files.arguments]
    ran = run("validate", *arguments, "--html", page)
    assert ran.code == 0, ran.err
    assert "<script" not in page.read_text()
    assert "&lt;script&gt;" in page.read_text()


def test_lines_that_are_no_outcomes_are_named_and_the_others_count(files: PlantedFiles, tmp_path: Path):
    outcomes = tmp_path / "outcomes.jsonl"
    good = files.outcomes.read_text()
    outcomes.write_text(good + '{"stage": "sold"}\n' + good.splitlines()[0] + "\n")
    arguments = [str(outcomes) if one == str(files.outcomes) else one for one in files.arguments]
    ran = run("validate", *arguments, "--json")
    assert ran.code == 0
    line = good.count("\n") + 1
    assert f"{outcomes}:{line}: schema: " in ran.err
    assert "repeat the id" in ran.err
    assert ran.json()["study"]["deals"] == 20


def test_an_outcome_of_a_date_to_come_does_not_stretch_the_past(files: PlantedFiles, tmp_path: Path):
    """Mondays up to it would be judged by cycles in which nothing could have happened yet."""
    typo = {"outcome_id": "typo", "account_id": "planted-1.com", "stage": "moved", "at": "9025-06-01T00:00:00Z"}
    outcomes = tmp_path / "outcomes.jsonl"
    outcomes.write_bytes(files.outcomes.read_bytes() + json.dumps(typo).encode())
    ran = run("validate", *files._replace(outcomes=outcomes).arguments, "--json")
    assert ran.json() == run("validate", *files.arguments, "--json").json()
    assert "1 outcome dated in the future: left out." in " ".join(ran.err.split())


def test_no_outcomes_is_wrong_usage(files: PlantedFiles, tmp_path: Path):
    empty = tmp_path / "none.jsonl"
    empty.write_text("\n")
    arguments = [str(empty) if one == str(files.outcomes) else one for one in files.arguments]
    ran = run("validate", *arguments)
    assert ran.code == 2
    assert "has no outcomes" in ran.err
    assert ran.out == ""


def test_events_of_less_than_a_week_are_nothing_to_look_at(files: PlantedFiles, tmp_path: Path):
    events = tmp_path / "events.jsonl"
    events.write_text(files.events.read_text().splitlines()[0] + "\n")
    ran = run("validate", events, *files.arguments[1:], "--until", "2025-01-02T00:00:00Z")
    assert ran.code == 1
    assert "no Monday to look at" in ran.err


def test_a_page_is_not_replaced_and_no_input_is(files: PlantedFiles, tmp_path: Path):
    page = tmp_path / "report.html"
    page.write_text("mine")
    assert run("validate", *files.arguments, "--html", page).code == 2
    assert page.read_text() == "mine"
    before = files.events.read_text()
    assert run("validate", *files.arguments, "--html", files.events, "--yes").code == 2
    assert files.events.read_text() == before


def test_without_the_extra_it_says_which(files: PlantedFiles, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("signal_engine.entrypoints.commands.extras.find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main(["validate", *files.arguments], standalone_mode=False)
    assert ended.value.code == 2
    assert "pip install '.[validation]'" in capsys.readouterr().err


def test_actions_and_sales_sources_are_taken_and_a_line_that_is_no_action_is_named(files: PlantedFiles, tmp_path: Path):
    rows = [json.loads(line) for line in files.events.read_text().splitlines()]
    events = tmp_path / "events.jsonl"
    sold = sum(row["kind"] == "hiring" for row in rows)
    events.write_text(
        "".join(json.dumps({**row, "source": "Dialer" if row["kind"] == "hiring" else "web"}) + "\n" for row in rows)
    )
    (answer, *_) = [row for row in rows if row["kind"] == "engagement"]
    called = {
        "action_id": "6f1c2d34-90ab-4cde-8f01-23456789abcd",
        "account_id": answer["account_id"],
        "action": "disposition",
        "outcome": "contacted",
        "at": answer["occurred_at"],
        "by": "dana@example.com",
        "via": "cli",
    }
    actions = tmp_path / "actions.jsonl"
    actions.write_text(json.dumps(called) + "\n" + '{"action": "hug"}\n')
    ran = run("validate", events, *files.arguments[1:], "--actions", actions, "--sales-source", "dialer", "--json")
    assert ran.code == 0, ran.err
    assert f"{actions}:2: schema: " in ran.err
    cut = ran.json()["cut"]
    assert cut["after_contact"] >= 1
    assert 0 < cut["sales_source"] <= sold
    before = run("validate", *files.arguments, "--json").json()["cut"]
    assert sum(before.values()) == sum(cut.values()), "every event is kept, or dropped for a reason"
    assert {kind["kind"] for kind in ran.json()["kinds"]} == {"intent", "engagement"}


ROUTES = """\
version: 1
destinations:
  ops: {webhook: {url_file: /u, secret_file: /s}}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [ops]}
"""


def test_a_control_group_is_compared_in_table_json_and_page(files: PlantedFiles, tmp_path: Path):
    routes, page = tmp_path / "routes.yaml", tmp_path / "report.html"
    routes.write_text(ROUTES + "holdback: {share: 50%, since: 2025-01-01, salt: spring}\n")
    ran = run("validate", *files.arguments, "--routes", routes, "--html", page)
    assert ran.code == 0, ran.err
    report = run("validate", *files.arguments, "--routes", routes, "--json").json()
    (group,) = report["control_groups"]
    assert group["finding"] == "cannot_tell_yet"
    assert group["opened"]["told"]["trials"] > 0 < group["opened"]["held_back"]["trials"]
    assert group["held_back_answered"] is None
    assert "contamination" in {one["code"] for one in report["caveats"]}
    assert group["summary"] in " ".join(ran.out.split())
    assert group["summary"] in page.read_text("utf-8")
    assert "50% held back since 2025-01-01" in ran.out


def test_a_control_group_without_a_first_day_is_not_compared(files: PlantedFiles, tmp_path: Path):
    routes = tmp_path / "routes.yaml"
    routes.write_text(ROUTES + "holdback: 10%\n")
    ran = run("validate", *files.arguments, "--routes", routes)
    assert (ran.code, ran.out) == (2, "")
    assert f"error: {routes}:" in ran.err
    assert "holdback.0: must say since when" in ran.err


def test_without_a_draw_nothing_shows_what_telling_does(files: PlantedFiles, tmp_path: Path):
    routes = tmp_path / "routes.yaml"
    routes.write_text(ROUTES)
    ran = run("validate", *files.arguments, "--routes", routes)
    assert "draws no control group" in ran.out
    assert run("validate", *files.arguments, "--routes", routes, "--json").json()["control_groups"] == []
    assert run("validate", *files.arguments, "--json").json()["control_groups"] is None


def test_nothing_after_until_changes_a_figure(files: PlantedFiles, tmp_path: Path):
    until = "2025-02-28T00:00:00Z"
    events, outcomes, actions = (tmp_path / name for name in ("events.jsonl", "outcomes.jsonl", "actions.jsonl"))
    arguments = [
        {str(files.events): str(events), str(files.outcomes): str(outcomes)}.get(one, one) for one in files.arguments
    ]
    common = (*arguments, "--actions", actions, "--until", until, "--capacity", "8", "--json")
    rows = {
        path: [json.loads(line) for line in path.read_text().splitlines()] for path in (files.events, files.outcomes)
    }
    known = {path: [row for row in of if row.get("at", row.get("occurred_at")) <= until] for path, of in rows.items()}
    accounts = sorted({row["account_id"] for row in rows[files.events]})
    later = [
        {
            "action_id": f"6f1c2d34-90ab-4cde-8f01-{number:012}",
            "account_id": account,
            "action": "kill",
            "reason": "bankrupt",
            "at": "2025-02-28T00:00:01Z",
            "by": "dana@example.com",
            "via": "cli",
        }
        for number, account in enumerate(accounts)
    ]
    reports = []
    for of, acted in ((known, []), (rows, later)):
        for path, some in ((events, of[files.events]), (outcomes, of[files.outcomes]), (actions, acted)):
            path.write_text("".join(json.dumps(one) + "\n" for one in some))
        reports.append(run("validate", *common).json())
    assert len(known[files.outcomes]) < len(rows[files.outcomes])
    assert len(known[files.events]) < len(rows[files.events])
    assert reports[0]["study"]["won"] > 0
    assert reports[0] == reports[1]
