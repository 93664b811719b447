"""The engine and the second implementation agree on feeds that meet every rule: counts, lists, alerts, explanations."""

import csv
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.inputs.files import load_accounts, load_yaml
from tests.oracle.play import replay
from tests.replay import generated
from tests.replay.comparing import assert_agree, replayed, written

SHIPPED = load_yaml(Path("config/scoring.yaml"))
SEEDS = (*range(22), 72, 297)
"""The last two decide at the end of a cooldown what the strongest signal of the last 14 days is, to the millisecond."""


def played(seed: int, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the engine and the second implementation say of the feed of this seed."""
    rng = random.Random(seed)
    rows = generated.accounts(rng, rng.choice((4, 8, 15)))
    names = [row["account_id"] for row in rows]
    lines = generated.events(rng, names, rng.choice((60, 200, 400)), rng.choice((20, 60, 120)))
    scoring = generated.scoring(rng, SHIPPED)
    accounts = folder / "accounts.csv"
    with accounts.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    ours = replayed(written(folder, scoring, generated.ICPS, accounts), lines, folder)
    return ours, replay(lines, load_accounts(accounts), generated.ICPS, scoring)


@pytest.mark.parametrize("seed", SEEDS)
def test_both_say_the_same_of_a_generated_feed(seed, tmp_path):
    ours, theirs = played(seed, tmp_path)
    assert_agree(ours, theirs)


def test_the_feeds_meet_every_type_of_alert_and_every_badge(tmp_path):
    types, badges, recorded = Counter[str](), Counter[str](), Counter[str]()
    for seed in SEEDS:
        ours, _ = played(seed, tmp_path)
        types.update(alert["type"] for alert in ours["alerts"])
        recorded.update(alert["recorded"] for alert in ours["alerts"] if alert["recorded"])
        badges.update(entry["badge"] for entries in ours["lists"].values() for entry in entries)
    assert set(types) == {"hand_raise", "entered_hot", "trigger", "new_evidence", "cooled", "inbound"}
    assert set(badges) == {"inbound", "hot", "warm", "cold"}
    assert set(recorded) == {"backfill"}
