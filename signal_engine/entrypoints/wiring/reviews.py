"""Warn, wherever an ICP's fit shows, that its review date has passed."""

from collections.abc import Iterable
from datetime import UTC, datetime

from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.config.icp_file import Reviewed, review_passed


def warn_of_reviews(icps: Iterable[Reviewed], at: int) -> None:
    """Print a warning for each ICP whose review date has passed at `at` (ms since 1970)."""
    warn = Warnings()
    for icp in icps:
        if message := review_passed(icp, datetime.fromtimestamp(at / SECOND, UTC).date()):
            warn(message)
