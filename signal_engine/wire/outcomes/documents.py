"""What came of an account, as the API and `explain` tell it (contract.md, section 4)."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.outcomes.models import OutcomeInstant, OutcomeStage


class PastOutcome(TypedDict):
    """One outcome, as it was sent."""

    outcome_id: str
    stage: OutcomeStage
    at: OutcomeInstant
    stage_name: Annotated[str | None, Field(description="What the CRM calls the stage.")]
    meeting_no: int | None
    amount_usd: float | None
    reason: Annotated[str | None, Field(description="Why, in the codes of dispositions.")]
    icp: Annotated[str | None, Field(description="Id of the ICP that it was sold under.")]
    source: str | None


class PastOpportunity(TypedDict):
    """One opportunity, and what happened in it."""

    opportunity_id: Annotated[str | None, Field(description="Null if its outcomes name none.")]
    result: Annotated[Literal["open", "won", "lost"], Field(description="Open again once it was reopened.")]
    opened_at: Annotated[
        OutcomeInstant | None,
        Field(description="When it was created, or the first meeting where that came before; null if not known."),
    ]
    closed_at: OutcomeInstant | None
    stage_name: Annotated[str | None, Field(description="What the CRM called its last stage.")]
    amount_usd: float | None
    meetings: Annotated[int, Field(description="One per opportunity; one per day where outcomes name none.")]
    outcomes: Annotated[list[PastOutcome], Field(description="Oldest first.")]


class AccountOutcomes(TypedDict):
    """What came of an account. It never changes a score."""

    opportunities: Annotated[list[PastOpportunity], Field(description="The one that moved last first.")]
    as_customer: Annotated[list[PastOutcome], Field(description="Churned and expanded; newest first.")]
