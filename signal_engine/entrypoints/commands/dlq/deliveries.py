"""`dlq replay --topic ingest.dlq`: deliveries of webhooks, mapped again after a mapping was mended.

Nothing is remembered of a replay: the same delivery gives the same ids, so events that are sent again change nothing.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import click

from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.engine.intake.door.deliveries import Delivery, DeliveryMapper
from signal_engine.engine.intake.door.hook_letters import hook_of
from signal_engine.engine.intake.signal_records import signal_record
from signal_engine.entrypoints.wiring.connections import MISSING, clock, event_log, signal_topics
from signal_engine.entrypoints.wiring.hooks import delivery_mappers
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import check_codecs, refuse
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.operations.dead_letters import DeliveriesDocument, HookDeliveries
from signal_engine.wire.topics import topic_names

_FOR_A_REQUEST: Final = 64 * 1024
"""Bytes: the producer's own limit must not reject a record that the topic accepts."""


class _Kept(NamedTuple):
    """One delivery of the topic."""

    hook: str
    body: bytes


async def replay_deliveries(settings: Settings, *, dry_run: bool, yes: bool) -> DeliveriesDocument:
    """Map every delivery again, and send the events of those that can be mapped, at least in part.

    Raises `NoConnection`, `ConfigurationError`, `Undeliverable`, `TooLarge`.
    """
    check_codecs()
    mappers = delivery_mappers(settings.hooks)
    hooks: dict[str, HookDeliveries] = {}
    async with _opened(settings) as whole:
        async for kept in _deliveries(whole):
            _count(hooks, kept, mappers)
        events = sum(one["events"] for one in hooks.values())
        if events and not dry_run:
            _ask(events, yes=yes)
            await _send(settings, whole, mappers)
    return {"dry_run": dry_run, "sent": 0 if dry_run else events, "hooks": hooks}


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[WholeTopic]:
    topic, connection = topic_names(settings.prefix).ingest_dead_letters, kafka_connection(settings)
    async with connected(connection) as cluster:
        seen = await cluster.topics([topic])
    if topic not in seen:
        raise ConfigurationError([MISSING.format(topic)])
    async with WholeTopic(connection, topic, range(seen[topic].partitions)) as whole:
        yield whole


async def _deliveries(whole: WholeTopic) -> AsyncIterator[_Kept]:
    async for batch in whole.read():
        for record in batch.records:
            if record.value is not None and (hook := hook_of(record.headers)) is not None:
                yield _Kept(hook, record.value)


def _count(hooks: dict[str, HookDeliveries], kept: _Kept, mappers: dict[str, DeliveryMapper]) -> None:
    one = hooks.setdefault(kept.hook, {"deliveries": 0, "events": 0, "refused_again": 0, "why": None})
    one["deliveries"] += 1
    if (delivery := _mapped(kept, mappers)) is None:
        one["refused_again"] += 1
        one["why"] = "the hooks file has no such hook"
        return
    one["events"] += len(delivery.events)
    if delivery.refused:
        one["refused_again"] += 1
        one["why"] = f"{delivery.reason}: {delivery.detail}"


def _mapped(kept: _Kept, mappers: dict[str, DeliveryMapper]) -> Delivery | None:
    mapper = mappers.get(kept.hook)
    return None if mapper is None else mapper.map(kept.body, clock())


async def _send(settings: Settings, whole: WholeTopic, mappers: dict[str, DeliveryMapper]) -> None:
    topics = await signal_topics(settings)
    largest = topics.largest + _FOR_A_REQUEST
    async with KafkaProducer(kafka_connection(settings), event_log(settings), largest) as producer:
        async for kept in _deliveries(whole):
            if (delivery := _mapped(kept, mappers)) is not None and delivery.events:
                await producer.send([signal_record(event, topics.names) for event in delivery.events])


def _ask(count: int, *, yes: bool) -> None:
    """Ask for confirmation; without a terminal, `--yes` or `--dry-run` is required."""
    if yes:
        return
    if not sys.stdin.isatty():
        refuse((f"this sends {count:,} events of webhooks: confirm with --yes, or preview with --dry-run",))
    if not click.confirm(f"Send {count:,} events of webhooks?", err=True):
        raise SystemExit(1)
