"""`dlq replay --topic ingest.dlq`: deliveries of webhooks, mapped again after a mapping was mended.

Nothing is remembered of a replay: the same delivery gives the same ids, so events that are sent again change nothing.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final, NamedTuple

import click

from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.engine.intake.requests.deliveries import Delivery, DeliveryMapper, accounts_for
from signal_engine.engine.intake.requests.kept_deliveries import hook_of
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.intake.topic_records import signal_record
from signal_engine.entrypoints.wiring.connections import MISSING, clock, event_log, signal_topics
from signal_engine.entrypoints.wiring.hooks import delivery_mappers
from signal_engine.entrypoints.wiring.kafka import accounts_loads, kafka_connection
from signal_engine.entrypoints.wiring.options import check_codecs, refuse
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.operations.dead_letters import DeliveriesDocument, HookDeliveries
from signal_engine.wire.topics import topic_names

_FOR_A_REQUEST: Final = 64 * 1024
"""Bytes: the producer's own limit must not reject a record that the topic accepts."""


_STATE: Final = "a state of then: the next delivery tells what is so now, or an import of all of it with --yes"


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
        mapped = partial(_mapped, mappers=mappers, known=await _known(settings, mappers))
        async for kept in _deliveries(whole):
            _count(hooks, kept, mapped(kept), known_hook=kept.hook in mappers)
        events = sum(one["events"] for one in hooks.values())
        if events and not dry_run:
            _ask(events, yes=yes)
            await _send(settings, whole, mapped, outcomes=any(mapper.makes_outcomes for mapper in mappers.values()))
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


async def _known(settings: Settings, mappers: dict[str, DeliveryMapper]) -> KnownAccounts:
    """The accounts as loaded, where a hook looks them up, and the mail providers among them."""
    known, loads = accounts_for(mappers.values()), accounts_loads(settings)
    topic = topic_names(settings.prefix).fit_accounts
    if partitions := await loads.partitions():
        for number, end in enumerate(await loads.ends(topic, partitions)):
            async for records in loads.read(number, end):
                for record in records:
                    known.take(record)
    return known


def _count(hooks: dict[str, HookDeliveries], kept: _Kept, delivery: Delivery | None, *, known_hook: bool) -> None:
    one = hooks.setdefault(kept.hook, {"deliveries": 0, "events": 0, "refused_again": 0, "why": None})
    one["deliveries"] += 1
    if delivery is None:
        one["refused_again"] += 1
        one["why"] = _STATE if known_hook else "the hooks file has no such hook"
        return
    one["events"] += len(delivery.events)
    if delivery.refused:
        one["refused_again"] += 1
        one["why"] = f"{delivery.reason}: {delivery.detail}"


def _mapped(kept: _Kept, mappers: dict[str, DeliveryMapper], known: KnownAccounts) -> Delivery | None:
    mapper = mappers.get(kept.hook)
    return None if mapper is None or mapper.is_state_feed else mapper.map(kept.body, clock(), known)


async def _send(
    settings: Settings, whole: WholeTopic, mapped: Callable[[_Kept], Delivery | None], *, outcomes: bool
) -> None:
    topics = await signal_topics(settings, outcomes=outcomes)
    largest = topics.largest + _FOR_A_REQUEST
    async with KafkaProducer(kafka_connection(settings), event_log(settings), largest) as producer:
        async for kept in _deliveries(whole):
            if (delivery := mapped(kept)) is not None and delivery.events:
                await producer.send([signal_record(event, topics.names) for event in delivery.events])


def _ask(count: int, *, yes: bool) -> None:
    """Ask for confirmation; without a terminal, `--yes` or `--dry-run` is required."""
    if yes:
        return
    if not sys.stdin.isatty():
        refuse((f"this sends {count:,} events of webhooks: confirm with --yes, or preview with --dry-run",))
    if not click.confirm(f"Send {count:,} events of webhooks?", err=True):
        raise SystemExit(1)
