"""What `icp check` and `icp diff` print with `--json` (contract.md, section 5). Nothing is validated with them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.fit.criteria import Stage
from signal_engine.core.fit.icp import Decision

FunnelStage = Literal[Stage, "suppressed", "relation"]


class RowsRead(TypedDict):
    """How rows became accounts: rows = passed_over + merged + accounts."""

    rows: int
    passed_over: Annotated[int, Field(description="That name no account.")]
    merged: Annotated[int, Field(description="That name an account of which another row gives the fields.")]
    accounts: int


class FunnelStep(TypedDict):
    """One criterion; before = lost + left, and the next step begins with what is left."""

    stage: FunnelStage
    criterion: str
    before: int
    lost: int
    left: int


class UnknownField(TypedDict):
    """A required field that keeps accounts undecided."""

    field: str
    accounts: Annotated[int, Field(description="Undecided accounts that lack it.")]
    alone: Annotated[int, Field(description="Of them, those that lack nothing else: this field would decide them.")]


class Unknown(TypedDict):
    """Accounts that are undecided for missing data."""

    accounts: int
    fields: Annotated[list[UnknownField], Field(description="What would decide most first.")]


class TierCount(TypedDict):
    """The accounts of one tier, suppressed ones and those of any relation among them."""

    tier: str
    lowest: Annotated[float, Field(description="The fit score from which it begins.")]
    decision: Decision
    accounts: int


class Workload(TypedDict):
    """How long it takes to work through those who are left."""

    a_week: Annotated[int, Field(description="Accounts that the team can work on in a week.")]
    weeks: Annotated[float, Field(description="Rounded to one decimal.")]
    is_market: Annotated[bool, Field(description="More than 52 weeks: a market, not an ICP.")]


class IcpCheck(TypedDict):
    """What an ICP file makes of an accounts file."""

    icp: str
    version: int
    owner: str
    review_by: str
    read: RowsRead
    funnel: list[FunnelStep]
    left: Annotated[int, Field(description="To be worked on: chased, not suppressed, of a relation that is listed.")]
    unknown: Unknown
    tiers: Annotated[list[TierCount], Field(description="Highest first.")]
    workload: Annotated[Workload | None, Field(description="Null where no capacity was given.")]
