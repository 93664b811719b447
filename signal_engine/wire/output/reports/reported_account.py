"""What all reports have in common: their names, their head, and the fields of an account."""

from typing import Annotated, Final, Literal, get_args

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.rules.policy import Level
from signal_engine.core.rules.relations import Relation
from signal_engine.wire.output.models import Instant

ReportName = Literal[
    "high-intent-outside-icp",
    "near-fits",
    "unknown",
    "not-in-accounts",
    "inbound",
    "decisions",
    "pipeline-misfits",
    "data-quality",
    "capacity",
    "response",
    "wiring",
]
REPORT_NAMES: Final[tuple[ReportName, ...]] = get_args(ReportName)
MAX_LIVE_ROWS: Final = 10_000
"""Rows of a report on live state: the first so many."""


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


class ReportHead(TypedDict):
    """What every report begins with."""

    report: ReportName
    at: Annotated[Instant, Field(description="Everything is evaluated at this instant.")]
    config_version: str
    lacks: Annotated[
        list[str],
        Field(description="What the report leaves out since its source does not know it; empty over files."),
    ]
    total: Annotated[int, Field(description=f"Number of rows; the live engine gives the first {MAX_LIVE_ROWS:,}.")]
