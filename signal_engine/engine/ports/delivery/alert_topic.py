"""The topic of alerts, read by a consumer group of its own; and what is known of its accounts."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.engine.ports.fetched import FetchedRecord


class TopicReach(NamedTuple):
    """What Kafka knows of one partition of the topic of alerts."""

    committed: int | None
    """The group's offset; None: it never committed one here."""
    group_is_known: bool
    """It has committed one on some partition of the topic."""
    beginning: int
    end: int


TakeAlerts = Callable[[int, Sequence[FetchedRecord]], Awaitable[int | None]]
"""Given a partition and its records; returns the offset up to which it is planned now, where reading goes on; None:
nothing was done, since the partition was given up or begun anew meanwhile."""


class AlertReader(Protocol):
    """A member of the group that reads the topic of alerts."""

    async def reach(self, partition: int) -> TopicReach:
        """What Kafka knows of the partition."""

    async def offset_at(self, partition: int, at: int) -> int:
        """The offset of the first record at `at` (ms) or later; the end where there is none."""

    async def time_before(self, partition: int, offset: int) -> int | None:
        """The timestamp (ms) of the last record before `offset`; None where there is none any more."""

    def begin_anew(self, partition: int) -> None:
        """Take an assigned partition again, and read on from where that says."""

    async def run(
        self,
        taken: Callable[[Iterable[int]], Awaitable[Mapping[int, int]]],
        given_up: Callable[[Iterable[int]], Awaitable[None]],
        take: TakeAlerts,
    ) -> None:
        """Read until cancelled. `taken` says where each new partition starts; `given_up` returns once it is let go."""


class WhyItFits(NamedTuple):
    """What one version of an ICP says of an account, and who must say yes by it."""

    reasons: tuple[str, ...] = ()
    """In words, as the fit row has them."""
    buying_group: tuple[str, ...] = ()
    """Personas."""


class AccountsSeen(Protocol):
    """What is known of accounts beside their alerts."""

    async def seen(self, account: str, now: int) -> ActionsSeen:
        """What people did about it that is in force at `now` (ms)."""

    async def why_it_fits(self, account: str, icp: str, version: int) -> WhyItFits:
        """By this version of the ICP; nothing of what another one says."""
