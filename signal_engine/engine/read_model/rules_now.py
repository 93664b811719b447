"""Which rules are in force, since when and by whom, and which of them are to be reviewed."""

from collections.abc import Sequence
from datetime import UTC, datetime

from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.config.icp_file import review_passed
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.rules_in_force import PublicationNow, RulesNow, ScoringNow
from signal_engine.wire.storage.in_force import IcpInForce, PublishedBy, VersionPublished


def rules_now(config_version: str | None, published: PublishedBy | None, icps: Sequence[IcpInForce]) -> RulesNow:
    """The document of what is in force."""
    scoring: ScoringNow | None = None
    if config_version is not None:
        scoring = {"config_version": config_version, **_publication(published)}
    return {
        "scoring": scoring,
        "icps": [
            {
                "icp": icp.icp,
                "version": icp.version,
                "owner": icp.owner_name,
                "review_by": icp.review_by,
                "annual_review_by": icp.annual_review_by,
                **_publication(icp.published),
            }
            for icp in icps
        ],
    }


def _publication(published: PublishedBy | VersionPublished | None) -> PublicationNow:
    if published is None:
        return {"since": None, "by": None, "reason": None}
    return {"since": format_instant(published.at), "by": published.by, "reason": published.reason}


def reviews_passed(icps: Sequence[IcpInForce], at: int) -> list[str]:
    """A warning for each ICP in force of which a review date has passed at `at` (ms)."""
    day = datetime.fromtimestamp(at / SECOND, UTC).date()
    return [warning for icp in icps if (warning := review_passed(icp, day)) is not None]
