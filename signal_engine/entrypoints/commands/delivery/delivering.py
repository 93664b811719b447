"""`signal-engine notify` without a subcommand: the process that delivers alerts."""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from uuid import uuid4

from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.notify.application import notify_application
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.delivering.acted_accounts import ActedAccountsTopic
from signal_engine.adapters.kafka.delivering.alert_group import AlertGroup
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.logging.event_log import StderrEventLog, listen_to_libraries
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.disk import durability
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.figures import NotifyFigures
from signal_engine.engine.notify.notifier import Notifier
from signal_engine.engine.ports.log_events.delivery import (
    LedgerKeyUnreadable,
    LedgerRowUnreadable,
    NotifyStarted,
    NotifyStopped,
)
from signal_engine.engine.ports.log_events.processes import SettingQuestionable, ShutdownForced
from signal_engine.entrypoints.wiring.connections import MISSING, clock, event_log
from signal_engine.entrypoints.wiring.delivery.accounts_seen import ServedAccounts
from signal_engine.entrypoints.wiring.delivery.composing import composer
from signal_engine.entrypoints.wiring.delivery.senders import message_ways, poster_of, senders_of
from signal_engine.entrypoints.wiring.inputs import read_routes, served_plays
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import ending_by_exit_code, failing_clearly
from signal_engine.entrypoints.wiring.process.probes import probing_policy
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.entrypoints.wiring.sync.sinks import sales_activity
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.topics import topic_names


def deliver(since: int | None, reached: Callable[[str], None] = lambda _: None) -> None:
    """Run until stopped; `reached` is called at every named step of a delivery, where the fault harness kills."""
    with failing_clearly():
        settings = read_settings()
        routes = read_routes(settings.routes)
        policy = probing_policy(settings, "notify_host")
    with ending_by_exit_code():
        asyncio.run(_deliver(settings, routes, policy, since, reached))


async def _deliver(
    settings: Settings, routes: RoutesFile, policy: AccessPolicy, since: int | None, reached: Callable[[str], None]
) -> None:
    said = event_log(settings)
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    async with AsyncExitStack() as stack:
        channel = await stack.enter_async_context(Channel(settings.redis_url.get_secret_value()))
        context = await _context(settings, routes, channel, said, reached)
        reader = AlertGroup(
            kafka_connection(settings),
            topic_names(settings.prefix).alerts,
            settings.notify_group,
            settings.notify_instance,
            said,
        )
        acted = ActedAccountsTopic(kafka_connection(settings), topic_names(settings.prefix).actions, said)
        listening = stack.enter_context(listen(settings.notify_host, settings.notify_port))
        app = notify_application(context.figures, context.senders, lambda: context.retry.trouble, policy)
        said.write(NotifyStarted(url=url_of(listening), group=settings.notify_group, destinations=len(context.senders)))
        delivering = asyncio.create_task(Notifier(context, reader, since, acted).run())
        server = Server(app, deadline=deadline)
        delivering.add_done_callback(lambda _: server.end())
        try:
            await server.serve([listening])
        finally:
            delivering.cancel()
            with suppress(asyncio.CancelledError):
                await delivering
    said.write(NotifyStopped())


async def _context(
    settings: Settings, routes: RoutesFile, channel: Channel, said: StderrEventLog, reached: Callable[[str], None]
) -> NotifyContext:
    """What the process works with. Raises `NoConnection`, `StoreTrouble`, `ConfigurationError`."""
    names = topic_names(settings.prefix)
    async with connected(kafka_connection(settings)) as cluster:
        topics = await cluster.topics([names.alerts, *names.signals.values()])
    if names.alerts not in topics:
        raise ConfigurationError([MISSING.format(names.alerts)])
    durable = await durability(channel)
    durable.check()

    def warn(warning: str) -> None:
        said.write(SettingQuestionable(warning=warning))

    for warning in durable.warnings:
        warn(warning)
    if settings.local_inbox:
        warn(f"{variable('local_inbox')}: no message leaves this machine, and nobody gets one")

    signals = [topic.partitions for name, topic in topics.items() if name != names.alerts]
    figures = NotifyFigures()

    def set_aside(partition: int, delivery_id: str) -> None:
        figures.rows_unreadable += 1
        said.write(LedgerRowUnreadable(partition=partition, delivery_id=delivery_id))

    def put_away(key: str, kept: str) -> None:
        said.write(LedgerKeyUnreadable(key=key, kept=kept))

    generations = RedisGenerations(channel, settings.prefix)
    return NotifyContext(
        ledger=RedisLedger(channel, settings.prefix, set_aside, put_away),
        seen=ServedAccounts(generations, partitioner(signals[0] if signals else 1), sales_activity(settings, channel)),
        senders=senders_of(
            poster_of(settings),
            routes,
            message_ways(settings),
            lambda warning: said.write(SettingQuestionable(warning=warning)),
        ),
        routing=routes.routing,
        compose=composer(settings, routes.routing, served_plays()),
        event_log=said,
        clock=clock,
        jitter=random.random,
        instance=f"{settings.notify_instance or 'notify'}-{uuid4().hex[:12]}",
        reached=reached,
        figures=figures,
    )
