"""The document of `explain`; `compare` and `report` build on it."""

from typing import NotRequired

from signal_engine.wire.outcomes.documents import AccountOutcomes
from signal_engine.wire.output.api_documents import Explanation, PastAlert
from signal_engine.wire.output.models import Alert, Instant
from signal_engine.wire.output.reports.what_if_documents import WhatIf


class ExplainedReplay(Explanation):
    """One account at the end of a replay."""

    until: Instant
    config_version: str
    alerts: list[Alert]


class ExplainDocument(Explanation):
    """One account at an instant: an `ExplainedReplay` or an `AccountNow` of the API, and what was asked for besides."""

    until: Instant
    config_version: str
    complete_until: NotRequired[Instant | None]
    """Of a live engine only, like `stale`."""
    stale: NotRequired[bool]
    alerts: NotRequired[list[PastAlert] | list[Alert]]
    """As kept by a live engine, or complete, of a replay."""
    outcomes: NotRequired[AccountOutcomes]
    """Of a live engine only."""
    what_if: NotRequired[WhatIf]
    """With `--what-if` only."""
