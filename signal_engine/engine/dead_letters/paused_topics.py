"""Paused topic-partitions, stored in the transaction that read up to the pause, so that restarts do not forget it.

A topic-partition is paused when most of its records are rejected (`circuit_breaker`), and before an unreadable batch.

The owner reads pauses when it takes the partition and whenever it reloads. Resuming is a transaction of its own that
any process may make: it makes the owner's next transaction fail, whereupon the owner reloads.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports import views
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Unreadable
from signal_engine.engine.ports.log_events.partitions import TopicPaused
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import Applied, TopicRead, Transaction
from signal_engine.wire.storage.documents import known_fields, reading

_TRIES: Final = 100
"""Attempts: a busy partition makes several transactions per second, and each can come between our read and write."""


_UNREADABLE: Final = "unreadable"
"""The reason of a pause before an unreadable batch."""


class Paused(NamedTuple):
    """A pause: since when, and whether too many records were rejected or the next batch is unreadable."""

    at: int
    """ms."""
    refused: int
    of: int
    """Number of rejected records among the latest `of`."""
    reasons: Mapping[str, int]
    """Reason -> number, most frequent first."""
    offset: int
    """The position at which reading resumes."""
    unreadable: str = ""
    """Why the batch at `offset` cannot be read; empty if too many records were rejected."""
    end: int | None = None
    """The position after that batch; None if unknown."""

    def encode(self) -> bytes:
        """JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, text: bytes) -> "Paused":
        """The inverse."""
        with reading("why a topic is paused"):
            return cls(**known_fields(orjson.loads(text), cls._fields))

    def in_words(self) -> str:
        """The reasons, as a list in words."""
        return ", ".join(f"{reason} {many}" for reason, many in self.reasons.items())

    def why(self) -> str:
        """Why it is paused, in words."""
        return why_of(self._asdict())

    def way_on(self, topic: str, partition: int) -> str:
        """The command that resumes it."""
        command = f"signal-engine dlq resume {topic}/{partition}"
        if not self.unreadable:
            return command
        return f"{command} --skip-to {'OFFSET' if self.end is None else self.end}"


def why_of(pause: Mapping[str, Any]) -> str:
    """Why it is paused, in words, from a pause as stored by any release."""
    if pause.get("unreadable"):
        return Unreadable(pause["offset"], pause.get("end"), pause["unreadable"]).in_words()
    return f"{pause.get('refused')} of {pause.get('of')} records were rejected"


def unreadable(at: int, what: Unreadable) -> Paused:
    """The pause before an unreadable batch."""
    return Paused(at, 0, 0, {_UNREADABLE: 1}, what.offset, what.why, what.end)


class TooManyConflicts(SignalEngineError):
    """Other transactions kept coming first."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"{topic}/{partition} is too busy: other transactions came first {_TRIES} times; try again")


class ResumeBeforePosition(SignalEngineError):
    """A resume would go back behind the stored position."""

    exit_code = WRONG_USE

    def __init__(self, topic: str, partition: int, stands: int) -> None:
        super().__init__(f"{topic}/{partition} is at {stands}; it can only be skipped to a later offset")


class PausedTopic(NamedTuple):
    """A topic-partition that is paused."""

    topic: str
    partition: int
    why: Paused


def say_paused(event_log: EventLog, topic: str, partition: int, why: Paused) -> None:
    """Log that a topic-partition is paused, why, and what to do about it."""
    event_log.write(
        TopicPaused(
            topic=topic,
            partition=partition,
            why=why.why(),
            rejected_records=why.refused,
            of_records=why.of,
            reasons=why.in_words(),
            offset=why.offset,
            advice=why.way_on(topic, partition),
        )
    )


async def paused_in(store: Store, partition: int, topics: Iterable[str]) -> dict[str, Paused]:
    """Those of `topics` that are paused in one partition. Raises `StoreTrouble`."""
    names = [*topics]
    found = await store.views(partition, [views.paused(topic) for topic in names])
    return {topic: Paused.decode(view) for topic, view in zip(names, found, strict=True) if view is not None}


async def all_paused(store: Store, partitions: Iterable[int], topics: Sequence[str]) -> list[PausedTopic]:
    """Every topic-partition that is paused, by topic and partition. Raises `StoreTrouble`."""
    found = [
        PausedTopic(topic, number, why)
        for number in partitions
        for topic, why in (await paused_in(store, number, topics)).items()
    ]
    return sorted(found, key=lambda one: one[:2])


async def resume(store: Store, partition: int, topic: str, skip_to: int | None = None) -> PausedTopic | None:
    """Resume a topic-partition; return its pause, or None if it is not paused.

    `skip_to` skips to that offset. Safe to repeat. The owner continues within about a second. Raises `StoreTrouble`,
    `TooManyConflicts`, and `ResumeBeforePosition` if `skip_to` is not beyond the stored position.
    """
    for _ in range(_TRIES):
        positions = await store.positions(partition)  # read first, so that any later transaction conflicts
        if (why := (await paused_in(store, partition, [topic])).get(topic)) is None:
            return None
        reads = []
        if skip_to is not None:
            stands = positions.topics.get(topic, why.offset)
            if skip_to <= stands:
                raise ResumeBeforePosition(topic, partition, stands)
            reads = [TopicRead(topic, stands, skip_to)]
        lifted = Transaction(
            partition=partition, counter=positions.counter, reads=reads, views={views.paused(topic): None}
        )
        if isinstance(await store.apply(lifted), Applied):
            return PausedTopic(topic, partition, why)
    raise TooManyConflicts(topic, partition)
