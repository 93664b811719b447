"""Writes once a day which ICPs in force are to be reviewed. Nothing stops for it."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.log_events.processes import IcpReviewPassed
from signal_engine.wire.config.icp_file import review_passed

_RECHECK_S: Final = 5.0


async def remind_of_reviews(context: EngineContext) -> None:
    """Runs until cancelled; the owner of one partition does, so that it is written once."""
    said: set[tuple[str, int, str]] = set()
    while True:
        day = datetime.fromtimestamp(context.clock() / SECOND, UTC).date()
        for icp in context.fit.icps if context.fit else ():
            key = (icp.icp, icp.version, day.isoformat())
            if key not in said and review_passed(icp, day):
                said.add(key)
                context.event_log.write(
                    IcpReviewPassed(
                        icp=icp.icp,
                        version=icp.version,
                        review_by=icp.review_by,
                        annual_review_by=icp.annual_review_by,
                    )
                )
        await asyncio.sleep(_RECHECK_S)
