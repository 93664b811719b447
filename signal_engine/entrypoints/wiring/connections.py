"""Connections for every command on the live engine, and what their failures mean."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, TypeVar

from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.creation import LARGEST, MAX_RECORD_BYTES, DifferentPartitions
from signal_engine.adapters.logging.event_log import StderrEventLog
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.ports.controls import SCORING, TOPICS, Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.redriven import Redriven
from signal_engine.engine.ports.store import Store
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import ending_by_exit_code
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.mapping import OUTCOMES
from signal_engine.wire.storage.in_force import ScoringInForce, TopicsInForce
from signal_engine.wire.topics import topic_names

Answer = TypeVar("Answer")
MISSING: Final = "topic {} is missing; create it with `signal-engine topics create`"


class View(NamedTuple):
    """One generation in Redis, with the stores that all generations share."""

    store: Store
    controls: Controls
    fit_changes: FitChanges
    replayed: Redriven


class TopicsInKafka(NamedTuple):
    """The signal topics as Kafka has them."""

    names: dict[str, str]
    """Kind -> topic."""
    partitions: int
    largest: int
    """Largest record that they accept, in bytes."""


def clock() -> int:
    """The current time in ms since 1970."""
    return time.time_ns() // 1_000_000


def event_log(settings: Settings) -> StderrEventLog:
    """The event log in the format of the settings."""
    form = settings.log
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    return StderrEventLog(form)


@asynccontextmanager
async def served_view(settings: Settings) -> AsyncIterator[View]:
    """Open the served generation for reading; generation 0 if Redis was never used. Raises `StoreTrouble`."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        yield view_of(generations, await generations.current() or 0)


@asynccontextmanager
async def worked_on_view(settings: Settings) -> AsyncIterator[View]:
    """Open the generation that workers write: the one being built, if any. Raises `StoreTrouble`."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        yield view_of(generations, (await generations.marks()).worked_on or 0)


def view_of(generations: RedisGenerations, generation: int) -> View:
    """The view of one generation."""
    return View(
        generations.store(generation),
        generations.controls(generation),
        generations.fit_changes(generation),
        generations.replayed(),
    )


async def scoring_in_force(view: View, settings: Settings) -> ScoringFile:
    """The scoring file in force; that of the settings if no worker has run. Raises `ConfigurationError`."""
    stored = await view.controls.read(SCORING)
    if stored is None:
        return read_scoring(settings.scoring)
    in_force = ScoringInForce.decode(stored)
    return scoring_file.parse(in_force.name, in_force.text.encode())


async def partitions_of(view: View, settings: Settings) -> int:
    """Number of partitions of a view's states. Asks Kafka only if no worker has run yet.

    Raises `StoreTrouble`, and what `signal_partitions` does.
    """
    stored = await view.controls.read(TOPICS)
    return await signal_partitions(settings) if stored is None else TopicsInForce.decode(stored).partitions


async def signal_partitions(settings: Settings) -> int:
    """Number of partitions of the signal topics. Raises as `signal_topics`."""
    return (await signal_topics(settings)).partitions


async def signal_topics(settings: Settings, *, outcomes: bool = False) -> TopicsInKafka:
    """The signal topics on Kafka, with `outcomes` the topic of outcomes, too.

    Raises `NoConnection`, `DifferentPartitions`, `ConfigurationError`.
    """
    every = topic_names(settings.prefix)
    names = {**every.signals, **({OUTCOMES: every.outcomes} if outcomes else {})}
    async with connected(kafka_connection(settings)) as cluster:
        seen = await cluster.topics(names.values())
    if missing := [topic for topic in names.values() if topic not in seen]:
        raise ConfigurationError([MISSING.format(topic) for topic in missing])
    if len({topic.partitions for topic in seen.values()}) > 1:
        raise DifferentPartitions(
            f"{', '.join(names.values())} must have the same number of partitions; see `topics create`"
        )
    one = next(iter(seen.values()))
    return TopicsInKafka(
        names, one.partitions, max(int(it.settings.get(LARGEST) or MAX_RECORD_BYTES) for it in seen.values())
    )


def run_live(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a command on the live engine; a server failure becomes a message and the contract's exit code."""
    with ending_by_exit_code():
        return asyncio.run(work)
