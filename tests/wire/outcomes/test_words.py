"""Outcomes in words."""

from typing import Any

import pytest

from signal_engine.wire.outcomes.words import opportunity_in_words, outcome_in_words

PLAIN = {"stage_name": None, "meeting_no": None, "amount_usd": None, "reason": None}
OPEN = {"result": "open", "stage_name": None, "amount_usd": None, "meetings": 0}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"stage": "opened"}, "opened"),
        ({"stage": "meeting", "meeting_no": 2}, "meeting 2"),
        ({"stage": "meeting"}, "meeting"),
        ({"stage": "moved", "stage_name": "Proposal"}, "moved to Proposal"),
        ({"stage": "moved"}, "moved"),
        ({"stage": "won", "stage_name": "Closed Won", "amount_usd": 42_000.0}, "won, $42,000"),
        ({"stage": "lost", "reason": "no_budget", "amount_usd": 1_200.5}, "lost (no budget), $1,200.50"),
    ],
)
def test_an_outcome(outcome: dict[str, Any], said: str) -> None:
    assert outcome_in_words({**PLAIN, **outcome}) == said


@pytest.mark.parametrize(
    ("opportunity", "said"),
    [
        ({}, "open"),
        ({"stage_name": "Proposal", "amount_usd": 42_000.0, "meetings": 2}, "open in Proposal, $42,000, 2 meetings"),
        ({"result": "won", "stage_name": "Closed Won", "meetings": 1}, "won, 1 meeting"),
    ],
)
def test_an_opportunity(opportunity: dict[str, Any], said: str) -> None:
    assert opportunity_in_words({**OPEN, **opportunity}) == said
