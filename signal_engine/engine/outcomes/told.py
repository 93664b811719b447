"""What came of an account, as people read it."""

from collections.abc import Sequence

from signal_engine.engine.outcomes.opportunities import Opportunity, of_a_customer, opportunities
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.documents import AccountOutcomes, PastOpportunity, PastOutcome
from signal_engine.wire.outcomes.record import AccountOutcome


def told_outcomes(outcomes: Sequence[AccountOutcome]) -> AccountOutcomes:
    """The document of an account's outcomes."""
    found = sorted(opportunities(outcomes), key=lambda one: (one.moved, one.outcomes[-1].outcome_id), reverse=True)
    return {
        "opportunities": [*map(_opportunity, found)],
        "as_customer": [*map(_outcome, reversed(of_a_customer(outcomes)))],
    }


def _opportunity(one: Opportunity) -> PastOpportunity:
    return {
        "opportunity_id": one.opportunity_id,
        "result": one.result,
        "opened_at": format_instant(one.began) if one.dated else None,
        "closed_at": None if one.closed is None else format_instant(one.closed),
        "stage_name": one.stage_name,
        "amount_usd": one.amount_usd,
        "meetings": one.meetings,
        "outcomes": [*map(_outcome, one.outcomes)],
    }


def _outcome(one: AccountOutcome) -> PastOutcome:
    return {
        "outcome_id": one.outcome_id,
        "stage": one.stage,
        "at": format_instant(one.at),
        "stage_name": one.stage_name,
        "meeting_no": one.meeting_no,
        "amount_usd": one.amount_usd,
        "reason": one.reason,
        "icp": one.icp,
        "source": one.source,
    }
