"""What `icp check` and `icp diff` print with `--json` (contract.md, section 5). Nothing is validated with them."""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.criteria import Stage
from signal_engine.core.fit.eligibility import Audience
from signal_engine.core.fit.icp import Decision
from signal_engine.core.fit.reasons import Recorded
from signal_engine.wire.output.models import Instant

FunnelStage = Literal[Stage, "suppressed", "relation"]


class RowsRead(TypedDict):
    """How rows became accounts: rows = passed_over + merged + accounts."""

    rows: int
    passed_over: Annotated[int, Field(description="Rows that name no account.")]
    merged: Annotated[int, Field(description="Rows of accounts whose fields come from another row.")]
    accounts: int


class FunnelStep(TypedDict):
    """One criterion; before = lost + left, and the next criterion is applied to what is left."""

    stage: FunnelStage
    criterion: str
    before: int
    lost: int
    left: int


class UnknownField(TypedDict):
    """A required field that keeps accounts undecided."""

    field: str
    accounts: Annotated[int, Field(description="Undecided accounts that lack it.")]
    alone: Annotated[int, Field(description="Of those, accounts that lack nothing else: this field would decide them.")]


class Unknown(TypedDict):
    """Accounts that are undecided because of missing data."""

    accounts: int
    fields: Annotated[list[UnknownField], Field(description="First the field that would decide most accounts.")]


class TierCount(TypedDict):
    """The accounts of one tier, including suppressed ones and those of any relation."""

    tier: str
    lowest: Annotated[float, Field(description="The fit score from which it begins.")]
    decision: Decision
    accounts: int


class Workload(TypedDict):
    """How long it takes to work through the accounts that are left."""

    a_week: Annotated[int, Field(description="Accounts that the team can work on per week.")]
    weeks: Annotated[float, Field(description="Rounded to one decimal.")]
    is_market: Annotated[bool, Field(description="Whether it is more than 52 weeks: too wide for an ICP.")]


class TierInMarket(TypedDict):
    """Who of a tier is on the list."""

    tier: str
    hot: int
    warm: int


class InMarketNow(TypedDict):
    """What the list of the ICP alone would hold at the end of the events, and which alerts it would have sent."""

    until: Instant
    listed: Annotated[int, Field(description="Places on the list, at most as many as the scoring file gives it.")]
    tiers: Annotated[list[TierInMarket], Field(description="Those that are chased, highest first.")]
    weeks: Annotated[float, Field(description="From the first event, at most the last 90 days; at least one.")]
    alerts: Annotated[int, Field(description="Sent within them to whoever sells.")]
    alerts_a_week: Annotated[float, Field(description="Rounded to one decimal.")]


class IcpCheck(TypedDict):
    """The funnel of an ICP over an accounts file."""

    icp: str
    version: int
    owner: str
    review_by: str
    read: RowsRead
    funnel: list[FunnelStep]
    left: Annotated[int, Field(description="Accounts to work on: chased, not suppressed, and of a listed relation.")]
    unknown: Unknown
    tiers: Annotated[list[TierCount], Field(description="Highest first.")]
    workload: Annotated[Workload | None, Field(description="Null without a capacity.")]
    in_market: Annotated[InMarketNow | None, Field(description="Null without events.")]


Accounts: TypeAlias = list[str]
ChangeKind: TypeAlias = Annotated[
    Literal["enters", "leaves", "decision", "tier"],
    Field(description="Enters or leaves the chased accounts; else another decision, or another tier."),
]


class VersionDecision(TypedDict):
    """The decision of one version."""

    decision: Decision
    tier: str | None
    fit: float | None


class DecisionChange(TypedDict):
    """An account whose decision changes."""

    account_id: str
    name: str | None
    change: ChangeKind
    before: Annotated[VersionDecision | None, Field(description="Null where the ICP is new.")]
    after: Annotated[VersionDecision | None, Field(description="Null where the ICP is taken out of force.")]
    by: Annotated[list[str], Field(description="The criteria that cause the change.")]


class CriterionChanges(TypedDict):
    """How many accounts change because of one criterion."""

    criterion: str
    change: ChangeKind
    accounts: int


class ListDifference(TypedDict):
    """One list at one instant, under both versions."""

    list: str
    at: Annotated[Instant, Field(description="The end of a week (Sunday, UTC), or `until`.")]
    before: Annotated[int, Field(description="Accounts on it under the old version.")]
    after: int
    enter: Annotated[Accounts, Field(description="On it only under the new version, best first.")]
    leave: Annotated[Accounts, Field(description="On it only under the old version, best first.")]


class AlertDifference(TypedDict):
    """An alert that only one version raises."""

    alert_id: str
    type: AlertType
    at: Instant
    account_id: str
    name: str | None
    audience: Audience
    recorded: Annotated[Recorded | None, Field(description="Why it would be recorded but not sent.")]


class AlertDifferences(TypedDict):
    """Alerts of the last 90 days under both versions."""

    before: int
    after: int
    only_before: list[AlertDifference]
    only_after: list[AlertDifference]


class MarketDifference(TypedDict):
    """What the change would have done to lists and alerts."""

    since: Instant
    until: Instant
    lists: list[ListDifference]
    alerts: AlertDifferences


class IcpDiff(TypedDict):
    """What changes with a new version of an ICP."""

    icp: str
    versions: Annotated[
        list[int | None], Field(min_length=2, max_length=2, description="Old, new; null: there is none.")
    ]
    accounts: int
    unchanged: Annotated[int, Field(description="Same decision and tier.")]
    counts: Annotated[dict[ChangeKind, int], Field(description="By change; unchanged + these = accounts.")]
    by_criterion: Annotated[
        list[CriterionChanges], Field(description="First the criterion that changes most accounts.")
    ]
    changes: Annotated[
        list[DecisionChange], Field(description="By account; of a publication the first 10,000, `counts` has all.")
    ]
    market: Annotated[MarketDifference | None, Field(description="Null without events.")]
