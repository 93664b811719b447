"""Words for outcomes, shared by terminal and pages."""

from collections.abc import Mapping
from typing import Any


def _dollars(amount: float) -> str:
    """`$42,000`; cents only where there are some."""
    return f"${amount:,.0f}" if amount == round(amount) else f"${amount:,.2f}"


def outcome_in_words(outcome: Mapping[str, Any]) -> str:
    """`opened`, `meeting 2`, `moved to Proposal`, `lost (no budget), $42,000`, of a `PastOutcome`."""
    said: str = outcome["stage"]
    if said == "moved" and outcome["stage_name"]:
        said = f"moved to {outcome['stage_name']}"
    elif outcome["meeting_no"] is not None:
        said = f"meeting {outcome['meeting_no']}"
    if outcome["reason"]:
        said = f"{said} ({outcome['reason'].replace('_', ' ')})"
    return said if outcome["amount_usd"] is None else f"{said}, {_dollars(outcome['amount_usd'])}"


def opportunity_in_words(opportunity: Mapping[str, Any]) -> str:
    """`open in Proposal, $42,000, 2 meetings`, of a `PastOpportunity`."""
    meetings, stage = opportunity["meetings"], opportunity["stage_name"]
    pieces = [
        f"open in {stage}" if opportunity["result"] == "open" and stage else opportunity["result"],
        None if opportunity["amount_usd"] is None else _dollars(opportunity["amount_usd"]),
        f"{meetings} meeting{'' if meetings == 1 else 's'}" if meetings else None,
    ]
    return ", ".join(filter(None, pieces))
