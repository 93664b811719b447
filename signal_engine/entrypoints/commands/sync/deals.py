"""`signal-engine sync deals`: what came of accounts, out of a CRM and into the topic of outcomes."""

from collections import Counter

import click

from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_deals import HubSpotDeals
from signal_engine.adapters.outgoing.crm.salesforce_deals import SalesforceDeals
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.terminal.screen import print_json
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.topic_records import signal_record
from signal_engine.engine.sync.deals import DealSource
from signal_engine.entrypoints.commands.sync.by_hand import by_hand
from signal_engine.entrypoints.wiring.connections import TopicsInKafka, event_log, run_live, signal_topics
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink, System, read_sync, ready_sinks
from signal_engine.wire.intake.mapping import OUTCOMES
from signal_engine.wire.outcomes.record import AccountOutcome, write_outcome
from signal_engine.wire.sync.ledger_rows import SinkState
from signal_engine.wire.sync.sync_models import SyncModel

_READ_AGAIN: int = DAY
"""ms before the last reading from which the next one reads: CRMs show a change only some time after it."""
_LARGEST_REQUEST: int = 64 * 1024
"""Bytes of a request around its records."""


def read_deals(name: str, since: int | None, *, dry: bool, as_json: bool) -> None:
    """Read the deals that changed since the last reading, or `since` (ms), and send their outcomes."""
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    counts = run_live(_read(settings, model, name, since, dry=dry))
    if as_json:
        document = {"sink": name, "dry_run": dry, "counts": dict(counts)}
        print_json(document)
        return
    told = ", ".join(f"{counts[what]:,} {what}" for what in ("deals", "outcomes", "of_nobody"))
    click.echo(
        f"{name}{' (dry run)' if dry else ''}: {told}".replace("of_nobody", "deals of companies without a domain")
    )


async def _read(settings: Settings, model: SyncModel, name: str, since: int | None, *, dry: bool) -> Counter[str]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        ready, *_ = ready_sinks(settings, model, channel, [name])
        if ready.system is None:
            refuse((f"{name}: is no CRM, and has no deals",))
        async with by_hand(ready):
            return await bring_deals(settings, ready, ready.system, since, dry=dry)


async def bring_deals(
    settings: Settings, ready: ReadySink, system: System, since: int | None = None, *, dry: bool = False
) -> Counter[str]:
    """Deals that changed since the last reading, or `since` (ms), as outcomes in Kafka: how many of each.

    Raises `SinkTrouble`, `StoreTrouble`, and what Kafka raises.
    """
    source = HubSpotDeals(system) if isinstance(system, HubSpot) else SalesforceDeals(system)
    until = SinkState.decode(await ready.ledger.state()).deals_until
    begin = since if since is not None else 0 if until is None else until - _READ_AGAIN
    if dry:
        return await _taken(source, ready, begin, None, None)
    topics = await signal_topics(settings, outcomes=True)
    largest = topics.largest + _LARGEST_REQUEST
    async with KafkaProducer(kafka_connection(settings), event_log(settings), largest) as producer:
        return await _taken(source, ready, begin, producer, topics)


async def _taken(
    source: DealSource, ready: ReadySink, begin: int, producer: KafkaProducer | None, topics: TopicsInKafka | None
) -> Counter[str]:
    """How far the deals were read, those of nobody too, is noted after Kafka has each page: what is read twice counts
    once.
    """
    counts = Counter[str]()
    telling = ready.deals
    assert telling is not None, "a CRM has one"  # noqa: S101
    async for page in source.deals(begin):
        made, told = await telling.outcomes(page.deals)
        counts.update(deals=len(page.deals), outcomes=len(made), of_nobody=page.of_nobody)
        if producer is None or topics is None:
            continue
        await producer.send([signal_record(_line(one), topics.names) for one in made])
        await telling.note(told)
        if page.changed_until:
            state = SinkState.decode(await ready.ledger.state())
            state.deals_until = max(state.deals_until or 0, page.changed_until)
            await ready.ledger.put_state(state.encode())
    return counts


def _line(outcome: AccountOutcome) -> EventLine:
    value = write_outcome(outcome)
    return EventLine(outcome.account, OUTCOMES, outcome.outcome_id, outcome.at, value, history=False)
