"""History, which only people read: past signals, past alerts, and the score by day. No decision depends on it.

It is written in the same transaction as the state, capped, and stored apart from what scoring reads, so that only a
request for an account pays for it. Signals and alerts are JSON made by `engine.partition.history_records`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

SIGNALS_KEPT: Final = 50
"""Signals kept per account, the latest ones."""
ALERTS_KEPT: Final = 20
"""Alerts kept per account, the latest ones."""
DAYS_KEPT: Final = 90
"""Days for which scores are kept; an account has one for each day on which it had signals."""
FEED_KEPT: Final = 10_000
"""Alerts kept per partition."""
FEED_DAYS: Final = 30
"""Days for which those alerts are kept, counted back from the newest one."""


class Dated(NamedTuple):
    """An alert of a partition's feed."""

    at: int
    """ms."""
    alert: bytes


class Withdrawn(NamedTuple):
    """An alert that is taken out of histories."""

    account: str
    feed: bytes
    """As the partition's feed has it."""
    alerts: Sequence[bytes]
    """As the account's latest alerts may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one transaction adds to the history."""

    signals: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """Account -> its new signals, in the order in which they were applied, at most `SIGNALS_KEPT`."""
    alerts: Mapping[str, Sequence[bytes]] = field(default_factory=dict)
    """Account -> its new alerts, in the order in which they were decided, at most `ALERTS_KEPT`."""
    scores: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    """Day (since 1970-01-01) -> account -> its score at the last signal of that day, rounded."""
    feed: Sequence[Dated] = ()
    """New alerts of the partition."""
    withdrawn: Sequence["Withdrawn"] = ()
    """Alerts that are no longer kept as they were; what they are now is among `alerts` and `feed`."""
    forgotten: Collection[str] = ()
    """Accounts whose signals and alerts are removed. Scores are removed with their day."""

    @property
    def empty(self) -> bool:
        """Whether it adds and removes nothing."""
        return not (self.signals or self.alerts or self.scores or self.feed or self.withdrawn or self.forgotten)


class AccountHistory(NamedTuple):
    """The history of one account."""

    signals: list[bytes]
    """Newest first."""
    alerts: list[bytes]
    """Newest first."""
    scores: dict[int, float]
    """Day -> score."""


def ends_at(day: int) -> int:
    """When the scores of `day` expire, in s since 1970."""
    return (day + DAYS_KEPT + 1) * 86_400
