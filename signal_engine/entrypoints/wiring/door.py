"""The door for account actions on real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from signal_engine.adapters.kafka.action_topic import ActionTopic
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.door.check import Terms
from signal_engine.engine.door.door import ActionHistory, Door
from signal_engine.engine.door.rulebook import RulesInForce
from signal_engine.engine.door.stored_history import StoredHistory
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.setting_types import disposition_days
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.topics import topic_names


@asynccontextmanager
async def command_door(settings: Settings) -> AsyncIterator[Door]:
    """The door of one command: what was done before is read from the topic, so that it is exact."""
    async with (
        Channel(settings.redis_url.get_secret_value()) as channel,
        ActionTopic(kafka_connection(settings), topic_names(settings.prefix).actions) as topic,
    ):
        yield _door(settings, RedisGenerations(channel, settings.prefix), topic, topic)


@asynccontextmanager
async def api_door(settings: Settings, generations: RedisGenerations) -> AsyncIterator[Door]:
    """The door of the API: what was done before is read from Redis. Kafka is not asked before the first action."""
    async with ActionTopic(kafka_connection(settings), topic_names(settings.prefix).actions) as topic:
        history = StoredHistory(generations, partitioner, topic.partitions, topic)
        yield _door(settings, generations, topic, history)


def _door(settings: Settings, generations: RedisGenerations, topic: ActionTopic, history: ActionHistory) -> Door:
    terms = Terms(settings.privacy_owner, disposition_days(settings.disposition_days))
    rulebook = RulesInForce(generations, partitioner, topic.partitions)
    return Door(rulebook, history, topic, topic_names(settings.prefix).actions, terms, clock)
