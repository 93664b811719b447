"""The published rules, read from Kafka."""

from collections.abc import Iterable

from signal_engine.adapters.kafka.rules_topic import RulesTopic
from signal_engine.core.fit.icp import Icp
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.rules.fit_load import LoadedIcp
from signal_engine.wire.topics import topic_names


def rules_topic(settings: Settings) -> RulesTopic:
    """The topic of rules of the settings."""
    return RulesTopic(kafka_connection(settings), topic_names(settings.prefix).rules)


async def read_rules(settings: Settings) -> RulesLog | None:
    """All that is published; None where the topic is missing. Raises `NoConnection`."""
    topic = rules_topic(settings)
    return RulesLog.of(await topic.read()) if await topic.exists() else None


def published_scoring(settings: Settings, log: RulesLog) -> ScoringFile:
    """The scoring file that is to be in force: the published one, else that of the settings."""
    published = log.scoring_in_force()
    if published is None:
        return read_scoring(settings.scoring)
    return scoring_file.parse(published.rule.name, published.rule.text.encode())


def parsed(files: Iterable[LoadedIcp]) -> tuple[Icp, ...]:
    """ICP files, read. Raises `ConfigurationError`."""
    return tuple(icp_file.parse(file.name, file.text.encode())[0] for file in files)
