"""Checks before a worker starts: topics exist, agree with each other, and are the same as last time."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.creation import (
    DEAD_LETTER_MARGIN_BYTES,
    LARGEST,
    MAX_RECORD_BYTES,
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


class UnusableTopics(SignalEngineError):
    """The topics do not allow a worker to start; `lines` say why and what to do."""

    exit_code = WRONG_USE

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = tuple(lines)

    def messages(self) -> tuple[str, ...]:
        """One per problem."""
        return self.lines


class Checked(NamedTuple):
    """What a worker needs to know of the topics."""

    partitions: int
    largest_dead_letter: int
    """Bytes."""
    warnings: tuple[str, ...]
    actions: bool
    """Whether the topic of account actions is there. Without it a worker starts, and account actions are off."""
    rules: bool
    """Whether the topic of rules is there. Without it a worker goes by its own scoring file."""
    outcomes: str | None
    """The id of the topic of outcomes, empty where the broker gives none; None: there is no such topic."""


async def check_topics(connection: KafkaConnection, prefix: str, policy: Policy, controls: Controls) -> Checked:
    """Check all topics. Raises `UnusableTopics`, `NoConnection`, `StoreTrouble`."""
    names = topic_names(prefix)
    everything = [*names.signals.values(), names.lists, names.accounts, names.alerts, names.dead_letters]
    async with connected(connection) as cluster:
        seen = await cluster.topics([*everything, names.actions, names.rules, names.outcomes])
        cluster_ids = await cluster.ids([*names.signals.values(), *(name for name in [names.actions] if name in seen)])
        outcomes = (await cluster.ids([names.outcomes])).ids[names.outcomes] if names.outcomes in seen else None
    if missing := [name for name in everything if name not in seen]:
        raise UnusableTopics(
            [f"topic {name} is missing; create it with `signal-engine topics create`" for name in missing]
        )
    try:
        wanted = wanted_topics(prefix, 1, policy, seen)
    except DifferentPartitions as error:
        raise UnusableTopics([str(error)]) from None
    signals, dead = [seen[name] for name in names.signals.values()], seen[names.dead_letters]
    beside = [seen[name] for name in (names.actions, names.outcomes) if name in seen]
    if problems := [*_sizes(signals, dead), *_places(signals, beside)]:
        raise UnusableTopics(problems)
    partitions = signals[0].partitions
    await compare(controls, TopicsInForce(partitions, cluster_ids.ids, cluster_ids.cluster))
    differ = (f"{it.topic}: {it.setting} is {it.found}, not {it.wanted}: {it.why}" for it in differences(wanted, seen))
    there = {"actions": names.actions in seen, "rules": names.rules in seen}
    return Checked(partitions, _largest(dead), tuple(differ), **there, outcomes=outcomes)


def _sizes(signals: list[SeenTopic], dead: SeenTopic) -> Iterator[str]:
    """Yield a problem if a dead letter, a record with further headers, might not fit its topic."""
    largest = max(_largest(topic) for topic in signals)
    if _largest(dead) < largest + DEAD_LETTER_MARGIN_BYTES:
        yield (
            f"topic {dead.name}: {LARGEST} is {_largest(dead)}; rejected records of up to {largest} bytes need"
            f" {largest + DEAD_LETTER_MARGIN_BYTES}"
        )
    if dead.partitions < signals[0].partitions:
        yield f"topic {dead.name}: has {dead.partitions} partitions; the signal topics have {signals[0].partitions}"


def _places(signals: list[SeenTopic], beside: list[SeenTopic]) -> Iterator[str]:
    """Yield a problem if an account's actions or outcomes might be in another partition than its signals."""
    for topic in beside:
        if topic.partitions != signals[0].partitions:
            yield (
                f"topic {topic.name}: has {topic.partitions} partitions; the signal topics have"
                f" {signals[0].partitions}, and an account's records must be in the partition of its signals"
            )


def _largest(topic: SeenTopic) -> int:
    return int(topic.settings.get(LARGEST) or MAX_RECORD_BYTES)


async def compare(controls: Controls, now: TopicsInForce) -> None:
    """Compare the signal topics with those whose positions the store holds; store them the first time.

    Also stores whatever was unknown before. Raises `UnusableTopics`.
    """
    while True:
        stored = await controls.read(TOPICS)
        if stored is None:
            if await controls.replace(TOPICS, None, now.encode()):
                return
            continue
        before = TopicsInForce.decode(stored)
        if problems := list(_changed(before, now)):
            raise UnusableTopics(problems)
        ids = {topic: now.ids.get(topic) or before.ids.get(topic, "") for topic in before.ids | now.ids}
        both = TopicsInForce(now.partitions, ids, now.cluster or before.cluster)
        if both == before or await controls.replace(TOPICS, stored, both.encode()):
            return


def _changed(before: TopicsInForce, now: TopicsInForce) -> Iterator[str]:
    if before.partitions != now.partitions:
        yield (
            f"the signal topics have {now.partitions} partitions, but the stored states were made with"
            f" {before.partitions}, so accounts would be in other partitions. Rebuild with `signal-engine rebuild`,"
            " or use another SIGNAL_ENGINE_PREFIX"
        )
    if before.cluster and now.cluster and before.cluster != now.cluster:
        yield (
            f"this is the Kafka cluster {now.cluster}, but the stored positions are of {before.cluster}. Configure that"
            " cluster (SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS), use another SIGNAL_ENGINE_PREFIX or Redis for this one,"
            " or start over with this one by `signal-engine rebuild`"
        )
        return
    for topic, known in _both(before.ids, now.ids):
        if known[0] != known[1]:
            yield (
                f"topic {topic} was created anew since the stored positions were written, so its offsets start again."
                " Start over from its beginning with `signal-engine rebuild`"
            )


def _both(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the topics whose ids are known both before and now."""
    for topic, known in before.items():
        if known and now.get(topic):
            yield topic, (known, now[topic])
