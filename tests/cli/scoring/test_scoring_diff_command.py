"""`signal-engine scoring diff`: it says what two replays say."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from signal_engine.wire.instants import parse_instant
from tests.cli.icp.test_icp_diff_command import DAY, Market
from tests.cli.running import run

UNTIL = "2026-07-15T12:00:00Z"


class Versions(Market):
    """The generated market, with a second version of its scoring file."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder, seed)
        scoring = json.loads((folder / "scoring.yaml").read_text())
        levels = {"hot": {"enter": 12, "exit": 9, "min_kinds": 1}, "warm": {"enter": 6, "exit": 4, "min_kinds": 1}}
        self.old: dict[str, Any] = {**scoring, "levels": levels, "lists": {**scoring["lists"], "size": 25}}
        self.file("scoring", self.old)

    def new(self, **changed: Any) -> Path:
        """A next version of it."""
        return self.file("changed", {**self.old, "version": self.old["version"] + 1, **changed})

    def arguments(self, new: Path) -> list[object]:
        """What both versions are compared by."""
        icps = [word for name in ("old", "other") for word in ("--icp", self.folder / f"{name}.yaml")]
        files = ["--accounts", self.accounts, "--events", self.events, *icps, "--until", UNTIL]
        return ["scoring", "diff", self.folder / "scoring.yaml", new, *files]

    def compared(self, new: Path, *more: object) -> Any:
        """What `--json` says."""
        ran = run(*self.arguments(new), "--json", *more)
        assert ran.code == 0, ran.err
        return ran.json()

    def replay(self, scoring: Path) -> Any:
        """What `replay --json` says under one version."""
        icps = [word for name in ("old", "other") for word in ("--icp", self.folder / f"{name}.yaml")]
        ran = run(
            "replay", self.events, "--accounts", self.accounts, *icps, "--scoring", scoring, "--until", UNTIL, "--json"
        )  # fmt: skip
        assert ran.code == 0, ran.err
        return ran.json()


def faster(old: dict[str, Any]) -> dict[str, Any]:
    """The kinds, with half of each half-life."""
    return {
        name: {**kind, "half_life_days": max(1.0, kind["half_life_days"] / 2)} for name, kind in old["kinds"].items()
    }


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Versions:
    return Versions(tmp_path_factory.mktemp("market"), 5)


def test_lists_ranks_alerts_scores_and_parts_are_those_of_both_replays(market):
    new = market.new(kinds=faster(market.old))
    diff = market.compared(new)
    before, after = market.replay(market.folder / "scoring.yaml"), market.replay(new)
    assert diff["versions"] == [before["config_version"], after["config_version"]]
    assert {moves["list"] for moves in diff["moves"]} == before["lists"].keys()
    for moves in diff["moves"]:
        was, will = (
            {entry["account_id"]: entry["rank"] for entry in replayed["lists"][moves["list"]]}
            for replayed in (before, after)
        )
        stay = [account for account in will if account in was]
        assert moves["stay"] == len(stay)
        assert moves["moved"] == [
            {"account_id": one, "before": was[one], "after": will[one]} for one in stay if was[one] != will[one]
        ]
    since = parse_instant(diff["market"]["until"]) - 90 * DAY
    ids = [{a["alert_id"] for a in one["alerts"] if parse_instant(a["at"]) > since} for one in (before, after)]
    assert {one["alert_id"] for one in diff["market"]["alerts"]["only_before"]} == ids[0] - ids[1] != set()
    entries = [{entry["account_id"]: entry for entry in replayed["lists"]["all"]} for replayed in (before, after)]
    shown = 0
    for change in diff["accounts"]:
        for side, listed in zip(("before", "after"), entries, strict=True):
            entry = listed.get(change["account_id"])
            assert change[side]["rank"] == (None if entry is None else entry["rank"])
            if entry is not None:
                shown += 1
                assert (change[side]["score"], change[side]["level"]) == (entry["score"], entry["level"])
                parts = {part["part"]: part["points"] for part in entry["parts"]}
                assert all(part[side] == parts.get(part["part"], 0.0) for part in change["parts"])
        assert sum(part["difference"] for part in change["parts"]) == pytest.approx(change["difference"], abs=1e-9)
    assert shown > 5
    differences = [abs(change["difference"]) for change in diff["accounts"]]
    assert differences == sorted(differences, reverse=True)
    assert len(differences) == min(10, diff["changed"])


def test_alerts_to_act_on_are_counted_by_person_and_week(market):
    new = market.new(kinds=faster(market.old))
    diff = market.compared(new, "--capacity", 1)
    replays = {"before": market.replay(market.folder / "scoring.yaml"), "after": market.replay(new)}
    since = parse_instant(diff["market"]["until"]) - 90 * DAY
    over = {}
    for side, replayed in replays.items():
        calls: Counter[tuple[Any, str]] = Counter()
        for alert in replayed["alerts"]:
            recorded = alert["recorded"] not in {None, "backfill"}  # what was imported rings as when it happened
            if parse_instant(alert["at"]) > since and not recorded and alert["type"] != "cooled":
                day = date.fromisoformat(alert["at"][:10])
                person = {"sdr": alert["sdr"], "owner": alert["owner"], "triage": None}[alert["audience"]]
                calls[person, (day - timedelta(days=day.weekday())).isoformat()] += 1
        counted = {
            (one["person"], week["week"]): week[side]
            for one in diff["load"]["people"]
            for week in one["weeks"]
            if week[side]
        }
        assert counted == dict(calls) != {}
        assert sum(one[side] for one in diff["load"]["people"]) == calls.total()
        over[side] = sum(number > 1 for (person, _), number in calls.items() if person is not None)
    assert (diff["load"]["over_before"], diff["load"]["over_after"]) == (over["before"], over["after"])


@pytest.mark.parametrize(
    ("changed", "takeover", "settings"),
    [
        pytest.param({}, "publish", ["version"], id="a version alone"),
        pytest.param(
            {"alerts": {"cooldown_days": 5, "hand_raise_hours": 24}},
            "publish",
            ["version", "alerts.cooldown_days"],
            id="what states do not depend on",
        ),
    ],
)
def test_settings_that_differ_are_named_with_how_they_are_taken_over(changed, takeover, settings, tmp_path):
    market = Versions(tmp_path, 1)
    market.old["alerts"] = {"cooldown_days": 9, "hand_raise_hours": 24}
    market.file("scoring", market.old)
    diff = market.compared(market.new(**changed))
    assert diff["takeover"] == takeover
    assert [one["setting"] for one in diff["settings"]] == settings


def test_half_lives_need_a_rebuild_and_each_is_named(market):
    diff = market.compared(market.new(kinds=faster(market.old)))
    assert diff["takeover"] == "rebuild"
    named = {one["setting"]: (one["before"], one["after"]) for one in diff["settings"]}
    was, will = named["kinds.intent.half_life_days"]
    assert will == max(1.0, was / 2)


def test_the_same_file_changes_nothing_and_is_warned_of(market):
    ran = run(*market.arguments(market.folder / "scoring.yaml"))
    assert ran.code == 0
    assert "has the same content as the old file" in ran.err
    assert "No value differs." in ran.out
    assert "No account that is chased would stand elsewhere." in ran.out


def test_a_version_that_is_not_above_is_warned_of(market):
    older = market.file("older", {**market.old, "alerts": {"cooldown_days": 2, "hand_raise_hours": 24}})
    ran = run(*market.arguments(older), "--json")
    assert ran.code == 0
    assert "a new version has to be above" in ran.err


def test_the_tables_name_settings_lists_people_and_accounts(market):
    ran = run(*market.arguments(market.new(kinds=faster(market.old))), "--capacity", "1")
    assert ran.code == 0
    for words in (
        "kinds.intent.half_life_days",
        "after `signal-engine scoring publish` the workers read all topics again",
        "Ranks at the end",
        "Alerts to act on",
        "Weeks in which somebody gets more than 1 alert:",
        "stand elsewhere; those that change most",
    ):
        assert words in ran.out


def test_events_that_are_not_there_are_wrong_usage(market):
    ran = run("scoring", "diff", *[market.folder / "scoring.yaml"] * 2, "--accounts", market.accounts)
    assert ran.code == 2
