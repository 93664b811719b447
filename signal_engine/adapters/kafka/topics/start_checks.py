"""What must be so before a worker starts: the topics are there, agree with each other, and are those of last time."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.creation import (
    DEAD_LETTER_MARGIN,
    LARGEST,
    LARGEST_RECORD,
    DifferentPartitions,
    SeenTopic,
    differences,
    wanted_topics,
)
from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ports.controls import TOPICS, Controls
from signal_engine.wire.storage.in_force import TopicsInForce
from signal_engine.wire.topics import topic_names


class NotAsTheyMustBe(SignalEngineError):
    """Topics with which a worker refuses to start; `lines` say what and what to do."""

    exit_code = WRONG_USE

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)

    def messages(self) -> tuple[str, ...]:
        """One per problem."""
        return self.lines


class Checked(NamedTuple):
    """The topics, as a worker needs to know them."""

    partitions: int
    largest_dead_letter: int
    """Bytes."""
    warnings: tuple[str, ...]


async def check_topics(connection: KafkaConnection, prefix: str, policy: Policy, controls: Controls) -> Checked:
    """Looks at all topics. Raises `NotAsTheyMustBe`, `NoConnection`, `StoreTrouble`."""
    names = topic_names(prefix)
    everything = [*names.signals.values(), names.lists, names.accounts, names.alerts, names.dead_letters]
    async with connected(connection) as cluster:
        seen = await cluster.topics(everything)
        told = await cluster.ids(names.signals.values())
    if missing := [name for name in everything if name not in seen]:
        raise NotAsTheyMustBe([f"topic {name} is missing: `signal-engine topics create` makes it" for name in missing])
    try:
        wanted = wanted_topics(prefix, 1, policy, seen)
    except DifferentPartitions as error:
        raise NotAsTheyMustBe([str(error)]) from None
    signals, dead = [seen[name] for name in names.signals.values()], seen[names.dead_letters]
    if problems := list(_sizes(signals, dead)):
        raise NotAsTheyMustBe(problems)
    partitions = signals[0].partitions
    await compare(controls, TopicsInForce(partitions, told.ids, told.cluster))
    differ = (f"{it.topic}: {it.setting} is {it.found}, not {it.wanted}: {it.why}" for it in differences(wanted, seen))
    return Checked(partitions, _largest(dead), tuple(differ))


def _sizes(signals: list[SeenTopic], dead: SeenTopic) -> Iterator[str]:
    """A dead letter is the record and its headers: it must fit."""
    largest = max(_largest(topic) for topic in signals)
    if _largest(dead) < largest + DEAD_LETTER_MARGIN:
        yield (
            f"topic {dead.name}: {LARGEST} is {_largest(dead)}; refused records of up to {largest} bytes need"
            f" {largest + DEAD_LETTER_MARGIN}"
        )
    if dead.partitions < signals[0].partitions:
        yield f"topic {dead.name}: has {dead.partitions} partitions; the signal topics have {signals[0].partitions}"


def _largest(topic: SeenTopic) -> int:
    return int(topic.settings.get(LARGEST) or LARGEST_RECORD)


async def compare(controls: Controls, now: TopicsInForce) -> None:
    """Compares the signal topics with those whose positions the store holds, and notes them the first time.

    What was not known then and is now is noted, too. Raises `NotAsTheyMustBe`.
    """
    while True:
        stored = await controls.read(TOPICS)
        if stored is None:
            if await controls.replace(TOPICS, None, now.encode()):
                return
            continue
        before = TopicsInForce.decode(stored)
        if problems := list(_changed(before, now)):
            raise NotAsTheyMustBe(problems)
        ids = {topic: now.ids.get(topic) or before.ids.get(topic, "") for topic in before.ids | now.ids}
        both = TopicsInForce(now.partitions, ids, now.cluster or before.cluster)
        if both == before or await controls.replace(TOPICS, stored, both.encode()):
            return


def _changed(before: TopicsInForce, now: TopicsInForce) -> Iterator[str]:
    if before.partitions != now.partitions:
        yield (
            f"the signal topics have {now.partitions} partitions; the stored states were made with"
            f" {before.partitions}, and accounts would be looked for in other partitions. `signal-engine rebuild` makes"
            " them anew, or use another SIGNAL_ENGINE_PREFIX"
        )
    if before.cluster and now.cluster and before.cluster != now.cluster:
        yield (
            f"this is the Kafka cluster {now.cluster}; the stored positions are of {before.cluster}. Name that one"
            " (SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS), or use another SIGNAL_ENGINE_PREFIX or Redis for this one;"
            " `signal-engine rebuild` starts over with this one"
        )
        return
    for topic, known in _both(before.ids, now.ids):
        if known[0] != known[1]:
            yield (
                f"topic {topic} was made anew since the stored positions were written, and its offsets begin again."
                " `signal-engine rebuild` starts over from its beginning"
            )


def _both(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Topics whose ids are known from then and now."""
    for topic, known in before.items():
        if known and now.get(topic):
            yield topic, (known, now[topic])
