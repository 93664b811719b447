"""What sales caused itself is left out of the past: `--actions` and `--sales-source`, down to the scores."""

from pathlib import Path

import orjson
import pytest

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.validation.report import validation
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from signal_engine.wire.instants import format_instant, parse_instant
from tests.engine.validation.planting import SMALL, replayed

FAR = "2030-01-01T00:00:00Z"
QUIET = {"accounts": 60, "weeks": 20, "wins": 8, "losses": 4}


@pytest.fixture
def files(tmp_path: Path) -> PlantedFiles:
    return write_planted(PlantedMarket(5, **QUIET).told(), tmp_path)


def events(files: PlantedFiles) -> list[dict]:
    return [orjson.loads(line) for line in files.events.read_bytes().splitlines()]


def write_events(files: PlantedFiles, rows: list[dict]) -> None:
    files.events.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def action(name: str, account: str, at: int, number: int, **more: str) -> dict:
    return {
        "action_id": f"6f1c2d34-90ab-4cde-8f01-{number:012d}",
        "account_id": account,
        "action": name,
        "by": "dana@example.com",
        "via": "cli",
        "at": format_instant(at),
        **more,
    }


def actions_file(folder: Path, rows: list[dict]) -> str:
    path = folder / "actions.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert read_actions(str(path), ()).refused == []
    return str(path)


def test_events_of_a_sales_source_count_for_nothing_whatever_its_case(files: PlantedFiles):
    rows = events(files)
    theirs = [{**row, "source": "Outreach"} if n % 3 == 0 else {**row, "source": "web"} for n, row in enumerate(rows)]
    write_events(files, theirs)
    cut = replayed(files, sales_sources=("outreach",))
    write_events(files, [row for row in theirs if row["source"] == "web"])
    without = replayed(files)
    assert cut.cut.dropped["sales_source"] > 50
    assert cut.cut.kept == without.cut.kept
    assert [list(one.score) for one in cut.mondays.seen[1:]] == [list(one.score) for one in without.mondays.seen[1:]]


def test_a_source_that_nobody_named_counts(files: PlantedFiles):
    write_events(files, [{**row, "source": "web"} for row in events(files)])
    assert replayed(files, sales_sources=("outreach",)).cut.dropped["sales_source"] == 0


@pytest.mark.parametrize(("outcome", "cuts"), [("contacted", True), ("meeting_booked", True), ("wrong_person", False)])
def test_engagement_after_a_contact_may_be_an_answer_and_is_left_out(files: PlantedFiles, outcome, cuts):
    (first, *_) = [row for row in events(files) if row["kind"] == "engagement"]
    at = parse_instant(first["occurred_at"])
    said = action("disposition", first["account_id"], at - DAY, 1, outcome=outcome, until=FAR)
    acted = actions_file(files.events.parent, [said])
    seen = replayed(files, actions=acted)
    assert (seen.cut.dropped["after_contact"] > 0) is cuts


@pytest.mark.parametrize(("days", "cuts"), [(0, 1), (13.9, 1), (14, 0), (-1, 0)])
def test_it_is_left_out_for_fourteen_days_and_other_kinds_never(files: PlantedFiles, days, cuts):
    account, begin = "planted-1.com", 1_740_000_000_000
    row = {"account_id": account, "activity": "pricing_view", "kind": "engagement", "event_id": "answer"}
    job = {"account_id": account, "title": "Analyst", "kind": "hiring", "event_id": "job"}
    at = begin + round(days * DAY)
    rest = [one for one in events(files) if one["account_id"] != account]
    told = [{**one, "occurred_at": format_instant(at)} for one in (row, job)]
    write_events(files, sorted([*rest, *told], key=lambda one: one["occurred_at"]))
    acted = actions_file(files.events.parent, [action("disposition", account, begin, 1, outcome="contacted")])
    seen = replayed(files, actions=acted)
    assert seen.cut.dropped["after_contact"] == cuts


def test_mondays_before_the_first_event_are_not_looked_at_whatever_people_did_then(files: PlantedFiles):
    """Nor what was loaded then: topics of signals are cut by retention, those of loads and actions are not."""
    before = replayed(files)
    early = [
        action("claim", "planted-1.com", 1_735_000_000_000 - weeks * 7 * DAY, weeks, until=FAR) for weeks in (9, 4)
    ]
    after = replayed(files, actions=actions_file(files.events.parent, early))
    assert [one.at for one in after.mondays.seen] == [one.at for one in before.mondays.seen]


def test_the_report_says_what_was_cut_and_splits_claimed_from_unclaimed(tmp_path: Path):
    files = write_planted(PlantedMarket(3, **SMALL).told(), tmp_path)
    unacted = validation(replayed(files), "mondays", 20, 1)
    assert unacted["groups"]["claimed"] == []
    begin = 1_738_000_000_000
    claims = [action("claim", f"planted-{n}.com", begin + n % 20 * 7 * DAY, n, until=FAR) for n in range(0, 220, 2)]
    acted = actions_file(tmp_path, claims)
    report = validation(replayed(files, actions=acted), "mondays", 20, 1)
    groups = {one["group"]: one["opened"] for one in report["groups"]["claimed"]}
    assert groups.keys() == {"claimed", "unclaimed"}
    assert groups["claimed"]["trials"] > 0
    calls = report["calls"]
    left_out = calls["calls"] - sum(one["trials"] for one in groups.values())
    assert left_out > 0, "a claim is looked at for a week: calls with a deal before that are in neither group"
    assert left_out == calls["opened"]["hits"] - sum(one["hits"] for one in groups.values())


def test_accounts_that_people_keep_off_the_lists_are_not_called(tmp_path: Path):
    files = write_planted(PlantedMarket(3, **SMALL).told(), tmp_path)
    before = replayed(files)
    named = {before.mondays.accounts[row] for one in before.mondays.seen for row in one.ranked}
    kept_off = sorted(named)[:40]
    asked = [action("do_not_contact", name, 1_735_700_000_000, n) for n, name in enumerate(kept_off)]
    acted = actions_file(tmp_path, asked)
    after = replayed(files, actions=acted)
    listed = {after.mondays.accounts[row] for one in after.mondays.seen[1:] for row in one.ranked}
    assert listed
    assert listed.isdisjoint(kept_off)
