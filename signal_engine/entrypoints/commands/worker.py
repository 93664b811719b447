"""`signal-engine worker`: run one worker of the live engine until it is stopped."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Final, NoReturn, TypeVar
from uuid import uuid4

import click

from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.faust.worker import FaustWorker
from signal_engine.adapters.kafka.action_tail import KafkaActionTail
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.topics.cluster import appeared
from signal_engine.adapters.kafka.topics.identity import KafkaIdentity
from signal_engine.adapters.kafka.topics.output_topics import KafkaOutput
from signal_engine.adapters.kafka.topics.start_checks import Checked, check_topics
from signal_engine.adapters.logging.event_log import StderrEventLog, listen_to_libraries
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline, on_stop_signal
from signal_engine.engine.context.active_policy import bring_into_force, rules_of
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.context.generation import OtherGeneration, OwnGeneration
from signal_engine.engine.context.instance_lock import InstanceLock
from signal_engine.engine.ports.controls import SCORING
from signal_engine.engine.ports.log_events.processes import (
    AccountActionsOff,
    RebuildStarted,
    SettingQuestionable,
    ShutdownForced,
    WorkerRestarting,
    WorkerStarted,
    WorkerStopped,
)
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.engine.worker.rebuild import fit_is_loaded
from signal_engine.entrypoints.wiring.connections import View, clock, event_log
from signal_engine.entrypoints.wiring.generations import rebuild_damaged, scoring_text, working_view
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import check_codecs, ending_by_exit_code, failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import ScoringInForce
from signal_engine.wire.topics import topic_names

_Answer = TypeVar("_Answer")

_BATCH_OVERHEAD_BYTES: Final = 4 * 1024
"""Bytes of a record batch beyond its records."""
_STARTED_OVER: Final = "_STARTED_OVER_BY_ITSELF"
"""Environment variable of a worker process that has replaced itself."""


@click.command()
def worker() -> None:
    """Consume signal topics, maintain scores, publish lists and alerts.

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
                faust, engine, own = started
                try:
                    await faust.run(engine, stop, _ended(settings, engine))
                except Damaged as damaged:
                    await engine.stop()
                    await rebuild_damaged(settings, own, damaged, said)
                    raise OtherGeneration(str(damaged)) from None
        said.write(WorkerStopped())


async def _start(
    settings: Settings, said: StderrEventLog, stack: AsyncExitStack
) -> tuple[FaustWorker, LiveEngine, OwnGeneration]:
    """Start everything up to consuming; `stack` gets whatever must be closed again."""
    view, own = await stack.enter_async_context(working_view(settings, said, _begun_by_itself(said), begin=True))
    rules = await _rules(settings, view, own)
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
    if not checked.actions:
        said.write(AccountActionsOff(topic=names.actions, advice="create it with `signal-engine topics create`"))
    context = _context(settings, view, rules, checked, producer, faust, said)
    context.generation, context.output = own, KafkaOutput(connection, said)
    context.identity = KafkaIdentity(connection, view.controls, context.inputs, said)
    name = InstanceLock(context.controls, settings.instance, uuid4().bytes) if settings.instance else None
    tail = KafkaActionTail(connection, names.actions, said) if checked.actions else None
    engine = LiveEngine(context, Publisher(context, checked.partitions), settings.publish_seconds, name, tail)
    said.write(WorkerStarted(group=settings.group, instance=settings.instance, config_version=rules.config_version))
    _tune_collector()
    await fit_is_loaded(context, own)
    stack.push_async_callback(engine.stop)
    await engine.start()
    return faust, engine, own


async def _ended(settings: Settings, engine: LiveEngine) -> None:
    """Never returns; raises what ends the engine, and `OtherGeneration` once account actions can be taken."""
    ends = [asyncio.ensure_future(engine.failed())]
    if not engine.takes_actions:
        ends.append(asyncio.ensure_future(appeared(kafka_connection(settings), topic_names(settings.prefix).actions)))
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in done:
            end.result()
    finally:
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    raise OtherGeneration("the topic of account actions is there now")


async def _rules(settings: Settings, view: View, own: OwnGeneration) -> Rules:
    """The rules of this worker's scoring file, or those in force during a rebuild and after a restart by itself.

    A generation is built by the file that its rebuild started with. A worker that restarted because a rebuild began or
    was cancelled keeps the rules of its new generation, even if the file has changed since.
    """
    started_over = os.environ.pop(_STARTED_OVER, None) is not None
    if started_over or own.building is not None:
        stored = await view.controls.read(SCORING)
        if stored is not None:
            return rules_of(ScoringInForce.decode(stored), settings.remembered_ids)
    return await bring_into_force(view.controls, settings.scoring, scoring_text(settings), settings.remembered_ids)


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
    )


def _tune_collector() -> None:
    # Objects alive now stay alive, and events are tuples without cycles.
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
