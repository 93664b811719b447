"""What `report NAME` prints with `--json`; its rows are the lines of `--csv` (contract.md, section 5).

Nothing is validated with them.
"""

from typing import Annotated, Final, Literal, TypeAlias, get_args

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.criteria import Stage
from signal_engine.core.fit.icp import Decision
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.policy import Level
from signal_engine.core.rules.relations import Relation
from signal_engine.wire.output.icp_documents import UnknownField
from signal_engine.wire.output.models import Instant

ReportName = Literal["high-intent-outside-icp", "near-fits", "unknown", "not-in-accounts", "inbound", "data-quality"]
REPORT_NAMES: Final[tuple[ReportName, ...]] = get_args(ReportName)


class ReportedAccount(TypedDict):
    """An account as every report tells of it."""

    account_id: str
    name: str | None
    owner: str | None
    sdr: Annotated[str | None, Field(description="Who calls; the owner where the accounts file names nobody.")]
    relation: Relation
    level: Level
    score: float
    why_now: Annotated[str | None, Field(description="Null where it gave no signal.")]
    last_signal_at: Instant | None


class _Report(TypedDict):
    report: ReportName
    at: Annotated[Instant, Field(description="Everything is judged as of this instant.")]
    config_version: str


class CriterionCost(TypedDict):
    """What one criterion of one ICP costs."""

    icp: str
    stage: Stage
    criterion: str
    accounts: Annotated[int, Field(description="Accounts of the report that it speaks against.")]
    alone: Annotated[int, Field(description="Of them, those that nothing else of this ICP speaks against.")]


class OutsideIcp(ReportedAccount):
    """A prospect that shows intent and does not fit."""

    icp: Annotated[str, Field(description="The primary one.")]
    stage: Stage
    criterion: Annotated[str, Field(description="The first of the funnel that excludes it.")]
    others: Annotated[list[str], Field(description="What else speaks against it.")]


class HighIntentOutsideIcp(_Report):
    """Prospects that score warm or more and do not fit, strongest first."""

    costs: Annotated[list[CriterionCost], Field(description="What costs most first.")]
    rows: list[OutsideIcp]


class NearFit(ReportedAccount):
    """An account that one criterion keeps from being chased."""

    icp: str
    stage: Stage
    criterion: str
    distance: Annotated[
        float | None,
        Field(description="How much its number would have to change (fit points, of a tier); null: it is no number."),
    ]
    would_be: Annotated[str | None, Field(description="The tier that its points give it; null below the lowest.")]


class NearFits(_Report):
    """Accounts that are one criterion short, those with the highest score first."""

    costs: list[CriterionCost]
    rows: list[NearFit]


class FieldOfIcp(UnknownField):
    """A field that keeps accounts undecided for one ICP."""

    icp: str


class UndecidedAccount(ReportedAccount):
    """An account that is undecided for missing data."""

    icp: Annotated[str, Field(description="The primary one.")]
    missing: Annotated[list[str], Field(description="Required fields that are missing or unreadable.")]


class UnknownFit(_Report):
    """Accounts that are undecided for missing data, those with the highest score first."""

    fields: Annotated[list[FieldOfIcp], Field(description="What would decide most first.")]
    rows: list[UndecidedAccount]


class NotInAccounts(_Report):
    """Companies in no accounts file that are warm or asked to be called, strongest first."""

    rows: list[ReportedAccount]


class HandRaised(ReportedAccount):
    """Somebody asked to be called."""

    raised_at: Instant
    text: str
    persona: str
    decision: Annotated[Decision | None, Field(description="Of the primary ICP; null: in no accounts file.")]
    alert: Annotated[AlertType | None, Field(description="The alert that it gave.")]
    why_not: Annotated[NoAlertReason | None, Field(description="Why no rep was alerted.")]
    backfill: Annotated[bool, Field(description="History being loaded: it pins nothing, and nobody is sent an alert.")]
    answered_at: Annotated[Instant | None, Field(description="When a person answered after it had come in.")]


class Inbound(_Report):
    """Every hand raise of the last 30 days, newest first."""

    unanswered: Annotated[int, Field(description="The goal is none. Backfilled ones are not counted.")]
    rows: list[HandRaised]


DataCheck = Literal[
    "no_owner", "no_sdr", "nobody_calls", "merged_rows", "unread_column", "other_persona", "off_list", "silent_source"
]


class Finding(TypedDict):
    """One thing that data lack."""

    check: DataCheck
    subject: Annotated[str, Field(description="All accounts, those to chase; an account, a column, a title, ...")]
    count: int
    of: Annotated[int | None, Field(description="Among so many; null where that says nothing.")]
    since: Annotated[Instant | None, Field(description="Of a source: its last event.")]
    examples: Annotated[list[str], Field(description="At most five.")]


class DataQuality(_Report):
    """What accounts and events lack."""

    rows: list[Finding]


Report: TypeAlias = HighIntentOutsideIcp | NearFits | UnknownFit | NotInAccounts | Inbound | DataQuality
ROW_FIELDS: Final[dict[ReportName, tuple[str, ...]]] = {
    "high-intent-outside-icp": tuple(OutsideIcp.__annotations__),
    "near-fits": tuple(NearFit.__annotations__),
    "unknown": tuple(UndecidedAccount.__annotations__),
    "not-in-accounts": tuple(ReportedAccount.__annotations__),
    "inbound": tuple(HandRaised.__annotations__),
    "data-quality": tuple(Finding.__annotations__),
}
"""The columns of a report, in order: an account's own first."""
