"""`signal-engine topics`: create the Kafka topics, report differences."""

from collections.abc import Mapping
from typing import Literal, NamedTuple

import click

from signal_engine.adapters.kafka.records.unpacking import unusable_codecs
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.creation import (
    Difference,
    SeenTopic,
    Topic,
    differences,
    wanted_topics,
)
from signal_engine.adapters.terminal.screen import Warnings, print_json, stdout
from signal_engine.adapters.terminal.topics_table import show_topics
from signal_engine.core.rules.policy import Policy
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.operations.processes import SettingDifference, TopicDocument
from signal_engine.wire.topics import topic_names


@click.group()
def topics() -> None:
    """Create the Kafka topics."""


@topics.command()
@click.option("--json", "as_json", is_flag=True, help="Print the topics as one JSON document.")
@click.option(
    "--replication-factor",
    type=click.IntRange(1, 9),
    help="Replicas of each topic.  [default: the brokers' setting]",
)
def create(as_json: bool, replication_factor: int | None) -> None:  # noqa: FBT001 (click passes it by name)
    """Create missing topics; report differences of existing ones.

    Existing topics are never changed.
    """
    with failing_clearly():
        settings = read_settings()
        policy = read_scoring(settings.scoring).policy
    made = run_live(_create(settings, policy, replication_factor))
    rows = made.rows()
    warnings = Warnings()
    for warning in made.warnings(settings.partitions):
        warnings(warning)
    warnings.close()
    if as_json:
        print_json({"topics": rows})
    else:
        show_topics(stdout(), rows)


class _CreatedTopics(NamedTuple):
    topics: list[Topic]
    created: set[str]
    seen: Mapping[str, SeenTopic]
    differences: list[Difference]

    def rows(self) -> list[TopicDocument]:
        return [self._topic(topic) for topic in self.topics]

    def warnings(self, partitions: int) -> list[str]:
        warnings = [
            f"{different.topic}: {different.setting} is {different.found}, not {different.wanted}: {different.why}"
            for different in self.differences
        ]
        warnings += unusable_codecs()
        if (there := self.topics[0].partitions) != partitions:
            warnings.append(
                f"signal topics have {there} partitions; SIGNAL_ENGINE_PARTITIONS ({partitions}) is not used"
            )
        return warnings

    def _topic(self, topic: Topic) -> TopicDocument:
        different: list[SettingDifference] = [
            {"setting": it.setting, "found": it.found, "wanted": it.wanted, "why": it.why}
            for it in self.differences
            if it.topic == topic.name
        ]
        state: Literal["differs", "created", "ok"] = (
            "differs" if different else "created" if topic.name in self.created else "ok"
        )
        partitions = self.seen[topic.name].partitions
        return {"topic": topic.name, "partitions": partitions, "state": state, "differences": different}


async def _create(settings: Settings, policy: Policy, replication: int | None) -> _CreatedTopics:
    names = topic_names(settings.prefix)
    ours = [*names.signals.values(), *names[1:]]
    async with connected(kafka_connection(settings)) as cluster:
        seen = await cluster.topics(ours)
        wanted = wanted_topics(settings.prefix, settings.partitions, policy, seen)
        if missing := [topic for topic in wanted if topic.name not in seen]:
            await cluster.create(missing, replication)
            seen = await cluster.topics(ours)
            wanted = wanted_topics(
                settings.prefix, settings.partitions, policy, seen
            )  # somebody else may have created some
        return _CreatedTopics(wanted, {topic.name for topic in missing}, seen, list(differences(wanted, seen)))
