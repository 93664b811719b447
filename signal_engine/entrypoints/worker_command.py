"""`signal-engine worker`: one worker of the live engine, until it is told to stop."""

import asyncio
import gc
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final
from uuid import uuid4

import click

from signal_engine.adapters.faust.consumer_thread import BeyondTheEnd
from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.faust.worker import FaustWorker, Fenced
from signal_engine.adapters.files import reason
from signal_engine.adapters.journal import StderrJournal, listen_to_libraries
from signal_engine.adapters.kafka.partitioning import partitioner
from signal_engine.adapters.kafka.producer import KafkaProducer, Undeliverable
from signal_engine.adapters.kafka.start_checks import Checked, NotAsTheyMustBe, check_topics
from signal_engine.engine.live import LiveEngine
from signal_engine.engine.means import Means, Rules
from signal_engine.engine.own_name import NameTaken, OwnName
from signal_engine.engine.producing import TooLarge
from signal_engine.engine.publishing import Publisher
from signal_engine.engine.rules_in_force import OtherRules, bring_into_force
from signal_engine.entrypoints.live import View, clock, journal, run_live, served_view
from signal_engine.entrypoints.options import failing_clearly, refuse
from signal_engine.entrypoints.settings import Settings, read_settings
from signal_engine.entrypoints.topics_command import kafka_connection
from signal_engine.wire.state import UnknownStateVersion
from signal_engine.wire.topics import topic_names
from signal_engine.wire.yaml_files import ConfigurationError

_FOR_HEADERS_OF_A_BATCH: Final = 4 * 1024
"""Bytes that a record batch takes beside its records."""


@click.command()
def worker() -> None:
    """Read the signal topics, keep the scores, tell lists and alerts. Configured by SIGNAL_ENGINE_... variables."""
    with failing_clearly():
        settings = read_settings()
    try:
        run_live(_work(settings))
    except NotAsTheyMustBe as error:
        refuse(error.lines)
    except (OtherRules, UnknownStateVersion, BeyondTheEnd) as error:
        refuse((str(error),))
    except (Fenced, NameTaken):
        refuse((f"another worker has the name {settings.instance} (SIGNAL_ENGINE_INSTANCE) and has taken over",))
    except (Undeliverable, TooLarge) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None


async def _work(settings: Settings) -> None:
    said = journal(settings)
    listen_to_libraries(said)
    stop = _told_to_stop()
    async with AsyncExitStack() as stack:
        view = await stack.enter_async_context(served_view(settings, begin=True))
        rules = await _rules(settings, view)
        connection = kafka_connection(settings)
        checked = await check_topics(connection, settings.prefix, rules.judge.policy, view.controls)
        for warning in (*checked.warnings, *(await view.store.durability()).warnings):
            said.warning("setting", warning=warning)
        largest = checked.largest_dead_letter
        producer = await stack.enter_async_context(KafkaProducer(connection, said, largest))
        membership = Membership(connection, settings.group, settings.instance, settings.fetch_megabytes)
        faust = FaustWorker(membership, topic_names(settings.prefix), said)
        means = _means(settings, view, rules, checked, producer, faust, said)
        own = OwnName(view.controls, means.patience, settings.instance, uuid4().bytes) if settings.instance else None
        engine = LiveEngine(means, Publisher(means, checked.partitions), settings.publish_seconds, own)
        said.info("worker_starts", group=settings.group, instance=settings.instance, config=rules.config_version)
        _tune_collector()
        await engine.start()
        try:
            await faust.run(engine, stop, engine.failed())
        finally:
            await engine.stop()
        said.info("worker_stopped")


async def _rules(settings: Settings, view: View) -> Rules:
    try:
        text = Path(settings.scoring).read_bytes()  # noqa: ASYNC240 (once, before anything runs)
    except OSError as error:
        raise ConfigurationError([f"{settings.scoring}: cannot be read: {reason(error)}"]) from None
    return await bring_into_force(view.controls, settings.scoring, text, settings.remembered_ids)


def _means(
    settings: Settings,
    view: View,
    rules: Rules,
    checked: Checked,
    producer: KafkaProducer,
    reading: FaustWorker,
    said: StderrJournal,
) -> Means:
    return Means(
        store=view.store,
        controls=view.controls,
        fit_changes=view.fit_changes,
        producer=producer,
        reading=reading,
        journal=said,
        clock=clock,
        partition_of=partitioner(checked.partitions),
        topics=topic_names(settings.prefix),
        largest_dead_letter=checked.largest_dead_letter - _FOR_HEADERS_OF_A_BATCH,
        rules=rules,
    )


def _told_to_stop() -> asyncio.Event:
    """Set by SIGTERM and Ctrl-C."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def _tune_collector() -> None:
    # What is alive now stays alive, and events are tuples without cycles.
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)
