"""What only people look at: past signals, past alerts, and the score day by day. No transaction ever reads it.

It is written in the transaction that makes it, capped, and kept apart from what judging reads: who asks about an
account pays for it, not who judges. Signals and alerts are JSON (`engine.partition.history_records` makes them).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

SIGNALS_KEPT: Final = 50
"""The latest signals of an account."""
ALERTS_KEPT: Final = 20
"""The latest alerts of an account."""
DAYS_KEPT: Final = 90
"""Days of which the score of an account is kept, where it had signals."""
FEED_KEPT: Final = 10_000
"""Alerts of a partition."""
FEED_DAYS: Final = 30
"""Days, before the newest alert written, of which they are kept."""


class Dated(NamedTuple):
    """An alert of a partition."""

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
    """What one transaction adds."""

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
    """Accounts whose signals and alerts go. Scores go by themselves when their day does."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.signals or self.alerts or self.scores or self.feed or self.withdrawn or self.forgotten)


class AccountHistory(NamedTuple):
    """What is kept of one account."""

    signals: list[bytes]
    """Newest first."""
    alerts: list[bytes]
    """Newest first."""
    scores: dict[int, float]
    """Day -> score."""


def ends_at(day: int) -> int:
    """When (s since 1970) the scores of a day are no longer kept."""
    return (day + DAYS_KEPT + 1) * 86_400
