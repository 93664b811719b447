"""`signal-engine ingest`: events and webhooks in, over HTTP."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import click

from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import WRITING_SCOPES, Tokens, new_token
from signal_engine.adapters.http.ingest.application import IngestContext, ingest_application
from signal_engine.adapters.http.ingest.hooks import ServedHook
from signal_engine.adapters.http.ingest.in_flight import MAX_READ_BYTES
from signal_engine.adapters.http.ingest.sender import IngestTopics, Sender
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.kafka.accounts_tail import AccountsTail
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.prompt_producer import KafkaPromptProducer
from signal_engine.adapters.kafka.seen_topic import FeedsSeenTopic
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.adapters.kafka.topics.ingest_checks import check_ingest_topics
from signal_engine.adapters.logging.event_log import listen_to_libraries
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.engine.intake.requests.deliveries import accounts_for
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.ports.log_events.processes import (
    IngestStarted,
    IngestStopped,
    SettingQuestionable,
    ShutdownForced,
)
from signal_engine.entrypoints.wiring.api_access import accepted_hosts, is_loopback
from signal_engine.entrypoints.wiring.connections import clock, event_log, run_live
from signal_engine.entrypoints.wiring.hooks import served_hooks
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.wire.intake.mapping import OUTCOMES
from signal_engine.wire.topics import topic_names

_FOR_A_REQUEST: int = 64 * 1024
"""Bytes of a request around its records: the producer must not refuse what the topics accept."""


@click.command()
@click.option("--new-token", "name", metavar="NAME", help="Print a new token for the program NAME, then exit.")
def ingest(name: str | None) -> None:
    """Take in events and webhooks over HTTP, for Kafka.

    POST /v1/events takes events as JSON, an array, JSON Lines or CloudEvents; POST /v1/hooks/NAME takes the webhooks
    of the hooks file through their mappings. Answers once Kafka has everything. Configured by SIGNAL_ENGINE_...
    variables. Listens on this machine only, unless SIGNAL_ENGINE_INGEST_HOST names another address; tokens are then
    required.
    """
    if name is not None:
        _print_new_token(name)
        return
    with failing_clearly():
        settings = read_settings()
        hooks = served_hooks(settings.hooks)
    access_policy = ingest_policy_of(settings)
    if not access_policy.tokens and not settings.ingest_open and not is_loopback(settings.ingest_host):
        refuse((_strangers(settings.ingest_host),))
    run_live(_serve(settings, access_policy, hooks))


def _print_new_token(name: str) -> None:
    token, known_as = new_token(writer=name)
    try:
        Tokens.parse(known_as, WRITING_SCOPES)
    except ValueError:
        raise click.UsageError("--new-token: a name has up to 64 letters, digits, . _ -") from None
    click.echo(token)
    click.echo(f"The token is shown only once. Add to the settings: {variable('ingest_tokens')}={known_as}", err=True)


def ingest_policy_of(settings: Settings) -> AccessPolicy:
    """Tokens, hosts and rate limits from the settings; no page of anybody may send."""
    return AccessPolicy(
        tokens=Tokens.parse(settings.ingest_tokens.get_secret_value(), WRITING_SCOPES),
        hosts=accepted_hosts(settings.ingest_host, settings.ingest_hosts),
        origins=frozenset(),
        rate=RateLimit(settings.ingest_rate, time.monotonic),
        refusals=RateLimit(settings.ingest_rate, time.monotonic),
    )


def _strangers(host: str) -> str:
    return (
        f"{variable('ingest_host')}: {host} is reachable from other machines, and no tokens are set: set "
        f"{variable('ingest_tokens')} (`signal-engine ingest --new-token NAME` creates one), or "
        f"{variable('ingest_open')}=true if a proxy in front controls access"
    )


@asynccontextmanager
async def _following(tail: AccountsTail | None, known: KnownAccounts, end: Callable[[], None]) -> AsyncIterator[None]:
    """Takes the accounts in the background; `end` is called if that fails, and the block then ends with the reason."""
    if tail is None:
        yield
        return
    following = asyncio.create_task(tail.run(known))
    following.add_done_callback(lambda done: None if done.cancelled() else end())
    try:
        yield
    finally:
        following.cancel()
        await asyncio.wait([following])
    if not following.cancelled():
        following.result()


@asynccontextmanager
async def _followed(connection: KafkaConnection, topic: str, *, states: bool) -> AsyncIterator[FeedsSeenTopic | None]:
    """What state feeds showed last, read to its end before anything is served; None where no hook is one."""
    if not states:
        yield None
        return
    async with FeedsSeenTopic(connection, topic) as seen:
        await seen.up_to_date()
        yield seen


async def _serve(settings: Settings, access_policy: AccessPolicy, hooks: dict[str, ServedHook]) -> None:
    said = event_log(settings)
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    connection, names = kafka_connection(settings), topic_names(settings.prefix)
    states = any(hook.mapper.is_state_feed for hook in hooks.values())
    outcomes = any(hook.mapper.makes_outcomes for hook in hooks.values())
    looks_up = any(hook.mapper.looks_up for hook in hooks.values())
    async with connected(connection) as cluster:
        checked = await check_ingest_topics(cluster, names, states=states, outcomes=outcomes, accounts=looks_up)
    for warning in checked.warnings:
        said.write(SettingQuestionable(warning=warning))
    with listen(settings.ingest_host, settings.ingest_port) as listening:
        async with (
            KafkaPromptProducer(connection, said, checked.largest + _FOR_A_REQUEST) as producer,
            _followed(connection, names.feeds_seen, states=states) as seen,
        ):
            producer.connect()
            taken = {**names.signals, OUTCOMES: names.outcomes}
            sender = Sender(producer, IngestTopics(taken, names.ingest_dead_letters, names.feeds_seen))
            known = accounts_for(hook.mapper for hook in hooks.values())
            context = IngestContext(sender, hooks, settings.ingest_megabytes * 2**20, clock, known, said, seen)
            said.write(
                IngestStarted(
                    url=url_of(listening),
                    tokens_required=bool(access_policy.tokens),
                    hooks=len(hooks),
                    min_insync_replicas=checked.min_insync_replicas,
                )
            )
            app = ingest_application(context, access_policy)
            server = Server(app, deadline=deadline, largest_request=MAX_READ_BYTES)
            there = checked.accounts_partitions
            tail = AccountsTail(connection, names, there, said) if there else None
            async with _following(tail, known, server.end):
                await server.serve([listening])
    said.write(IngestStopped())
