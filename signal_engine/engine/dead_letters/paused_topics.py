"""Topic-partitions that are paused: written down in the step that read so far, so that no restart forgets it.

One is paused when too much of it is refused (`flood`), and before a batch that cannot be read.

The owner reads it when it takes the partition and whenever it has lost track. To let one go on is a step of its own,
which whoever asks may make: the owner's next step is refused by it, and the owner looks again.
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
from signal_engine.wire.storage.documents import reading

_TRIES: Final = 100
"""A busy partition makes some steps a second, and each can be between our look and our step."""


UNREADABLE: Final = "unreadable"
"""The reason of a pause before a batch that cannot be read."""


class Paused(NamedTuple):
    """Since when, and why: too much was refused, or what comes next cannot be read."""

    at: int
    """ms."""
    refused: int
    of: int
    """So many of the last records were refused."""
    reasons: Mapping[str, int]
    """Reason -> how many, the most frequent first."""
    offset: int
    """Where reading goes on."""
    unreadable: str = ""
    """Why the batch at `offset` cannot be read; empty: too much was refused."""
    end: int | None = None
    """The position after that batch; None when nobody can say."""

    def encode(self) -> bytes:
        """JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, text: bytes) -> "Paused":
        """The inverse."""
        with reading("why a topic is paused"):
            return cls(**orjson.loads(text))

    def told(self) -> str:
        """The reasons in a few words."""
        return ", ".join(f"{reason} {many}" for reason, many in self.reasons.items())

    def why(self) -> str:
        """Why, in a few words."""
        return why_of(self._asdict())

    def way_on(self, topic: str, partition: int) -> str:
        """The command that lets it go on."""
        command = f"signal-engine dlq resume {topic}/{partition}"
        if not self.unreadable:
            return command
        return f"{command} --skip-to {'OFFSET' if self.end is None else self.end}"


def why_of(told: Mapping[str, Any]) -> str:
    """Why, in a few words, of a pause as it is stored, by whichever release."""
    if told.get("unreadable"):
        return Unreadable(told["offset"], told.get("end"), told["unreadable"]).told()
    return f"{told.get('refused')} of {told.get('of')} records were refused"


def unreadable(at: int, what: Unreadable) -> Paused:
    """The pause before a batch that cannot be read."""
    return Paused(at, 0, 0, {UNREADABLE: 1}, what.offset, what.why, what.end)


class TooBusy(SignalEngineError):
    """Other steps were first, again and again."""

    def __init__(self, topic: str, partition: int) -> None:
        super().__init__(f"{topic}/{partition} is too busy: other steps were first {_TRIES} times; try again")


class Backwards(SignalEngineError):
    """What was read cannot be read again this way."""

    exit_code = WRONG_USE

    def __init__(self, topic: str, partition: int, stands: int) -> None:
        super().__init__(f"{topic}/{partition} stands at {stands}: it can be skipped to a later offset only")


class PausedTopic(NamedTuple):
    """A topic-partition that is paused."""

    topic: str
    partition: int
    why: Paused


def say_paused(event_log: EventLog, topic: str, partition: int, why: Paused) -> None:
    """Says that a topic-partition is paused, why, and what to do about it."""
    event_log.write(
        TopicPaused(
            topic=topic,
            partition=partition,
            why=why.why(),
            rejected_records=why.refused,
            of_records=why.of,
            reasons=why.told(),
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
    """Lets a topic-partition go on; what it was, None when it is not paused.

    With `skip_to` it goes on there: what lies between is not read. Safe to repeat. Its owner reads on within about a
    second. Raises `StoreTrouble`, `TooBusy` and, when `skip_to` is not beyond where it stands, `Backwards`.
    """
    for _ in range(_TRIES):
        positions = await store.positions(partition)  # before the look: what comes after it is fenced
        if (why := (await paused_in(store, partition, [topic])).get(topic)) is None:
            return None
        reads = []
        if skip_to is not None:
            stands = positions.topics.get(topic, why.offset)
            if skip_to <= stands:
                raise Backwards(topic, partition, stands)
            reads = [TopicRead(topic, stands, skip_to)]
        lifted = Transaction(
            partition=partition, counter=positions.counter, reads=reads, views={views.paused(topic): None}
        )
        if isinstance(await store.apply(lifted), Applied):
            return PausedTopic(topic, partition, why)
    raise TooBusy(topic, partition)
