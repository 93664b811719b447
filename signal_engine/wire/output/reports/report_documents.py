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
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.icp_documents import UnknownField

ReportName = Literal["high-intent-outside-icp", "near-fits", "unknown", "not-in-accounts", "inbound", "data-quality"]
REPORT_NAMES: Final[tuple[ReportName, ...]] = get_args(ReportName)


class ReportedAccount(TypedDict):
    """The fields of an account that every report has."""

    account_id: str
    name: str | None
    owner: str | None
    sdr: Annotated[str | None, Field(description="Who calls; the owner if the accounts file names no SDR.")]
    relation: Relation
    level: Level
    score: float
    why_now: Annotated[str | None, Field(description="Null if it has no signals.")]
    last_signal_at: Instant | None


class _Report(TypedDict):
    report: ReportName
    at: Annotated[Instant, Field(description="Everything is evaluated at this instant.")]
    config_version: str


class CriterionCost(TypedDict):
    """What one criterion of one ICP costs."""

    icp: str
    stage: Stage
    criterion: str
    accounts: Annotated[int, Field(description="Accounts of the report that it excludes.")]
    alone: Annotated[int, Field(description="Of those, accounts that no other criterion of this ICP excludes.")]


class OutsideIcp(ReportedAccount):
    """A prospect with strong signals that does not fit."""

    icp: Annotated[str, Field(description="The primary one.")]
    stage: Stage
    criterion: Annotated[str, Field(description="The first criterion of the funnel that excludes it.")]
    others: Annotated[list[str], Field(description="Other criteria that exclude it.")]


class HighIntentOutsideIcp(_Report):
    """Prospects that are warm or hot and do not fit, strongest first."""

    costs: Annotated[list[CriterionCost], Field(description="Highest cost first.")]
    rows: list[OutsideIcp]


class NearFit(ReportedAccount):
    """An account that a single criterion keeps from being chased."""

    icp: str
    stage: Stage
    criterion: str
    distance: Annotated[
        float | None,
        Field(description="How much its number must change (in fit points for a tier); null if it is not a number."),
    ]
    would_be: Annotated[str | None, Field(description="The tier that its points would give; null if below the lowest.")]


class NearFits(_Report):
    """Accounts that fail a single criterion, highest score first."""

    costs: list[CriterionCost]
    rows: list[NearFit]


class FieldOfIcp(UnknownField):
    """A field that keeps accounts undecided for one ICP."""

    icp: str


class UndecidedAccount(ReportedAccount):
    """An account that is undecided because of missing data."""

    icp: Annotated[str, Field(description="The primary one.")]
    missing: Annotated[list[str], Field(description="Required fields that are missing or unreadable.")]


class UnknownFit(_Report):
    """Accounts that are undecided because of missing data, highest score first."""

    fields: Annotated[list[FieldOfIcp], Field(description="First the field that would decide most accounts.")]
    rows: list[UndecidedAccount]


class NotInAccounts(_Report):
    """Companies outside the accounts file that are warm or hot or asked to be called, strongest first."""

    rows: list[ReportedAccount]


class HandRaised(ReportedAccount):
    """A hand raise: someone asked to be called."""

    raised_at: Instant
    text: str
    persona: str
    decision: Annotated[Decision | None, Field(description="Of the primary ICP; null if it is in no accounts file.")]
    alert: Annotated[AlertType | None, Field(description="The alert that it gave.")]
    why_not: Annotated[NoAlertReason | None, Field(description="Why no rep was alerted.")]
    backfill: Annotated[bool, Field(description="Loaded as history: it pins nothing, and no alert is sent.")]
    answered_at: Annotated[Instant | None, Field(description="When a person answered, after it arrived.")]


class Inbound(_Report):
    """Every hand raise of the last 30 days, newest first."""

    unanswered: Annotated[int, Field(description="The goal is 0. Backfilled ones are not counted.")]
    rows: list[HandRaised]


DataCheck = Literal[
    "no_owner", "no_sdr", "nobody_calls", "merged_rows", "unread_column", "other_persona", "off_list", "silent_source"
]


class Finding(TypedDict):
    """One gap in the data."""

    check: DataCheck
    subject: Annotated[str, Field(description="All accounts, the chased ones, an account, a column, a title, ...")]
    count: int
    of: Annotated[int | None, Field(description="The total; null if that is meaningless.")]
    since: Annotated[Instant | None, Field(description="Of a source: its last event.")]
    examples: Annotated[list[str], Field(description="At most five.")]


class DataQuality(_Report):
    """Gaps in accounts and events."""

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
