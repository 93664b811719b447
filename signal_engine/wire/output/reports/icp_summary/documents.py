"""What `icp show` prints with `--json` (contract.md, section 5). Nothing is validated with it."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.fit.icp import Decision
from signal_engine.core.rules.kinds import Kind
from signal_engine.wire.output.models import Instant


class ShownCondition(TypedDict):
    """What is asked of one field: `employee_count`, `is at least 200`."""

    field: str
    words: str


class DisqualifierShown(TypedDict):
    """It rules an account out when all its conditions hold."""

    reason: str
    when: list[ShownCondition]


class PointsShown(TypedDict):
    """Points of fit for accounts of which all conditions hold."""

    points: float
    label: str
    when: list[ShownCondition]


class TierShown(TypedDict):
    """What a fit score means."""

    tier: str
    lowest: Annotated[float, Field(description="The fit score from which it begins.")]
    decision: Decision


class CallingRule(TypedDict):
    """A rule of the scoring file whose signal is a reason to call by itself."""

    reason: Annotated[Literal["hand_raise", "trigger"], Field(description="Somebody asked, or something happened.")]
    kind: Kind
    when: Annotated[list[ShownCondition], Field(description="Of the event; all hold. Empty: every event of the kind.")]
    unless: Annotated[
        list[list[ShownCondition]],
        Field(description="Narrower rules that come first and are no reason to call; each holds if all its parts do."),
    ]


class PublishedAs(TypedDict):
    """Where a published version comes from."""

    at: Instant
    by: str
    reason: str
    in_force: bool
    rollback_to: int | None


class IcpSummary(TypedDict):
    """All that it takes to say yes or no to an account."""

    icp: str
    version: int
    owner: str
    owner_email: str
    review_by: Annotated[str, Field(description="YYYY-MM-DD.")]
    annual_review_by: str | None
    review_passed: Annotated[str | None, Field(description="The warning, if a review date has passed.")]
    must_have: list[ShownCondition]
    disqualify: list[DisqualifierShown]
    base: Annotated[float, Field(description="The fit score before points.")]
    points: Annotated[list[PointsShown], Field(description="Most points first.")]
    tiers: Annotated[list[TierShown], Field(description="Highest first.")]
    buying_group: Annotated[list[str], Field(description="Personas that must say yes.")]
    calls: Annotated[list[CallingRule], Field(description="Hand raises first.")]
    config_version: Annotated[str, Field(description="Of the scoring file that `calls` are from.")]
    published: Annotated[PublishedAs | None, Field(description="Null for a file.")]
