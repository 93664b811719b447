"""`signal-engine api`: the HTTP API and the dashboard."""

import time

import click

from signal_engine.adapters.http.application import application
from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import ACT, ADMIN, SCOPES, Tokens, new_token
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.logging.event_log import listen_to_libraries
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.core.alerting.plays import Play
from signal_engine.core.delivery.team import Team
from signal_engine.engine.ports.log_events.processes import (
    ApiStarted,
    ApiStopped,
    SettingQuestionable,
    ShutdownForced,
)
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.entrypoints.wiring.api_access import accepted_hosts, is_loopback, token_warnings
from signal_engine.entrypoints.wiring.connections import clock, event_log, run_live
from signal_engine.entrypoints.wiring.delivery.inbox_page import inbox_parts
from signal_engine.entrypoints.wiring.delivery.replies import reply_routes, takes_replies
from signal_engine.entrypoints.wiring.door import api_door
from signal_engine.entrypoints.wiring.inputs import served_plays, served_routes
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.entrypoints.wiring.sync.downstream import wiring_reader
from signal_engine.entrypoints.wiring.sync.sinks import sales_activity, served_sync
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.sync.sync_models import SyncModel
from signal_engine.wire.topics import topic_names


@click.command()
@click.option(
    "--new-token",
    "new_token_of",
    type=click.Choice(SCOPES),
    help="Print a new token and its settings entry, then exit; `act` and `admin`, which also sees who is held back, "
    "need --email.",
)
@click.option("--email", help="With --new-token act or admin: who acts with the token.")
def api(new_token_of: str | None, email: str | None) -> None:
    """Serve lists, accounts, alerts and the dashboard over HTTP.

    Reads Redis, and writes the actions of people to Kafka; configured by SIGNAL_ENGINE_... variables. Listens on this
    machine only, unless SIGNAL_ENGINE_API_HOST names another address; tokens are then required.
    """
    if new_token_of is not None or email is not None:
        _print_new_token(new_token_of, email)
        return
    with failing_clearly():
        settings, plays, routes, sync = read_settings(), served_plays(), served_routes(), served_sync()
    access_policy = access_policy_of(settings)
    if not access_policy.tokens and not settings.api_open and not is_loopback(settings.api_host):
        refuse((_strangers(settings.api_host),))
    run_live(_serve(settings, access_policy, plays, routes.routing.team if routes else None, sync))


def _print_new_token(scope: str | None, email: str | None) -> None:
    """Print a new token on stdout, and its entry for the settings on stderr. Raises `click.UsageError`."""
    if (scope in {ACT, ADMIN}) != (email is not None):
        raise click.UsageError("--new-token act or admin and --email EMAIL belong together: a token that acts says who")
    token, known_as = new_token(email, administers=scope == ADMIN)
    try:
        Tokens.parse(known_as)
    except ValueError:
        raise click.UsageError("--email: must be an e-mail address") from None
    click.echo(token)
    click.echo(f"The token is shown only once. Add to the settings: {variable('api_tokens')}={known_as}", err=True)


def access_policy_of(settings: Settings) -> AccessPolicy:
    """Tokens, hosts, origins and rate limits from the settings."""
    return AccessPolicy(
        tokens=Tokens.parse(settings.api_tokens.get_secret_value()),
        hosts=accepted_hosts(settings.api_host, settings.api_hosts, settings.public_url),
        origins=frozenset(origin.strip().encode() for origin in settings.api_origins.split(",") if origin.strip()),
        rate=RateLimit(settings.api_rate, time.monotonic),
        refusals=RateLimit(settings.api_rate, time.monotonic),
        actor=settings.api_actor.lower() or None,
        replies=takes_replies(settings),
    )


def _strangers(host: str) -> str:
    return (
        f"{variable('api_host')}: {host} is reachable from other machines, and no tokens are set: set "
        f"{variable('api_tokens')} (`signal-engine api --new-token read` creates one), or {variable('api_open')}=true "
        "if a proxy in front controls access"
    )


async def _serve(
    settings: Settings,
    access_policy: AccessPolicy,
    plays: tuple[Play, ...],
    team: Team | None,
    sync: tuple[str, SyncModel] | None,
) -> None:
    said = event_log(settings)
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    with listen(settings.api_host, settings.api_port) as listening:
        async with (
            Channel(settings.redis_url.get_secret_value()) as channel,
            api_door(settings, RedisGenerations(channel, settings.prefix)) as door,
        ):
            topics = topic_names(settings.prefix).signals.values()
            generations = RedisGenerations(channel, settings.prefix)
            store_snapshot = StoreSnapshot(generations, partitioner, list(topics), clock, said, plays)
            for warning in token_warnings(settings.api_tokens.get_secret_value()):
                said.write(SettingQuestionable(warning=warning))
            said.write(ApiStarted(url=url_of(listening), tokens_required=bool(access_policy.tokens)))
            replies = reply_routes(settings, door, store_snapshot)
            crm, ledger = crm_link(settings.crm_url), RedisLedger(channel, settings.prefix)
            wiring = wiring_reader(settings, channel, sync[1] if sync else None)
            loads = accounts_loads(settings)
            inbox = inbox_parts(settings, door, store_snapshot)
            activity = sales_activity(settings, channel).known
            app = application(
                store_snapshot, access_policy, door, ledger, crm, loads, team, replies, wiring, inbox, activity
            )
            await Server(app, store_snapshot, deadline=deadline).serve([listening])
    said.write(ApiStopped())
