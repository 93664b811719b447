"""What comes in and is background is counted by kind, in the step that judges it."""

from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.engine.partition.background_count import Background, shares
from signal_engine.wire.config import scoring_file
from tests.build import ACME, T0, policy

SHIPPED = scoring_file.parse("s.yaml", Path("config/scoring.yaml").read_bytes()).policy
POSTING = {"title": "Nurse", "department": "Ward", "seniority": "mid"}


def event(kind: str, **fields: Any) -> Event:
    return Event(ACME, kind, "e", T0, 1.0, fields)


@pytest.mark.parametrize(
    ("one", "outcome", "counted", "because"),
    [
        (event("hiring", **POSTING), EventOutcome.IGNORED, {"asked:hiring": 1, "off_list:hiring": 1}, "no rule holds"),
        (event("hiring", title="VP Sales"), EventOutcome.APPLIED, {"asked:hiring": 1}, "a rule holds"),
        (event("hiring", **POSTING, status="closed"), EventOutcome.IGNORED, {}, "of a closed posting no rule is asked"),
        (event("hiring", **POSTING), EventOutcome.DUPLICATE, {}, "it was counted when it came first"),
        (event("hiring", **POSTING), EventOutcome.EXPIRED, {}, "too late to be asked about"),
        (
            event("technographic", technology="6sense", change="adopted"),
            EventOutcome.IGNORED,
            {"asked:technographic": 1},
            "a rule that gives no points holds: it is on a list",
        ),
        (event("engagement", activity="ad_click", automated=True), EventOutcome.IGNORED, {}, "no person did it"),
    ],
)
def test_an_event_is_counted_once_rules_were_asked(one, outcome, counted, because):
    background = Background(SHIPPED)
    background.note(one, outcome)
    assert background.counts == counted, because


def test_who_says_nothing_of_what_is_sold_has_no_background():
    background = Background(policy())
    background.note(event("hiring", **POSTING), EventOutcome.IGNORED)
    assert background.counts == {}


def test_shares_are_told_of_kinds_that_ask_and_had_events():
    counts = {"asked:hiring": 4, "off_list:hiring": 1, "asked:intent": 9}
    assert shares(counts, {"hiring", "technographic"}) == [
        {"kind": "hiring", "events": 4, "off_list": 1, "share": 0.25}
    ]
