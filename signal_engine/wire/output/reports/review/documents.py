"""What `review` prints with `--json` (contract.md, section 5). Nothing is validated with them.

Intervals are 95 %. A rate of fewer than 10 deals is null, and so is a figure that the data do not carry.
"""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.sync.wiring import Downstream
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.decision_documents import Decisions
from signal_engine.wire.output.reports.report_documents import CriterionCost
from signal_engine.wire.output.reports.validation_documents import EstimateFound, RateFound
from signal_engine.wire.output.reports.work_documents import VersionReach

ReviewMetric = Literal["win_rate", "cycle_days", "deal_size"]
SegmentVerdict = Literal["promote", "cut", "mixed", "no_difference", "cannot_tell_yet", "no_metric"]
ClaimedSign = Literal["better", "worse"]


class MetricOfSegment(TypedDict):
    """One of the locked metrics, in one segment."""

    metric: ReviewMetric
    deals: Annotated[int, Field(description="Closed ones; of cycle_days and deal_size won ones that tell it.")]
    found: Annotated[
        EstimateFound | None,
        Field(description="The win rate; else the median over accounts."),
    ]
    claimed: Annotated[ClaimedSign | None, Field(description="Than the other segments; family-wise at 1 %.")]


class SegmentReviewed(TypedDict):
    """One segment of an ICP, or all of it."""

    segment: Annotated[str | None, Field(description="Null: all of the ICP, or accounts without segment.")]
    admitted: Annotated[int, Field(description="Accounts that the ICP chases.")]
    won: int
    lost: int
    open: Annotated[int, Field(description="Opened by the end of the time, and not closed by then.")]
    win_rate: RateFound
    shrunk: Annotated[
        EstimateFound | None,
        Field(description="The win rate, drawn to the ICP's by 20 deals: `promote` and `cut` go by it."),
    ]
    metrics: list[MetricOfSegment]
    verdict: SegmentVerdict


class IcpReviewed(TypedDict):
    """What an ICP admitted, and what came of it."""

    icp: str
    version: int
    owner: str
    owner_email: str
    review_by: str
    published: Annotated[Instant | None, Field(description="When this version was; null for a file.")]
    metrics: Annotated[list[ReviewMetric], Field(description="What this review goes by, as published.")]
    unmeasured: Annotated[list[str], Field(description="Metrics of the ICP that outcomes do not tell.")]
    decisions: Annotated[dict[str, int], Field(description="Accounts by decision.")]
    whole: SegmentReviewed
    segments: Annotated[list[SegmentReviewed], Field(description="Most closed deals first.")]
    deals_needed: Annotated[
        int | None,
        Field(description="Closed deals with which a half that wins 1.5 times as often would show; null: unknown."),
    ]


class WonOutside(TypedDict):
    """A deal won in an account that no ICP chases."""

    account_id: str
    name: str | None
    won_at: Instant
    amount_usd: float | None
    icp: str | None
    criterion: Annotated[str | None, Field(description="What kept it out; null if it is in no accounts file.")]
    near: Annotated[bool, Field(description="Whether that was all that kept it out.")]
    level: str


class OutsideReviewed(TypedDict):
    """What lies outside the ICPs."""

    near_fits: int
    near_costs: Annotated[list[CriterionCost], Field(description="The five that keep most near fits out.")]
    high_intent: Annotated[int, Field(description="Prospects at warm or above that do not fit.")]
    high_intent_costs: Annotated[list[CriterionCost], Field(description="The five that keep most of them out.")]
    won: Annotated[list[WonOutside], Field(description="Highest amount first.")]


class ResponseTime(TypedDict):
    """How soon people answered one type of alert."""

    alert: str
    alerts: int
    answered: Annotated[RateFound, Field(description="Within 14 days; alerts of the last 14 days are left out.")]
    hours: Annotated[list[float], Field(description="Quartiles over answered alerts, from 10 on; else empty.")]


class PersonCapacity(TypedDict):
    """The alerts of one person."""

    person: Annotated[str | None, Field(description="Null: nobody is named.")]
    alerts: int
    a_week: float
    busiest_week: int
    weeks_above: Annotated[int | None, Field(description="Weeks above the capacity; null where none was given.")]


class DraftReviewed(TypedDict):
    """A draft beside what is in force."""

    file: str
    of: Literal["icp", "scoring"]
    name: Annotated[str, Field(description="Id of the ICP, or the scoring file's `config_version`.")]
    changes: Annotated[dict[str, int], Field(description="Accounts that enter, leave, or change otherwise.")]
    alerts_before: int
    alerts_after: int


class PlayReviewed(TypedDict):
    """A play that nobody can be called by any more."""

    text: str
    why: str


class WiringReviewed(VersionReach):
    """How far the systems outside follow an ICP in force."""

    waiting: Annotated[list[Downstream], Field(description="Systems that have not changed with this version.")]


class Review(TypedDict):
    """The 90-day review."""

    at: Annotated[Instant, Field(description="When it was made.")]
    since: Instant
    until: Annotated[Instant, Field(description="Outcomes are known up to here.")]
    config_version: str
    caveats: list[str]
    icps: list[IcpReviewed]
    outside: OutsideReviewed
    decisions: Annotated[Decisions | None, Field(description="Null without actions.")]
    responses: Annotated[list[ResponseTime] | None, Field(description="Null without actions.")]
    capacity: Annotated[int | None, Field(description="Alerts that a person can work on per week; null: not given.")]
    people: Annotated[list[PersonCapacity], Field(description="Most alerts first.")]
    drafts: list[DraftReviewed]
    retired_plays: Annotated[list[PlayReviewed] | None, Field(description="Null without a plays file.")]
    wiring: Annotated[list[WiringReviewed] | None, Field(description="By ICP in force; null where ICPs are files.")]
    next_review: Annotated[str, Field(description="YYYY-MM-DD.")]
