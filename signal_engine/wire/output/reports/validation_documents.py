"""What `validate` prints with `--json` (contract.md, section 5). Nothing is validated with them.

Intervals are 95 %. A rate of fewer than 10 trials is null, and so is a figure that the data do not carry.
"""

from typing import Annotated, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant

Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
Verdict = Literal["predicts", "cannot_tell_yet", "no_sign"]
LookAt = Literal["mondays", "alerts"]
TellingFinding = Literal["more_deals", "fewer_deals", "cannot_tell_yet"]
CaveatCode = Literal[
    "few_wins", "few_calls", "censored_end", "censored_start", "open_deals", "undated_deals", "undated_events",
    "leakage", "bulk_outcomes", "one_account", "outcome_fields", "accounts_as_of_today", "not_in_accounts",
    "default_cycle", "correlation", "contamination", "no_losses",
]  # fmt: skip


class RateFound(TypedDict):
    """Hits among trials."""

    hits: int
    trials: int
    rate: Share | None
    low: Share | None
    high: Share | None


class EstimateFound(TypedDict):
    """A figure with its interval."""

    value: float
    low: float
    high: float


class CallsFound(TypedDict):
    """The calls of one way to choose, and what followed within the cycle."""

    k: Annotated[int | None, Field(description="Places of each week's list that are called; null: the alerts are.")]
    calls: int
    opened: Annotated[RateFound, Field(description="Calls that a new deal followed: the precision.")]
    won: Annotated[RateFound, Field(description="Calls that a deal followed which was won by the end.")]
    chance: Annotated[Share | None, Field(description="The rate of any account that fits, at the same dates.")]
    lift: Annotated[EstimateFound | None, Field(description="Precision over chance.")]
    tier_chance: Annotated[Share | None, Field(description="The rate of as many accounts chosen by tier alone.")]
    tier_lift: Annotated[EstimateFound | None, Field(description="Precision over that.")]


class KindFound(TypedDict):
    """A kind of signal before wins, against matched controls."""

    kind: Annotated[str, Field(description="A kind, or buying_group.")]
    before_wins: RateFound
    at_controls: RateFound
    lift: EstimateFound | None
    claimed: Annotated[bool, Field(description="Whether it may be said to be more frequent before wins.")]
    trace: Annotated[bool, Field(description="Whether it may be a trace of deals: then nothing is claimed of it.")]
    wins_needed: Annotated[
        int | None, Field(description="Wins with which a signal of this size would be found; null: unknown.")
    ]


class GroupFound(TypedDict):
    """The calls of one group."""

    group: str
    opened: RateFound
    shrunk: Annotated[
        EstimateFound | None,
        Field(description="The rate, shrunk to that of all calls by 20 trials; null under 10, or where none hit."),
    ]
    claimed: Annotated[
        Literal["above", "below"] | None, Field(description="Whether it may be said to differ from the other calls.")
    ]


class MissedDeal(TypedDict):
    """A deal by name."""

    account_id: str
    name: str | None
    opened_at: Instant
    amount_usd: float | None
    why: str


class RecallFound(TypedDict):
    """How many deals the engine saw coming."""

    won_fit: Annotated[RateFound, Field(description="Won deals whose account could be listed.")]
    won_hot: Annotated[RateFound, Field(description="Won deals whose account was hot in the cycle before.")]
    won_in_top: Annotated[RateFound, Field(description="Won deals whose account was among the first K.")]
    never_hot: Annotated[list[MissedDeal], Field(description="Won without having been hot, highest amount first.")]
    hot_lost: Annotated[list[MissedDeal], Field(description="Lost though hot before, highest amount first.")]


class LeadTime(TypedDict):
    """From hot to a new deal, over deals whose account was hot in the cycle before, in days.

    A spell counts from where it began, also before the cycle.
    """

    deals: int
    quartiles: Annotated[list[float], Field(description="25 %, 50 %, 75 %; empty below 10 such deals.")]
    median: EstimateFound | None
    days: Annotated[list[float], Field(description="Each of them, ascending.")]


class CalibrationStep(TypedDict):
    """Accounts on Mondays by score."""

    score_from: float
    score_to: float
    account_weeks: int
    accounts: int
    opened: Annotated[EstimateFound | None, Field(description="Share followed by a new deal within the cycle.")]


class PathPoint(TypedDict):
    """Scores so many weeks before the deal."""

    weeks_before: int
    low: Annotated[float, Field(description="Lower quartile.")]
    median: float
    high: Annotated[float, Field(description="Upper quartile.")]
    mean: float


class ScorePath(TypedDict):
    """The scores of accounts on the way to a deal; of controls at the same dates."""

    group: Literal["won", "lost", "controls"]
    accounts: int
    points: Annotated[list[PathPoint], Field(description="Earliest first.")]


class StalledStage(TypedDict):
    """Where deals that were not won stand, or ended."""

    stage_name: str
    lost: int
    open: int


class ComparedRates(TypedDict):
    """Accounts told of against accounts held back."""

    told: RateFound
    held_back: RateFound
    difference: Annotated[EstimateFound | None, Field(description="Told less held back (-1..1), after Newcombe.")]
    claimed: Annotated[bool, Field(description="Whether it may be said that telling makes a difference.")]


class ControlGroupFound(TypedDict):
    """One draw of a control group: what telling people did to the accounts that would have been alerted."""

    since: Annotated[str, Field(description="The first day of the draw.")]
    until: Annotated[str | None, Field(description="Its last day; null: it goes on.")]
    share: Annotated[Share, Field(description="Of all accounts, held back.")]
    finding: TellingFinding
    summary: Annotated[str, Field(description="The finding in words.")]
    opened: Annotated[ComparedRates, Field(description="A new deal within the cycle after the first alert.")]
    won: Annotated[ComparedRates, Field(description="Such a deal that was won by the end.")]
    unfinished: Annotated[int, Field(description="Accounts left out: the cycle after their alert is not over.")]
    accounts_needed: Annotated[
        int | None, Field(description="Accounts with which an effect of 1.5 times as many deals shows; null: unknown.")
    ]
    held_back_answered: Annotated[
        int | None, Field(description="Held back, yet claimed or answered by people; null: no actions were given.")
    ]


class CutFound(TypedDict):
    """Events that could not count."""

    kept: int
    in_deal: Annotated[int, Field(description="Arrived while a deal was open, or from a customer.")]
    mail: Annotated[int, Field(description="Opens and clicks of mail: no event tells whose mail it was.")]
    sales_source: Annotated[int, Field(description="From a source named with --sales-source.")]
    after_contact: Annotated[int, Field(description="Engagement within 14 days after sales made contact.")]


class StudyFound(TypedDict):
    """What was looked at."""

    since: Instant
    until: Annotated[Instant, Field(description="Up to here outcomes are known.")]
    mondays: int
    accounts: int
    accounts_that_fit: Annotated[int, Field(description="Could be listed, by the accounts file.")]
    deals: Annotated[int, Field(description="Opened in the time looked at; deals = won + lost + open.")]
    won: int
    lost: int
    open: int
    cycle_days: Annotated[dict[str, int], Field(description="By ICP.")]
    cases: Annotated[int, Field(description="Won deals that got four controls each.")]
    seed: int


class CaveatFound(TypedDict):
    """Something that limits what the figures say."""

    code: CaveatCode
    text: str


class Validation(TypedDict):
    """Whether scores predict deals."""

    verdict: Verdict
    summary: Annotated[str, Field(description="The verdict in words.")]
    more_wins: Annotated[int | None, Field(description="About so many more wins would tell; null: it can be told.")]
    at: Annotated[LookAt, Field(description="What counts as a call.")]
    config_version: str
    study: StudyFound
    cut: CutFound
    caveats: list[CaveatFound]
    calls: Annotated[CallsFound, Field(description="At the capacity, or by alerts.")]
    precision: Annotated[list[CallsFound], Field(description="Precision at several K, ascending.")]
    recall: RecallFound
    lead_time: LeadTime
    calibration: list[CalibrationStep]
    paths: list[ScorePath]
    kinds: Annotated[list[KindFound], Field(description="Strongest first once they may be ranked, else by name.")]
    ranked: Annotated[bool, Field(description="Whether there are enough wins to rank kinds.")]
    groups: Annotated[
        dict[Literal["icp", "tier", "segment", "owner", "claimed", "alert"], list[GroupFound]],
        Field(
            description="The calls by group; claimed: within a week, deals after it; by alert type: each type alone."
        ),
    ]
    stalled: list[StalledStage]
    control_groups: Annotated[
        list[ControlGroupFound] | None, Field(description="Draws of the routes file, in its order; null without one.")
    ]
