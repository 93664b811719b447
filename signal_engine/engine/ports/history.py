"""History, which only people read: past signals, past alerts, and the score by day. No decision depends on it.

It is written in the same transaction as the state, capped, and stored apart from what scoring reads, so that only a
request for an account pays for it. Signals and alerts are JSON made by `engine.partition.history_records`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

SIGNALS_KEPT: Final = 50
"""Signals kept per account, the latest ones."""
ALERTS_KEPT: Final = 20
"""Alerts kept per account, the latest ones."""
DAYS_KEPT: Final = 90
"""Days for which scores are kept; an account has one for each day on which it had signals."""
FEED_KEPT: Final = 10_000
"""Alerts kept per partition, and hand raises."""
FEED_DAYS: Final = 30
"""Days for which those are kept, counted back from the newest one."""


OUTCOMES_KEPT: Final = 200
"""Outcomes kept per account, the latest ones."""


class Dated(NamedTuple):
    """An alert or a hand raise of a partition."""

    at: int
    """ms."""
    record: bytes


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
    raises: Sequence[Dated] = ()
    """New hand raises of the partition (`wire.storage.hand_raises`)."""
    withdrawn: Sequence["Withdrawn"] = ()
    """Alerts that are no longer kept as they were; what they are now is among `alerts` and `feed`."""
    forgotten: Collection[str] = ()
    """Accounts whose signals and alerts are removed. Scores are removed with their day."""

    @property
    def empty(self) -> bool:
        """Whether it adds and removes nothing."""
        added = self.signals or self.alerts or self.scores or self.feed or self.raises
        return not (added or self.withdrawn or self.forgotten)


class AccountHistory(NamedTuple):
    """The history of one account."""

    signals: list[bytes]
    """Newest first."""
    alerts: list[bytes]
    """Newest first."""
    scores: dict[int, float]
    """Day -> score."""


class OutcomesPage(NamedTuple):
    """A batch of accounts. One can appear twice, since the data can change meanwhile; none is left out."""

    cursor: int
    """Pass it on to get more; 0 at the end."""
    values: dict[str, bytes]
    """Account -> its outcomes."""


class OutcomeHistory(Protocol):
    """The outcomes of accounts, partition by partition; a part of the store. Every method may raise `StoreTrouble`.

    No transaction writes them, and no position of a transaction is theirs: they are facts for people, read from their
    topic beside everything else, and read again from its beginning wherever they are lost.
    """

    async def outcomes_read(self, partition: int) -> bytes | None:
        """How far the topic has been read (`wire.storage.outcomes.ReadUpTo`); None if not at all."""

    async def outcomes(self, partition: int, accounts: Sequence[str]) -> list[bytes | None]:
        """The outcomes of `accounts` (`wire.storage.outcomes`), in the order of the request; None where there are
        none.
        """

    async def with_outcomes(self, partition: int, cursor: int = 0, limit: int = 500) -> OutcomesPage:
        """About `limit` accounts that have outcomes."""

    async def put_outcomes(
        self, partition: int, read: bytes | None, now_read: bytes, changed: Mapping[str, bytes], *, anew: bool = False
    ) -> bool:
        """Write `changed` outcomes with how far the topic is read now, if it was read just as far as `read`.

        `anew` removes everything that was there before. Return whether it was written: if not, another owner has read
        on. All of it is written at once, or nothing.
        """


def ends_at(day: int) -> int:
    """When the scores of `day` expire, in s since 1970."""
    return (day + DAYS_KEPT + 1) * 86_400
