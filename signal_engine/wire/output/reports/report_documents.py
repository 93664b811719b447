"""What `report NAME` prints with `--json`; its rows are the lines of `--csv` (contract.md, section 5).

Nothing is validated with them.
"""

from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.actions.action import ActionName
from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.criteria import Stage
from signal_engine.core.fit.icp import Decision
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.decision_documents import (
    Decisions,
    OpenDecision,
    PipelineMisfit,
    PipelineMisfits,
)
from signal_engine.wire.output.reports.icp_documents import UnknownField
from signal_engine.wire.output.reports.reported_account import ReportedAccount, ReportHead, ReportName
from signal_engine.wire.output.reports.work_documents import (
    Capacity,
    ChangedSystem,
    PersonsCapacity,
    ResponseTimes,
    ResponseTimesOf,
    Wiring,
)


class CriterionCost(TypedDict):
    """What one criterion of one ICP costs."""

    icp: str
    stage: Stage
    criterion: str
    accounts: Annotated[int, Field(description="Accounts of the report that it excludes.")]
    alone: Annotated[
        int | None,
        Field(description="Of those, accounts that no other criterion of this ICP excludes; null if not known."),
    ]


class OutsideIcp(ReportedAccount):
    """A prospect with strong signals that does not fit."""

    icp: Annotated[str, Field(description="The primary one.")]
    stage: Stage
    criterion: Annotated[str, Field(description="The first criterion of the funnel that excludes it.")]
    others: Annotated[list[str], Field(description="Other criteria that exclude it.")]


class HighIntentOutsideIcp(ReportHead):
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


class NearFits(ReportHead):
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


class UnknownFit(ReportHead):
    """Accounts that are undecided because of missing data, highest score first."""

    fields: Annotated[list[FieldOfIcp], Field(description="First the field that would decide most accounts.")]
    rows: list[UndecidedAccount]


class NotInAccounts(ReportHead):
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
    answered_at: Annotated[Instant | None, Field(description="When a person first answered after it arrived.")]
    answered_by: Annotated[str | None, Field(description="E-mail of that person; null if it is no longer known.")]
    answered_with: Annotated[ActionName | None, Field(description="The account action that answered.")]


class Inbound(ReportHead):
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
    count: Annotated[int, Field(description="Of merged rows: those that another row of their account stands for.")]
    of: Annotated[int | None, Field(description="The total; null if that is meaningless.")]
    since: Annotated[Instant | None, Field(description="Of a source: its last event.")]
    examples: Annotated[
        list[str],
        Field(description="At most five: accounts; of merged rows their CRM ids, or over files their lines."),
    ]


class DataQuality(ReportHead):
    """Gaps in accounts and events."""

    rows: list[Finding]


Report: TypeAlias = (
    HighIntentOutsideIcp
    | NearFits
    | UnknownFit
    | NotInAccounts
    | Inbound
    | Decisions
    | PipelineMisfits
    | DataQuality
    | Capacity
    | ResponseTimes
    | Wiring
)
ROW_FIELDS: Final[dict[ReportName, tuple[str, ...]]] = {
    "high-intent-outside-icp": tuple(OutsideIcp.__annotations__),
    "near-fits": tuple(NearFit.__annotations__),
    "unknown": tuple(UndecidedAccount.__annotations__),
    "not-in-accounts": tuple(ReportedAccount.__annotations__),
    "inbound": tuple(HandRaised.__annotations__),
    "decisions": tuple(OpenDecision.__annotations__),
    "pipeline-misfits": tuple(PipelineMisfit.__annotations__),
    "data-quality": tuple(Finding.__annotations__),
    "capacity": tuple(PersonsCapacity.__annotations__),
    "response": tuple(ResponseTimesOf.__annotations__),
    "wiring": tuple(ChangedSystem.__annotations__),
}
"""The columns of a report, in order: an account's own first."""
