"""`signal-engine review`."""

import json
import re
from pathlib import Path

import icalendar
import pytest

from signal_engine.adapters.pages.review import invitation
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.segments import SEGMENT_ICP, PlantedSegments
from tests.cli.running import run

ACTION = {"at": "2025-02-10T00:00:00Z", "via": "cli"}
ACTIONS = [
    {
        **ACTION,
        "account_id": "segment-1.com",
        "action_id": "0b6f2c9e-64a5-4c1d-9e52-000000000001",
        "action": "disposition",
        "outcome": "not_a_fit",
        "by": "a@ours.com",
        "reason": "uses a rival",
        "at": "2025-03-23T00:00:00Z",
        "until": "2025-09-01T00:00:00Z",
    },
    {
        **ACTION,
        "account_id": "segment-2.com",
        "action_id": "0b6f2c9e-64a5-4c1d-9e52-000000000002",
        "action": "kill",
        "by": "dana@example.com",
        "reason": "<b>bankrupt</b>",
        "review_at": "2025-03-01T00:00:00Z",
    },
]
PLAYS = """\
version: 1
plays:
  - {icp: old-one, text: Call about the old thing}
  - {segment: Farms, text: Ask about the harvest}
  - {segment: software, text: Ask about the stack}
"""

ROUTES = """\
version: 1
destinations: {ops: {webhook: {url_file: /u, secret_file: /s}}}
routes: [{when: {audience: triage}, to: [ops]}, {to: [ops]}]
holdback: {share: 50%, since: 2024-01-01, salt: spring}
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PlantedFiles:
    return write_planted(PlantedSegments(1, deals=200).told(), tmp_path_factory.mktemp("planted"), icp=SEGMENT_ICP)


@pytest.fixture
def arguments(files: PlantedFiles, tmp_path: Path) -> list[str]:
    actions, plays, icp, scoring = (tmp_path / name for name in ("a.jsonl", "p.yaml", "icp-2.yaml", "scoring-2.yaml"))
    actions.write_text("".join(json.dumps(one) + "\n" for one in ACTIONS))
    plays.write_text(PLAYS)
    icp.write_text(files.icp.read_text().replace("version: 1", "version: 2").replace("gte: 1}", "gte: 700}"))
    scoring.write_text(files.scoring.read_text().replace("version: 1", "version: 2").replace("enter: 17", "enter: 99"))
    drafts = ("--draft", str(icp), "--draft", str(scoring))
    return [*files.arguments, "--actions", str(actions), "--plays", str(plays), *drafts, "--capacity", "3"]


def test_the_review_says_what_is_to_be_decided_on_terminal_page_and_in_json(arguments: list[str], tmp_path: Path):
    page, ics = tmp_path / "review.html", tmp_path / "next.ics"
    ran = run("review", *arguments, "--html", page, "--ics", ics)
    assert ran.code == 0, ran.err
    told = run("review", *arguments, "--json").json()
    html, said = page.read_text("utf-8"), " ".join(ran.out.split())
    (icp,) = told["icps"]
    assert icp["metrics"] == ["win_rate", "cycle_days", "deal_size"]
    assert icp["whole"]["admitted"] == 200
    assert {one["segment"] for one in icp["segments"]} == {"Software", "Banks", "Retail", "Media"}
    assert len(told["outside"]["won"]) == 12
    assert all(one["near"] and "employee_count" in one["criterion"] for one in told["outside"]["won"])
    assert [(one["question"], one["account_id"]) for one in told["decisions"]["rows"]] == [
        ("proposal", "segment-1.com"),
        ("review", "segment-2.com"),
    ]
    draft, rules = told["drafts"]
    assert draft["changes"]["leaves"] == 200
    assert draft["alerts_after"] == 0
    assert rules["alerts_before"] > rules["alerts_after"]
    assert [one["text"] for one in told["retired_plays"]] == ["Call about the old thing", "Ask about the harvest"]
    assert {one["person"] for one in told["people"]} == {"a@ours.com", "b@ours.com"}
    assert "cut Media" in said
    assert "cut Media" in html
    assert "&lt;b&gt;bankrupt&lt;/b&gt;" in html
    assert not re.search(r"(?:src|href)=|url\(|@import|<script|<b>", html), "the page loads nothing, and runs nothing"
    (event,) = icalendar.Calendar.from_ical(ics.read_bytes()).walk("VEVENT")
    assert event.decoded("dtstart").isoformat() == told["next_review"]
    assert event["summary"] == "ICP review: planted"
    assert str(event["attendee"]) == "mailto:dana@example.com"


def test_the_next_files_move_the_same_event_of_the_calendar(arguments: list[str]):
    told = run("review", *arguments, "--json").json()
    later = {**told, "at": "2099-01-02T00:00:00Z", "next_review": "2099-04-02"}
    first, second = (icalendar.Calendar.from_ical(invitation(one)) for one in (told, later))
    assert first["method"] == "REQUEST"
    (was,), (now,) = first.walk("VEVENT"), second.walk("VEVENT")
    assert was["uid"] == now["uid"]
    assert int(was["sequence"]) < int(now["sequence"]) < 2**31
    assert str(was["organizer"]) == "mailto:dana@example.com"
    assert was["organizer"].params["CN"] == "Dana Reyes"
    assert was["transp"] == "TRANSPARENT"


def test_a_review_that_is_overdue_is_said_first(files: PlantedFiles, tmp_path: Path):
    icp = tmp_path / "icp.yaml"
    icp.write_text(files.icp.read_text().replace("2099-01-01", "2025-01-15"))
    ran = run("review", *(icp if one == str(files.icp) else one for one in map(str, files.arguments)))
    assert ran.code == 0, ran.err
    assert ran.out.startswith("The review of planted was due on 2025-01-15. ")


def test_nobody_is_measured_by_alerts_of_accounts_that_are_held_back(arguments: list[str], tmp_path: Path):
    routes = tmp_path / "routes.yaml"
    routes.write_text(ROUTES)
    told = run("review", *arguments, "--json").json()
    held = run("review", *arguments, "--routes", routes, "--json").json()
    for part in ("responses", "people"):
        before, after = (sum(one["alerts"] for one in of[part]) for of in (told, held))
        assert 0.3 * before < after < 0.7 * before, part
    assert held["icps"] == told["icps"]


def test_without_actions_it_says_what_it_does_not_know(files: PlantedFiles):
    told = run("review", *files.arguments, "--json").json()
    assert told["decisions"] is told["responses"] is told["retired_plays"] is None
    assert "no actions were given: proposals, kills and response times are not known" in told["caveats"]


def test_a_file_that_exists_is_not_replaced_unasked(files: PlantedFiles, tmp_path: Path):
    page = tmp_path / "review.html"
    page.write_text("mine")
    ran = run("review", *files.arguments, "--html", page)
    assert ran.code == 2
    assert page.read_text() == "mine"


def test_a_draft_of_an_icp_that_is_not_in_force_is_refused(files: PlantedFiles, tmp_path: Path):
    draft = tmp_path / "other.yaml"
    draft.write_text(files.icp.read_text().replace("icp: planted", "icp: other"))
    ran = run("review", *files.arguments, "--draft", draft)
    assert ran.code == 2
    assert "ICP other, which is not in force" in ran.err
