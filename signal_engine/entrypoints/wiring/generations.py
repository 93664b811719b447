"""The generation of keys that a command or worker uses, and how a new one is started."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.topics.output_topics import KafkaOutput, reaches
from signal_engine.adapters.kafka.topics.start_checks import check_topics
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.context.active_policy import bring_into_force, rules_of
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.context.generation import OwnGeneration, opened
from signal_engine.engine.fit.handover import copy_fit
from signal_engine.engine.partition.damage import fit_is_whole
from signal_engine.engine.ports.controls import FIT, SCORING, TOPICS, Controls
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.partitions import PartitionDamaged
from signal_engine.engine.ports.log_events.processes import FitLost, RebuildStarted
from signal_engine.engine.ports.store import Damaged, Generations, Marks
from signal_engine.engine.publishing.published_lists import read_lists, were_by_fit
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.scoring_mover import RebuildNeeded
from signal_engine.entrypoints.wiring.connections import View, clock, view_of
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.rules.published import read_rules
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce, TopicsInForce
from signal_engine.wire.topics import topic_names

_TRIES: Final = 5

Begun = Callable[[Building], None]
"""Called with a rebuild that started by itself."""


@asynccontextmanager
async def working_view(
    settings: Settings, event_log: EventLog, begun: Begun, *, begin: bool
) -> AsyncIterator[tuple[View, OwnGeneration]]:
    """Open the generation that workers write: the one being built, if any.

    If there is none, `begin` starts one, by a rebuild if results were published before and the store has lost them;
    without `begin` it is generation 0. Raises `StoreTrouble` and what `begin_rebuild` raises.
    """
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)

        async def published_before() -> bool:
            names = topic_names(settings.prefix)
            found = await reaches(kafka_connection(settings), [names.alerts, names.lists])
            return any(reach.records for partitions in found.values() for reach in partitions)

        async def rebuild() -> None:
            building = await begin_rebuild(settings, generations, None, event_log)
            if building is not None:
                begun(building)

        marks = await opened(generations, published_before, rebuild) if begin else await generations.marks()
        if marks.worked_on is None:
            marks = Marks(0, None, ())
        yield view_of(generations, marks.worked_on or 0), OwnGeneration(generations, marks)


async def rebuild_damaged(settings: Settings, own: OwnGeneration, damaged: Damaged, event_log: EventLog) -> None:
    """Start a rebuild of the generation with the damaged partition, unless one has started.

    All partitions are rebuilt, beside the served view: were one rebuilt alone, its accounts would leave the lists
    meanwhile. Raises what `begin_rebuild` raises.
    """
    marks = await own.generations.marks()
    if marks.worked_on != own.number:
        return
    event_log.write(PartitionDamaged(partition=damaged.partition, damage=str(damaged)))
    if marks.building is not None and not await own.generations.give_up(marks.building):
        return
    rules = None if marks.served is None else await own.generations.controls(marks.served).read(SCORING)
    building = await begin_rebuild(settings, own.generations, marks.served, event_log, rules)
    if building is not None:
        event_log.write(RebuildStarted(reason=str(damaged), generation=building.generation))


async def rebuild_by(settings: Settings, own: OwnGeneration, needed: RebuildNeeded, event_log: EventLog) -> None:
    """Start the rebuild that a published scoring file needs, unless one by it has started.

    A rebuild by another file is cancelled. Where the view served has these rules, that is all. Raises what
    `begin_rebuild` raises.
    """
    marks = await own.generations.marks()
    if marks.worked_on != own.number:
        return
    if marks.building is not None and not await own.generations.give_up(marks.building):
        return
    if marks.building is not None and marks.served is not None:
        stored = await own.generations.controls(marks.served).read(SCORING)
        if stored is not None and ScoringInForce.decode(stored).rules_hash == needed.wanted.rules_hash:
            return
    building = await begin_rebuild(settings, own.generations, marks.served, event_log, needed.wanted.encode())
    if building is not None:
        event_log.write(RebuildStarted(reason=str(needed), generation=building.generation))


async def begin_rebuild(
    settings: Settings,
    generations: Generations,
    served: int | None,
    event_log: EventLog,
    rules: bytes | None = None,
) -> Building | None:
    """Write rules, topics and fit table of a new generation, then mark it; None if another process changed the marks.

    Its number is the time in ms, since numbers from before the store lost everything must not recur. It is built by
    `rules` (a `ScoringInForce`); None: by the published scoring file, or that of the settings. Raises
    `ConfigurationError`, `UnusableTopics`, `NoConnection`, `StoreTrouble`.
    """
    for _ in range(_TRIES):
        number = clock()
        try:
            if rules is not None:
                await generations.controls(number).replace(SCORING, None, rules)
            building, fit = await _filled(settings, generations, served, number, event_log)
        except BaseException:
            await generations.drop(number)
            raise
        if not await generations.begin(served, building) and (await generations.marks()).building != building:
            await generations.drop(number)
            return None
        if served is None or fit is None or await generations.controls(served).read(FIT) == fit:
            return building
        await generations.give_up(building)  # another fit table was loaded during the copy
        await asyncio.sleep(0.1)
    return None


async def _rules(settings: Settings, controls: Controls) -> Rules:
    if (stored := await controls.read(SCORING)) is not None:
        return rules_of(ScoringInForce.decode(stored), settings.remembered_ids)
    name, text = await rules_text(settings, await read_rules(settings))
    return await bring_into_force(controls, name, text, settings.remembered_ids)


async def _filled(
    settings: Settings, generations: Generations, served: int | None, number: int, event_log: EventLog
) -> tuple[Building, bytes | None]:
    """Write rules, topics and fit table of the new generation; return its mark and the fit table's document."""
    names, connection, controls = topic_names(settings.prefix), kafka_connection(settings), generations.controls(number)
    rules = await _rules(settings, controls)
    checked = await check_topics(connection, settings.prefix, rules.scoring_context.policy, controls)
    fit, copied, moved = None, False, False
    if served is not None:
        before = generations.controls(served)
        topics = await before.read(TOPICS)
        had = checked.partitions if topics is None else TopicsInForce.decode(topics).partitions
        moved = had != checked.partitions
        if await _can_be_handed_over(generations, served, had):
            fit = await copy_fit(generations, served, number, checked.partitions, partitioner(checked.partitions))
            copied = fit is not None
        elif (fit := await before.read(FIT)) is not None:
            event_log.write(
                FitLost(advice="rows of the fit table are lost: load it again with `signal-engine fit load`")
            )
    needs_fit = not copied and were_by_fit(await read_lists(KafkaOutput(connection, event_log), names.lists))
    began_at = clock()
    ends = {
        topic: [reach.end if reach.records else 0 for reach in partitions]
        for topic, partitions in (await reaches(connection, [*names.signals.values(), names.actions])).items()
    }
    return Building(number, began_at, ends, needs_fit, moved), fit


async def _can_be_handed_over(generations: Generations, served: int, partitions: int) -> bool:
    """Whether the fit table of generation `served` has all its rows, or they can be decided again from Kafka."""
    before = generations.controls(served)
    stored = await before.read(FIT)
    if stored is not None and FitInForce.decode(stored).load is not None:
        return True
    return await fit_is_whole(generations.store(served), before, partitions)


async def rules_text(settings: Settings, published: RulesLog | None) -> tuple[str, bytes]:
    """Name and content of the scoring file to go by: the published one, else that of the settings.

    Raises `ConfigurationError`.
    """
    if published is not None and (version := published.scoring_in_force()) is not None:
        return version.rule.name, version.rule.text.encode()
    try:
        return settings.scoring, await asyncio.to_thread(Path(settings.scoring).read_bytes)
    except OSError as error:
        raise ConfigurationError([f"{settings.scoring}: cannot be read: {reason(error)}"]) from None
