"""Topic-partitions that are paused: written down in the step that read so far, so that no restart forgets it.

The owner reads it when it takes the partition and whenever it has lost track. To let one go on is a step of its own,
which whoever asks may make: the owner's next step is refused by it, and the owner looks again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from signal_engine.engine.journal import Journal
from signal_engine.engine.step_store import StepStore
from signal_engine.engine.steps import Applied, Step

_TRIES: Final = 100
"""A busy partition makes some steps a second, and each can be between our look and our step."""


class Paused(NamedTuple):
    """Since when, and why."""

    at: int
    """ms."""
    refused: int
    of: int
    """So many of the last records were refused."""
    reasons: Mapping[str, int]
    """Reason -> how many, the most frequent first."""
    offset: int
    """Where reading goes on."""

    def encode(self) -> bytes:
        """JSON."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, text: bytes) -> "Paused":
        """The inverse."""
        return cls(**orjson.loads(text))

    def told(self) -> str:
        """The reasons in a few words."""
        return ", ".join(f"{reason} {many}" for reason, many in self.reasons.items())


@dataclass(frozen=True, slots=True)
class TooBusy(Exception):
    """Other steps were first, again and again."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} is too busy: other steps were first {_TRIES} times; try again"


class PausedTopic(NamedTuple):
    """A topic-partition that is paused."""

    topic: str
    partition: int
    why: Paused


def view_of(topic: str) -> str:
    """The view of a partition that says that a topic of it is paused."""
    return f"paused:{topic}"


def say_paused(journal: Journal, topic: str, partition: int, why: Paused) -> None:
    """Says that a topic-partition is paused, why, and what to do about it."""
    journal.error(
        "topic_paused",
        topic=topic, partition=partition, refused=why.refused, of=why.of, reasons=why.told(), offset=why.offset,
        then=f"signal-engine dlq resume {topic}/{partition}",
    )  # fmt: skip


async def paused_in(store: StepStore, partition: int, topics: Iterable[str]) -> dict[str, Paused]:
    """Those of `topics` that are paused in one partition. Raises `StoreTrouble`."""
    names = [*topics]
    views = await store.views(partition, [view_of(topic) for topic in names])
    return {topic: Paused.decode(view) for topic, view in zip(names, views, strict=True) if view is not None}


async def all_paused(store: StepStore, partitions: Iterable[int], topics: Sequence[str]) -> list[PausedTopic]:
    """Every topic-partition that is paused, by topic and partition. Raises `StoreTrouble`."""
    found = [
        PausedTopic(topic, number, why)
        for number in partitions
        for topic, why in (await paused_in(store, number, topics)).items()
    ]
    return sorted(found, key=lambda one: one[:2])


async def resume(store: StepStore, partition: int, topic: str) -> PausedTopic | None:
    """Lets a topic-partition go on; what it was, None when it is not paused. Raises `StoreTrouble` and `TooBusy`.

    Safe to repeat. Its owner reads on within about a second.
    """
    for _ in range(_TRIES):
        counter = (await store.positions(partition)).counter  # before the look: what comes after it is fenced
        if (why := (await paused_in(store, partition, [topic])).get(topic)) is None:
            return None
        lifted = Step(partition=partition, counter=counter, views={view_of(topic): None})
        if isinstance(await store.apply(lifted), Applied):
            return PausedTopic(topic, partition, why)
    raise TooBusy(topic, partition)
