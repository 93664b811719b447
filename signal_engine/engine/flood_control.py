"""The pause of a topic-partition after a flood of refusals, as people see it and lift it.

The pause is a view of the partition under `paused:TOPIC`, written in a step by the worker that noticed the flood; it
stays there across restarts. Resuming is a step that takes it away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.engine.step_store import StepStore
from signal_engine.engine.steps import Applied, Step

_TRIES: Final = 100
"""A busy partition makes some steps a second, and each can be between our look and our step."""


def view_of(topic: str) -> str:
    """The key of the view that says that `topic` is paused in a partition."""
    return f"paused:{topic}"


class Pause(NamedTuple):
    """One topic-partition that waits for `dlq resume`."""

    topic: str
    partition: int
    told: dict[str, Any]
    """As the worker wrote it: at, refused, of, reasons, offset."""


@dataclass(frozen=True, slots=True)
class TooBusy(Exception):
    """Other steps were first, again and again."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} is too busy: other steps were first {_TRIES} times; try again"


async def paused(store: StepStore, partitions: Sequence[int], topics: Sequence[str]) -> list[Pause]:
    """What is paused, by partition and topic. Raises `StoreTrouble`."""
    found = []
    for partition in partitions:
        views = await store.views(partition, [view_of(topic) for topic in topics])
        for topic, view in zip(topics, views, strict=True):
            if view is not None:
                found.append(Pause(topic, partition, orjson.loads(view)))
    return found


async def resume(store: StepStore, partition: int, topic: str) -> Pause | None:
    """Lifts a pause and returns what it was; None when there is none. Raises `StoreTrouble` and `TooBusy`."""
    for _ in range(_TRIES):
        counter = (await store.positions(partition)).counter  # before the look: what comes after it is fenced
        found = await paused(store, [partition], [topic])
        if not found:
            return None
        lifted = Step(partition=partition, counter=counter, views={view_of(topic): None})
        if isinstance(await store.apply(lifted), Applied):
            return found[0]
    raise TooBusy(topic, partition)
