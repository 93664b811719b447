"""`signal-engine icp diff`: with events it says what two replays say."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from signal_engine.entrypoints.commands.replay_run import ReplayOutput, ReplayRun
from signal_engine.entrypoints.wiring.inputs import read_inputs
from signal_engine.wire.config.yaml_files import read
from signal_engine.wire.instants import parse_instant
from tests.cli.running import ROOT, run
from tests.replay import generated

DAY = 86_400_000
OTHER = generated.ICPS[1]
OLD: dict[str, Any] = generated.ICPS[0]
NEW: dict[str, Any] = {
    **OLD,
    "version": 2,
    "must_have": {"employee_count": {"gte": 100}},
    "points": [],
    "tiers": {"A": 50, "B": 40},
}


class Market:
    """Files of a generated market of 150 days, and replays of them."""

    def __init__(self, folder: Path, seed: int) -> None:
        rng = random.Random(seed)
        shipped = read("scoring.yaml", (ROOT / "config/scoring.yaml").read_bytes()).data
        rows = generated.accounts(rng, 40)
        self.folder = folder
        self.accounts = folder / "accounts.jsonl"
        self.events = folder / "events.jsonl"
        self.accounts.write_text("\n".join(map(json.dumps, rows)))
        self.events.write_bytes(b"\n".join(generated.events(rng, [row["account_id"] for row in rows], 1_500, 150)))
        self.file("scoring", generated.scoring(rng, shipped))
        for name, document in (("old", OLD), ("new", NEW), ("other", OTHER)):
            self.file(name, document)

    def file(self, name: str, document: dict[str, Any]) -> Path:
        path = self.folder / f"{name}.yaml"
        path.write_text(json.dumps(document))
        return path

    def diff(self, *more: str) -> Any:
        paths = (self.folder / f"{name}.yaml" for name in ("old", "new"))
        beside = ("--icp", self.folder / "other.yaml", "--scoring", self.folder / "scoring.yaml")
        ran = run("icp", "diff", *paths, "--accounts", self.accounts, *beside, "--events", self.events, *more)
        assert ran.code == 0, ran.err
        return json.loads(ran.out) if "--json" in more else ran.out

    @contextmanager
    def replayed(self, name: str, until: str) -> Iterator[tuple[ReplayOutput, list[dict[str, Any]]]]:
        icps = [str(self.folder / f"{one}.yaml") for one in (name, "other")]
        inputs = read_inputs(str(self.folder / "scoring.yaml"), icps, str(self.accounts), lambda _: None)
        with ReplayRun(inputs, [str(self.events)], parse_instant(until)) as replay:
            result = replay.run()
            yield result, [json.loads(alert) for alert in replay.alerts()]


@pytest.mark.parametrize(("seed", "until"), [(1, ()), (5, ("--until", "2026-07-15T12:00:00Z"))])
def test_it_equals_replaying_both_versions_to_the_end_of_each_week(seed, until, tmp_path):
    market = Market(tmp_path, seed)
    result = market.diff("--json", *until)["market"]
    instants = sorted({one["at"] for one in result["lists"]}, key=parse_instant)
    assert len(instants) in (13, 14)
    assert instants[-1] == result["until"]
    assert any(one["enter"] or one["leave"] for one in result["lists"]), "else nothing would be shown"
    for at in instants:
        with market.replayed("old", at) as (old, _), market.replayed("new", at) as (new, _):
            assert [one for one in result["lists"] if one["at"] == at] == [
                {
                    "list": name,
                    "at": at,
                    "before": len(before := [entry["account_id"] for entry in old.lists[name]]),
                    "after": len(after := [entry["account_id"] for entry in new.lists[name]]),
                    "enter": [account for account in after if account not in before],
                    "leave": [account for account in before if account not in after],
                }
                for name in ("all", "first", "second")
            ]


def test_alerts_are_those_of_both_replays(tmp_path):
    market = Market(tmp_path, 5)
    result = market.diff("--json")["market"]
    since = parse_instant(result["until"]) - 90 * DAY
    assert parse_instant(result["since"]) == since
    with market.replayed("old", result["until"]) as (_, old), market.replayed("new", result["until"]) as (_, new):
        before, after = (
            {one["alert_id"]: one for one in alerts if parse_instant(one["at"]) > since} for alerts in (old, new)
        )
    alerts = result["alerts"]
    assert (alerts["before"], alerts["after"]) == (len(before), len(after))
    assert {one["alert_id"] for one in alerts["only_before"]} == before.keys() - after.keys() != set()
    assert {one["alert_id"] for one in alerts["only_after"]} == after.keys() - before.keys() != set()
    for one in alerts["only_after"]:
        assert one == {name: after[one["alert_id"]][name] for name in one}


def test_the_table_names_criteria_lists_and_alerts(tmp_path):
    out = Market(tmp_path, 5).diff()
    assert "enters" in out
    assert "industry is one of Software" in out
    assert "as they would have been at the end of each week" in out
    assert "would have come as well" in out


def test_other_profiles_are_not_compared(tmp_path):
    other = ("config/icp/midmarket-saas.yaml", "config/icp/enterprise-fintech.yaml")
    ran = run("icp", "diff", *other, "--accounts", "config/accounts.csv")
    assert (ran.code, ran.out) == (2, "")
    assert "compares two versions of one ICP" in ran.err


def test_the_same_version_is_warned_of():
    same = ("config/icp/midmarket-saas.yaml",) * 2
    ran = run("icp", "diff", *same, "--accounts", "config/accounts.csv", "--json")
    assert ran.code == 0
    assert "has to be above 3" in ran.err
    assert ran.json()["changes"] == []
    assert ran.json()["market"] is None


def test_an_end_without_events_is_wrong_usage():
    same = ("config/icp/midmarket-saas.yaml",) * 2
    ran = run("icp", "diff", *same, "--accounts", "config/accounts.csv", "--until", "2026-01-01T00:00:00Z")
    assert ran.code == 2
