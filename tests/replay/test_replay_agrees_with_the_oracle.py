"""Replay of the real events against the oracle, which keeps every signal and shares no code with the engine."""

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests import oracle
from tests.native.both import READERS, read_by
from tests.replay.comparing import assert_agree, replayed, written
from tests.replay.real_data import ACCOUNTS, ICPS, SELLS, half_lives, levels, lines, needs_real_data, respelled

pytestmark = needs_real_data

DEFAULT: dict[str, Any] = oracle.load_yaml(Path(__file__).parents[2] / "config" / "scoring.yaml")
FITTING = {**DEFAULT, "sells": SELLS}
LOW = {**FITTING, "levels": levels((18, 14, 1), (10, 7, 1)), "lists": {"size": 500, "min_score": 4}}
SHORT = {**half_lives(LOW, 5), "levels": levels((12, 8, 1), (6, 4, 1)), "lists": {"size": 300, "min_score": 1}}
HELD_BACK = {
    **half_lives(LOW, 20),
    "levels": levels((12, 6, 1), (5, 3, 1)),
    "alerts": {"cooldown_days": 29, "hand_raise_hours": 24},
}
ONE_KIND = {**LOW, "levels": levels((16, 12, 2), (9, 7, 1)), "alerts": {"cooldown_days": 3, "hand_raise_hours": 24}}

CASES = [
    pytest.param(DEFAULT, "2013-10-01T00:00:00Z", id="the shipped file when funding and hiring overlap"),
    pytest.param(DEFAULT, "2016-03-05T00:00:00Z", id="the shipped file when three kinds overlap"),
    pytest.param(DEFAULT, "2018-04-03T00:00:00Z", id="the shipped file at the end of the postings"),
    pytest.param(FITTING, "2016-03-05T00:00:00Z", id="the shipped numbers, for who sells to engineers"),
    pytest.param(LOW, "2016-03-05T13:30:00Z", id="low thresholds, in the middle of a day"),
    pytest.param(SHORT, "2016-03-05T00:00:00Z", id="half-lives of five days"),
    pytest.param(SHORT, None, id="half-lives of five days, to the last event"),
    pytest.param(HELD_BACK, "2018-04-03T07:00:00Z", id="cooldowns that end while the account is hot"),
    pytest.param(ONE_KIND, "2016-03-05T18:00:00Z", id="hot only with two kinds"),
]


def judged(events: list[bytes], scoring: dict[str, Any], until: str | None) -> dict[str, Any]:
    """What the oracle says."""
    end = None if until is None else datetime.fromisoformat(until)
    return oracle.replay(events, oracle.load_accounts(ACCOUNTS), ICPS, scoring, end)


@pytest.mark.parametrize("reads", READERS)
@pytest.mark.parametrize(("scoring", "until"), CASES)
def test_lists_alerts_and_counts_equal_the_formulas_evaluated_directly(
    scoring: dict[str, Any], until: str | None, reads: str, tmp_path: Path
) -> None:
    events = lines()
    with read_by(reads):
        ours = replayed(written(tmp_path, scoring, ICPS, ACCOUNTS), events, tmp_path, until)
    theirs = judged(events, scoring, until)
    assert_agree(ours, theirs)
    if scoring not in (DEFAULT, FITTING):
        assert len(ours["alerts"]) > 100
    if scoring is HELD_BACK:
        assert held_back(theirs["alerts"]) > 10


def held_back(alerts: list[dict[str, Any]]) -> int:
    """How many `entered_hot` come exactly a cooldown after another alert; with none, that case would prove nothing."""
    last: dict[str, datetime] = {}
    held = 0
    for alert in alerts:
        before = last.get(alert["account_id"])
        held += before is not None and (alert["at"] - before).total_seconds() == 29 * 86_400
        if alert["type"] != "cooled":
            last[alert["account_id"]] = alert["at"]
    return held


def test_order_duplicates_and_spelling_change_nothing(tmp_path: Path) -> None:
    events = lines()
    files, until = written(tmp_path, SHORT, ICPS, ACCOUNTS), "2016-03-05T13:30:00Z"
    plain = replayed(files, events, tmp_path, until)
    rng = random.Random(20160305)
    refused = {rejected["line"] for rejected in plain["rejected"]}  # a line that is refused twice is counted twice
    taken = [line for number, line in enumerate(events, 1) if number not in refused]
    dirty = [respelled(line, 7) for line in events] + rng.sample(taken, len(events) // 10)
    rng.shuffle(dirty)
    disturbed = replayed(files, dirty, tmp_path, until)
    assert disturbed["lists"] == plain["lists"]
    assert disturbed["alerts"] == plain["alerts"]
    for outcome in ("applied", "expired", "rejected"):
        assert disturbed["counts"][outcome] == plain["counts"][outcome]
    assert disturbed["counts"]["duplicate"] > 1_000
