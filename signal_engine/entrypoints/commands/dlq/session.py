"""What the `dlq` commands share: the dead-letter topic, the served view, and the names of topics."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.creation import LARGEST, MAX_RECORD_BYTES, DifferentPartitions
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.engine.dead_letters.reader import DeadLetter, RecordPosition, read_dead_letter
from signal_engine.engine.dead_letters.redrive import SignalTopics
from signal_engine.engine.ports.redriven import Redriven
from signal_engine.entrypoints.wiring.connections import View, worked_on_view
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import check_codecs
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.topics import SIGNAL_TOPICS, topic_names

_MISSING: Final = "topic {} is missing; create it with `signal-engine topics create`"


class Topics(NamedTuple):
    """The topics found on Kafka."""

    signals: SignalTopics
    dead_letters: str
    dead_letter_partitions: int
    largest: int
    """Largest record that the signal topics accept, in bytes."""


class DlqSession(NamedTuple):
    """The dead-letter topic, opened for reading."""

    topics: Topics
    whole: WholeTopic
    view: View

    async def dead_letters(self) -> AsyncIterator[tuple[int, list[DeadLetter]]]:
        """Yield (partition of the dead-letter topic, its dead letters) per batch; skip records that are none."""
        async for partition, records in self.whole.read():
            read = (read_dead_letter(record, partition) for record in records)
            yield partition, [dead_letter for dead_letter in read if dead_letter is not None]


@asynccontextmanager
async def dlq_session(settings: Settings, partition: int | None = None) -> AsyncIterator[DlqSession]:
    """Open everything; of the dead-letter topic only `partition`, if it is given and exists.

    Raises `NoConnection`, `StoreTrouble`, `ConfigurationError`, `DifferentPartitions`.
    """
    check_codecs()
    topics = await topics_seen(settings)
    numbers = range(topics.dead_letter_partitions)
    if partition is not None and partition in numbers:
        numbers = range(partition, partition + 1)
    async with (
        worked_on_view(settings) as view,
        WholeTopic(kafka_connection(settings), topics.dead_letters, numbers) as whole,
    ):
        yield DlqSession(topics, whole, view)


async def topics_seen(settings: Settings) -> Topics:
    """Look up the topics on Kafka. Raises `NoConnection`, `ConfigurationError`, `DifferentPartitions`."""
    names = topic_names(settings.prefix)
    signals, dead = list(names.signals.values()), names.dead_letters
    async with connected(kafka_connection(settings)) as cluster:
        seen = await cluster.topics([*signals, dead])
    if missing := [name for name in (*signals, dead) if name not in seen]:
        raise ConfigurationError([_MISSING.format(name) for name in missing])
    counts = {seen[name].partitions for name in signals}
    if len(counts) > 1:
        raise DifferentPartitions("signal topics must have the same number of partitions; see `topics create`")
    kinds = {topic: kind for kind, topic in names.signals.items()}
    largest = max(int(seen[name].settings.get(LARGEST) or MAX_RECORD_BYTES) for name in signals)
    return Topics(SignalTopics(kinds, counts.pop()), dead, seen[dead].partitions, largest)


async def replayed_among(memory: Redriven, dead_letters: Iterable[DeadLetter]) -> set[str]:
    """The names of those of `dead_letters` that were redriven before."""
    by_partition: dict[int, list[str]] = {}
    for dead_letter in dead_letters:
        by_partition.setdefault(dead_letter.partition, []).append(dead_letter.name)
    return {name for number, names in by_partition.items() for name in await memory.among(number, names)}


def full_name(settings: Settings, topic: str) -> str:
    """The topic's name on Kafka, from `intent`, `signals.intent` or the name with its prefix."""
    names = topic_names(settings.prefix)
    for kind, short in SIGNAL_TOPICS.items():
        if topic in {kind, short, names.signals[kind]}:
            return names.signals[kind]
    others = (names.ingest_dead_letters,)
    return next((name for name in others if name == f"{settings.prefix}{topic}"), topic)


def with_full_name(settings: Settings, place: RecordPosition) -> RecordPosition:
    """The place, its topic under its name on Kafka."""
    return place._replace(topic=full_name(settings, place.topic))
