"""The door for account actions on real servers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple

from signal_engine.adapters.kafka.action_topic import ActionTopic
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.door.check import Terms
from signal_engine.engine.door.door import Door
from signal_engine.engine.door.rulebook import RulesInForce
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.setting_types import disposition_days
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.topics import topic_names


class OpenDoor(NamedTuple):
    """The door, and the topic behind it."""

    door: Door
    topic: ActionTopic


@asynccontextmanager
async def open_door(settings: Settings, generations: RedisGenerations) -> AsyncIterator[OpenDoor]:
    """Open the door; nothing is connected to Kafka before the first action."""
    name = topic_names(settings.prefix).actions
    async with ActionTopic(kafka_connection(settings), name) as topic:
        rulebook = RulesInForce(generations, partitioner, topic.partitions)
        terms = Terms(settings.privacy_owner, disposition_days(settings.disposition_days))
        yield OpenDoor(Door(rulebook, topic, topic, name, terms, clock), topic)
