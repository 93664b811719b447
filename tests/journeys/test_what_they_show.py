"""The generated market, judged by the shipped configuration: it shows what the definition is about, by any seed."""

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.inputs import read_inputs
from signal_engine.simulation import journeys, plots
from signal_engine.simulation.cast import cast
from signal_engine.simulation.companies import companies, strangers
from signal_engine.simulation.stories import Story

CONFIG = Path("config")
END = 1_774_980_000_000  # 2026-03-31T18:00:00Z
START = END - 150 * DAY
SEEDS = (7, 8, 9)
ROWS = list(csv.DictReader((CONFIG / "accounts.csv").read_text("utf-8").splitlines()))


class Judged(NamedTuple):
    """What a replay made of a market."""

    alerts: list[dict[str, Any]]
    listed: set[str]
    never_warm: set[str]
    distribution: dict[str, Any]

    def of(self, type_: str, **fields: object) -> list[dict[str, Any]]:
        return [a for a in self.alerts if a["type"] == type_ and all(a[f] == value for f, value in fields.items())]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("markets")


@cache
def judged(seed: int, folder: Path) -> Judged:
    events = folder / f"{seed}.jsonl"
    shown = journeys(ROWS, seed=seed, start=START, end=END)
    events.write_text("".join(json.dumps(event) + "\n" for event in shown))
    icps = sorted(map(str, CONFIG.glob("icp/*.yaml")))
    inputs = read_inputs(str(CONFIG / "scoring.yaml"), icps, str(CONFIG / "accounts.csv"), lambda _: None)
    with ReplayRun(inputs, [str(events)], None) as run:
        result = run.run()
        assert run.verdicts is not None
        until = run.verdicts.until
        never = {name for name in inputs.fits if run.replay.snapshot(name, until).since is None}
        listed = {entry["account_id"] for entries in result.lists.values() for entry in entries}
        return Judged([*map(json.loads, run.alerts())], listed, never, dict(result.distribution))


def players(seed: int, story: Story) -> set[str]:
    parts = cast(companies(ROWS, seed), strangers(seed), seed, START, END)
    return {part.company.account for part in parts if part.story == story}


@pytest.mark.parametrize("seed", SEEDS)
def test_buying_groups_get_hot(seed: int, folder: Path) -> None:
    assert [a for a in judged(seed, folder).of("entered_hot") if "buying_group" in a["kinds_live"]]


@pytest.mark.parametrize("seed", SEEDS)
def test_reasons_to_call_by_themselves_are_triggers(seed: int, folder: Path) -> None:
    said = [alert["why_now"] for alert in judged(seed, folder).of("trigger")]
    assert len(said) >= 3
    assert any("a champion of ours before" in one for one in said)
    assert any(one.startswith(("Dropped", "Raised")) for one in said)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_stranger_who_asks_goes_to_triage_and_onto_no_list(seed: int, folder: Path) -> None:
    market = judged(seed, folder)
    unknown = market.of("inbound", triage_reason="not_in_accounts", audience="triage")
    assert unknown
    assert not {alert["account_id"] for alert in market.of("inbound")} & market.listed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_customer_who_asks_is_for_the_owner_and_not_among_the_prospects(seed: int, folder: Path) -> None:
    market = judged(seed, folder)
    asked = [alert for alert in market.of("hand_raise", audience="owner") if alert["relation"] == "customer"]
    assert asked
    assert all(alert["owner"].startswith("AE ") for alert in asked)
    assert not {alert["account_id"] for alert in asked} & market.listed


@pytest.mark.parametrize("seed", SEEDS)
def test_the_background_of_large_firms_stays_off_the_lists(seed: int, folder: Path) -> None:
    """They hire for everything, adopt anything, read a little of everything: never even warm."""
    large, market = players(seed, plots.LARGE_FIRM), judged(seed, folder)
    assert len(large) == 2
    assert large <= market.never_warm
    shares = {one["kind"]: one["share"] for one in market.distribution["off_list"]}
    assert shares["hiring"] > 0.5
    assert shares["technographic"] > 0.5


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_called_for_a_student(seed: int, folder: Path) -> None:
    assert not [alert for alert in judged(seed, folder).alerts if alert["raised_by"] == "student"]


@pytest.mark.parametrize("seed", SEEDS)
def test_who_does_not_fit_is_loudest_and_on_no_list(seed: int, folder: Path) -> None:
    loud = players(seed, plots.CLAMOUR)
    assert loud
    assert not loud & judged(seed, folder).listed
    assert {a["type"] for a in judged(seed, folder).alerts if a["account_id"] in loud} <= {"inbound"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_is_a_market_and_not_everybody(seed: int, folder: Path) -> None:
    market = judged(seed, folder)
    assert 5 <= len(market.listed) <= market.distribution["fit"] / 2
    assert market.distribution["hidden_by"] == []
