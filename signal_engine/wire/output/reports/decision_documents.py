"""The reports `decisions` and `pipeline-misfits`: where people and the rule disagree (contract.md, section 5)."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.fit.icp import Decision
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.reported_account import ReportedAccount, ReportHead

Question = Literal["proposal", "review"]
"""`proposal`: a colleague says that the account does not fit. `review`: a kill is to be looked at again."""


class OpenDecision(ReportedAccount):
    """One account about which the owner of a rule is to decide."""

    question: Annotated[
        Question,
        Field(description="`proposal`: a colleague says that it does not fit; `review`: a kill is to be looked at."),
    ]
    icp: Annotated[
        str | None,
        Field(description="Of a proposal the primary one, null if in no accounts file; of a kill null: everywhere."),
    ]
    rule_owner: Annotated[
        str | None, Field(description="E-mail of the owner of that ICP; of a kill everywhere, of who killed it.")
    ]
    by: Annotated[str, Field(description="E-mail of who proposed or killed.")]
    decided_at: Annotated[Instant, Field(description="When they did.")]
    reason: str | None
    review_at: Annotated[Instant | None, Field(description="Of a kill: when it was to be looked at again.")]
    decision: Annotated[
        Decision | None, Field(description="What the ICP says by its rule alone; null if it says nothing.")
    ]
    tier: str | None
    criterion: Annotated[
        str | None, Field(description="What the rule itself has against the account; null if it admits it.")
    ]


class IcpInbox(TypedDict):
    """How much waits for the owner of one ICP."""

    icp: str | None
    rule_owner: str | None
    proposals: int
    admitted: Annotated[int, Field(description="Of those, accounts that the rule would chase.")]
    reviews: int


class ProposedCriterion(TypedDict):
    """A criterion that open proposals have in common."""

    icp: str
    criterion: str
    admits: Annotated[bool, Field(description="Whether it speaks for the proposed accounts, or against them already.")]
    proposals: int


class Decisions(ReportHead):
    """Open proposals, then kills whose review has come; those that wait longest come first."""

    icps: Annotated[list[IcpInbox], Field(description="By ICP; null: a kill everywhere, or no accounts file.")]
    criteria: Annotated[list[ProposedCriterion], Field(description="First the one that most proposals share.")]
    rows: list[OpenDecision]


Misfit = Literal["not_fit", "killed", "do_not_contact"]
"""What speaks against an account: the rule, or a person who disqualified it or wants nobody to contact it."""


class PipelineMisfit(ReportedAccount):
    """One open opportunity of an account that does not fit, or that a person took out of the pipeline."""

    opportunity_id: Annotated[str | None, Field(description="Null if its outcomes name none.")]
    stage: Annotated[str | None, Field(description="What the CRM calls its stage; null if no outcome says it.")]
    amount_usd: float | None
    opened_at: Annotated[
        Instant, Field(description="When it was created or first met; else its first outcome of any sort.")
    ]
    age_days: Annotated[int, Field(ge=0, description="Whole days since then.")]
    misfit: Annotated[Misfit, Field(description="A person's word stands before the rule's.")]
    icp: Annotated[str | None, Field(description="Of not_fit the primary ICP; of a kill its ICP, null: everywhere.")]
    criterion: Annotated[
        str | None, Field(description="What the ICP has against it; of a person the reason, null if none was given.")
    ]
    by: Annotated[str | None, Field(description="E-mail of the person.")]


class MisfitCount(TypedDict):
    """What one criterion, or the word of people, keeps in the pipeline."""

    misfit: Misfit
    icp: str | None
    criterion: Annotated[str | None, Field(description="Null: what people decided, whatever their reasons.")]
    opportunities: int
    amount_usd: float


class PipelineMisfits(ReportHead):
    """Open opportunities on accounts that do not fit or were killed, highest amount first."""

    open: Annotated[int, Field(description="All open opportunities, of misfits or not.")]
    amount_usd: Annotated[float, Field(description="Of those in this report.")]
    counts: Annotated[list[MisfitCount], Field(description="The largest sum first.")]
    rows: list[PipelineMisfit]
