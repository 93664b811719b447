"""Rounds of 2013 that name their companies only, and the real accounts: what matches, and what does not."""

import csv
import shutil
from collections import Counter

from tests.intake.running import invoke, mapping_file
from tests.replay.real_data import ACCOUNTS, DATA, needs_real_data

MAPPING = """\
mapping: rounds-of-2013
produces: funding
account: {from: company_name, through: accounts.name}
event_id: [funding_round_type, {from: funded_at, bucket: month}]
scope: any
occurred_at: {from: funded_at, zone: UTC}
fields: {round: funding_round_type, amount_usd: {from: raised_amount_usd, optional: true}}
"""


@needs_real_data
def test_names_match_exactly_or_are_told_apart(tmp_path):
    rounds = tmp_path / "rounds.csv.gz"
    shutil.copyfile(DATA / "cb2013_rounds.csv.gz", rounds)
    to, own = tmp_path / "events.jsonl", mapping_file(tmp_path, MAPPING)
    options = ("--map", own, "--accounts", ACCOUNTS, "--to", to)
    done = invoke("import", rounds, *options)
    assert done.exit_code == 0, done.stderr
    assert "31,679 rows = 2,297 mapped + 0 passed over + 29,382 refused; 2,297 events" in done.stderr
    with (tmp_path / "rounds.csv.gz.refused.csv").open(newline="") as file:
        kinds = Counter(
            row["reason"].partition(" the name of ")[2].partition(" acc")[0] for row in csv.DictReader(file)
        )
    assert kinds == {"no": 29_167, "several": 215}
    before = to.read_bytes()
    assert invoke("import", rounds, *options, "--yes").exit_code == 0
    assert to.read_bytes() == before
