"""What `icp patterns` prints with `--json` (contract.md, section 5). Nothing is validated with them.

Intervals are 95 %, and count several deals of one account for as many as they are worth.
"""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.reports.validation_documents import EstimateFound, RateFound, Share

PatternCaveat = Literal[
    "accounts_as_of_today", "one_by_one", "few_deals", "alike", "open_deals", "not_in_accounts", "outcome_like",
]  # fmt: skip


class QuartilesFound(TypedDict):
    """The middle of a figure over won deals; null under 10 of them."""

    deals: int
    low: Annotated[float, Field(description="Lower quartile.")]
    median: float
    high: Annotated[float, Field(description="Upper quartile.")]


class PatternValue(TypedDict):
    """Deals of the accounts with one value of a field, against those of accounts with another one."""

    value: str
    when: Annotated[dict[str, Any], Field(description="The predicate that an ICP file asks with.")]
    overlaps: Annotated[bool, Field(description="Whether it is a threshold, which holds several bands.")]
    accounts: Annotated[int, Field(description="In the accounts file.")]
    accounts_with_deals: Annotated[int, Field(description="With a deal that was won or lost.")]
    won: int
    lost: int
    open: int
    churned: Annotated[int, Field(description="Accounts that churned.")]
    win_rate: RateFound
    others: Annotated[RateFound, Field(description="Of accounts with another value.")]
    shrunk: Annotated[EstimateFound | None, Field(description="The win rate, shrunk to that of all by 20 deals.")]
    cycle_days: QuartilesFound | None
    deal_usd: QuartilesFound | None
    p_value: Annotated[
        Share | None, Field(description="Two-sided, adjusted for everything compared; null: too little to compare.")
    ]
    claimed: Annotated[Literal["above", "below"] | None, Field(description="Whether it may be said to differ.")]
    outcome_like: Annotated[
        bool, Field(description="Whether it tells won from lost so nearly that outcomes may have written it.")
    ]


class PatternField(TypedDict):
    """One field of the accounts file."""

    field: str
    numbers: Annotated[bool, Field(description="Whether it is measured; its values are then bands and thresholds.")]
    filled: Annotated[int, Field(description="Accounts with closed deals in which it can be read.")]
    values: Annotated[list[PatternValue], Field(description="Bands in order; else most closed deals first.")]


class FieldNotCompared(TypedDict):
    """A column that says nothing here."""

    field: str
    why: str


class PatternCaveatFound(TypedDict):
    """Something that limits what the figures say."""

    code: PatternCaveat
    text: str


class PatternStudy(TypedDict):
    """What was looked at."""

    accounts: int
    accounts_with_deals: Annotated[int, Field(description="With a deal that was won or lost.")]
    deals: Annotated[int, Field(description="Of accounts in the file; deals = won + lost + open.")]
    won: int
    lost: int
    open: int
    churned: int
    not_in_accounts: Annotated[int, Field(description="Deals of accounts that the file lacks: they count nowhere.")]
    worth: Annotated[int, Field(description="So many independent deals tell as much as those won and lost.")]
    compared: Annotated[int, Field(description="Values that were compared with the others.")]
    seed: int


class Patterns(TypedDict):
    """Which accounts a company wins, by field value."""

    summary: str
    study: PatternStudy
    win_rate: RateFound
    cycle_days: QuartilesFound | None
    deal_usd: QuartilesFound | None
    fields: list[PatternField]
    not_compared: list[FieldNotCompared]
    untested: Annotated[list[str], Field(description="Hypotheses that these deals cannot test.")]
    caveats: list[PatternCaveatFound]
    draft: Annotated[str | None, Field(description="The draft of an ICP file; null unless asked for.")]
