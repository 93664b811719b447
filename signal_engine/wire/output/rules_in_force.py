"""Which rules are in force, since when and by whom, as a part of documents for people and machines."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant


class PublicationNow(TypedDict):
    """The publication of what is in force; null if it was never published."""

    since: Instant | None
    by: Annotated[str | None, Field(description="Who published it; `first start` where no person did.")]
    reason: str | None


class ScoringNow(PublicationNow):
    """The scoring file in force. Never published, it is a worker's own."""

    config_version: str


class IcpNow(PublicationNow):
    """An ICP in force. A version that was never published was named by a load of accounts."""

    icp: str
    version: int
    owner: str
    review_by: str
    annual_review_by: str | None


class RulesNow(TypedDict):
    """What is in force."""

    scoring: Annotated[ScoringNow | None, Field(description="Null before the first worker.")]
    icps: list[IcpNow]
