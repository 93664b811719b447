"""`signal-engine worker`: run one worker of the live engine until it is stopped."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from time import process_time
from typing import Any, Final, NoReturn, TypeVar
from uuid import uuid4

import click

from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.faust.worker import FaustWorker
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.adapters.kafka.partition_tail import KafkaPartitionTail
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.rules_topic import KafkaRulesTail
from signal_engine.adapters.kafka.topics.cluster import appeared
from signal_engine.adapters.kafka.topics.identity import KafkaIdentity
from signal_engine.adapters.kafka.topics.output_topics import KafkaOutput
from signal_engine.adapters.kafka.topics.start_checks import Checked, check_topics
from signal_engine.adapters.logging.event_log import StderrEventLog, listen_to_libraries
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline, on_stop_signal
from signal_engine.engine.actions.seen_actions import SeenActions
from signal_engine.engine.context.active_policy import bring_into_force, check_release, rules_of
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.context.generation import OtherGeneration, OwnGeneration
from signal_engine.engine.context.instance_lock import InstanceLock
from signal_engine.engine.context.topic_notes import note_topic
from signal_engine.engine.outcomes.kept_outcomes import KeptOutcomes
from signal_engine.engine.ports.controls import OUTCOME_READING, RULE_PUBLISHING, SCORING, Controls
from signal_engine.engine.ports.log_events.processes import (
    AccountActionsOff,
    LocalRulesIgnored,
    OutcomesOff,
    RebuildStarted,
    RulePublishingOff,
    SettingQuestionable,
    ShutdownForced,
    WorkerRestarting,
    WorkerStarted,
    WorkerStopped,
)
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.engine.rules.coordinator import Coordinator
from signal_engine.engine.rules.scoring_mover import RebuildNeeded
from signal_engine.engine.worker.followers import Follower
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.engine.worker.rebuild import fit_is_loaded
from signal_engine.entrypoints.wiring.connections import View, clock, event_log
from signal_engine.entrypoints.wiring.delivery.control_group import lists_leave_out
from signal_engine.entrypoints.wiring.generations import rebuild_by, rebuild_damaged, rules_text, working_view
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import check_codecs, ending_by_exit_code, failing_clearly
from signal_engine.entrypoints.wiring.process.native import say_who_reads
from signal_engine.entrypoints.wiring.rules.loaded import recall_load
from signal_engine.entrypoints.wiring.rules.local_icps import local_icps
from signal_engine.entrypoints.wiring.rules.published import read_rules, rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import ScoringInForce
from signal_engine.wire.topics import TopicNames, topic_names

_Answer = TypeVar("_Answer")

_BATCH_OVERHEAD_BYTES: Final = 4 * 1024
"""Bytes of a record batch beyond its records."""
_STARTED_OVER: Final = "_STARTED_OVER_BY_ITSELF"
"""Environment variable of a worker process that has replaced itself."""


@click.command()
def worker() -> None:
    """Consume signals, maintain scores, publish lists and alerts.

    Configured by SIGNAL_ENGINE_... variables; `signal-engine config show` lists them.
    """
    with failing_clearly():
        settings = read_settings()
    check_codecs()
    with ending_by_exit_code():
        try:
            asyncio.run(_work(settings))
        except OtherGeneration as error:
            event_log(settings).write(WorkerRestarting(reason=str(error)))
            _start_over()


async def _work(settings: Settings) -> None:
    said, stop = event_log(settings), asyncio.Event()
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    with on_stop_signal(lambda _: stop.set(), deadline):
        async with AsyncExitStack() as stack:
            started = await _unless_stopped(stop, _start(settings, said, stack))
            if started is not None:
                faust, engine, own, missing = started
                try:
                    await faust.run(engine, stop, _ended(settings, engine, missing))
                except Damaged as damaged:
                    await engine.stop()
                    await rebuild_damaged(settings, own, damaged, said)
                    raise OtherGeneration(str(damaged)) from None
                except RebuildNeeded as needed:
                    await engine.stop()
                    await rebuild_by(settings, own, needed, said)
                    raise OtherGeneration(str(needed)) from None
        said.write(WorkerStopped())


async def _start(
    settings: Settings, said: StderrEventLog, stack: AsyncExitStack
) -> tuple[FaustWorker, LiveEngine, OwnGeneration, Sequence[str]]:
    """Start everything up to consuming, and name the topics to start over for once they are there.

    `stack` gets whatever must be closed again.
    """
    view, own = await stack.enter_async_context(working_view(settings, said, _begun_by_itself(said), begin=True))
    rules = await _rules(settings, view, own, said)
    connection = kafka_connection(settings)
    checked = await check_topics(connection, settings.prefix, rules.scoring_context.policy, view.controls)
    durability = await view.store.durability()
    durability.check()
    for warning in (*checked.warnings, *durability.warnings):
        said.write(SettingQuestionable(warning=warning))
    producer = await stack.enter_async_context(KafkaProducer(connection, said, checked.largest_dead_letter))
    membership = Membership(
        connection, settings.group, settings.instance, settings.fetch_megabytes, settings.batch_megabytes * 1024 * 1024
    )
    names = topic_names(settings.prefix)
    faust = FaustWorker(membership, names, said, takes_actions=checked.actions)
    missing = await _say_missing(checked, names, view.controls, said)
    context = _context(settings, view, rules, checked, producer, faust, said)
    context.generation, context.output = own, KafkaOutput(connection, said)
    context.loads = loads = KafkaLoads(connection, names, said)
    context.epoch = str(own.number)
    context.control_group = await lists_leave_out(view.controls, said)
    context.identity = KafkaIdentity(connection, view.controls, context.inputs, said)
    name = InstanceLock(context.controls, settings.instance, uuid4().bytes) if settings.instance else None
    followers: list[Follower] = []
    if checked.actions:
        followers.append(SeenActions(context, KafkaPartitionTail(connection, names.actions, said)))
    if checked.outcomes is not None:
        tail = KafkaPartitionTail(connection, names.outcomes, said)
        followers.append(KeptOutcomes(context, tail, checked.outcomes))
    rules_tail = KafkaRulesTail(connection, names.rules, said)
    local = await local_icps(settings, rules.scoring_context.policy, said)
    coordinator = None
    if checked.rules:
        coordinator = Coordinator(context, rules_tail, rules_topic(settings), local, KafkaLoads(connection, names))
    publisher = Publisher(context, checked.partitions)
    engine = LiveEngine(context, publisher, settings.publish_seconds, name, followers, coordinator)
    said.write(WorkerStarted(group=settings.group, instance=settings.instance, config_version=rules.config_version))
    say_who_reads(said)
    _tune_collector()
    await recall_load(settings, context, loads)
    await fit_is_loaded(context, own)
    stack.push_async_callback(engine.stop)
    await engine.start()
    return faust, engine, own, missing


async def _say_missing(checked: Checked, names: TopicNames, controls: Controls, said: StderrEventLog) -> list[str]:
    """Say which topics are missing that a worker can do without; note it for readiness."""
    await note_topic(controls, RULE_PUBLISHING, there=checked.rules)
    await note_topic(controls, OUTCOME_READING, there=checked.outcomes is not None)
    advice = "create it with `signal-engine topics create`"
    optional = (
        (checked.actions, AccountActionsOff(topic=names.actions, advice=advice)),
        (checked.rules, RulePublishingOff(topic=names.rules, advice=advice)),
        (checked.outcomes is not None, OutcomesOff(topic=names.outcomes, advice=advice)),
    )
    missing = [off for there, off in optional if not there]
    for off in missing:
        said.write(off)
    return [off.topic for off in missing]


async def _ended(settings: Settings, engine: LiveEngine, missing: Sequence[str]) -> None:
    """Never returns; raises what ends the engine, and `OtherGeneration` once a topic is there that was missing."""
    ends = [asyncio.ensure_future(engine.failed())]
    ends += [asyncio.ensure_future(appeared(kafka_connection(settings), topic)) for topic in missing]
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in done:
            end.result()
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    raise OtherGeneration("a topic is there now that was missing: of account actions, rules or outcomes")


async def _rules(settings: Settings, view: View, own: OwnGeneration, said: StderrEventLog) -> Rules:
    """The published rules, or as long as there are none those of this worker's scoring file.

    What is in force already stays until the coordinator moves it: also where the published file is another one. A
    generation is built by the file that its rebuild started with. A worker that restarted because a rebuild began or
    was cancelled keeps the rules of its new generation, even if the file has changed since.
    """
    log = await read_rules(settings)
    published = None if log is None else log.scoring_in_force()
    if published is not None:
        _say_ignored(settings, published.rule.config_version, said)
    started_over = os.environ.pop(_STARTED_OVER, None) is not None
    if started_over or own.building is not None or published is not None:
        stored = await view.controls.read(SCORING)
        if stored is not None:
            in_force = ScoringInForce.decode(stored)
            check_release(in_force)
            return rules_of(in_force, settings.remembered_ids)
    name, text = await rules_text(settings, log)
    return await bring_into_force(view.controls, name, text, settings.remembered_ids)


def _say_ignored(settings: Settings, in_force: str, said: StderrEventLog) -> None:
    """One warning for a local scoring file that differs from the published one; none where there is no file."""
    try:
        local = read_scoring(settings.scoring).config_version
    except ConfigurationError:  # it is not read for anything else
        return
    if local != in_force:
        said.write(
            LocalRulesIgnored(
                file=settings.scoring,
                in_force=in_force,
                advice=f"`signal-engine scoring publish {settings.scoring}` puts it into force",
            )
        )


def _begun_by_itself(said: StderrEventLog) -> Callable[[Building], None]:
    return lambda building: said.write(
        RebuildStarted(
            reason="Redis is empty, but alerts or lists were published before: a rebuild reads all events again",
            generation=building.generation,
        )
    )


async def _unless_stopped(stop: asyncio.Event, work: Coroutine[Any, Any, _Answer]) -> _Answer | None:
    """The result of `work`, or None if `stop` came first. Raises what `work` raises."""
    working, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((working, stopped), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopped):
            task.cancel()
        await asyncio.gather(working, stopped, return_exceptions=True)


def _start_over() -> NoReturn:
    """Replace this process by a fresh one of the same command, so that no state survives."""
    sys.stderr.flush()
    os.execve(sys.executable, sys.orig_argv, {**os.environ, _STARTED_OVER: "1"})  # noqa: S606 (no shell is meant)


def _context(
    settings: Settings,
    view: View,
    rules: Rules,
    checked: Checked,
    producer: KafkaProducer,
    reading: FaustWorker,
    said: StderrEventLog,
) -> EngineContext:
    return EngineContext(
        store=view.store,
        controls=view.controls,
        fit_changes=view.fit_changes,
        producer=producer,
        reading=reading,
        event_log=said,
        clock=clock,
        partition_of=partitioner(checked.partitions),
        topics=topic_names(settings.prefix),
        largest_dead_letter=checked.largest_dead_letter - _BATCH_OVERHEAD_BYTES,
        rules=rules,
        partitions=checked.partitions,
        takes_actions=checked.actions,
        cpu=process_time,
    )


def _tune_collector() -> None:
    # Objects alive now stay alive, and events are tuples without cycles.
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
