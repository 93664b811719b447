"""The sync file that is set, and its sinks with the secrets that they name."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from signal_engine.adapters.files.sync.folder import SyncFolder
from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.outgoing.change_receiver import WebhookReceiver
from signal_engine.adapters.outgoing.crm.api_calls import MOST_OF_A_CRM_ANSWER, ApiCalls
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_tasks import HubSpotTasks
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.adapters.outgoing.crm.salesforce_tasks import SalesforceTasks
from signal_engine.adapters.outgoing.handshake import Handshake
from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.secrets import secrets, signing_keys
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.sync_ledger import RedisSyncLedger
from signal_engine.engine.sync.activity import ACTIVITY, SalesActivity
from signal_engine.engine.sync.deals import TellingDeals
from signal_engine.engine.sync.files import FilesSink, LinkedInSink
from signal_engine.engine.sync.following import OpenMarket
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import market_at
from signal_engine.engine.sync.places import PlaceSink
from signal_engine.engine.sync.records import RecordSink
from signal_engine.engine.sync.sink import Reached, Sink, unwatched
from signal_engine.engine.sync.tasks import TaskSink
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.delivery.senders import guarded_poster_of, poster_of
from signal_engine.entrypoints.wiring.inputs import DEFAULT_SYNC, served_plays, served_routes
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.settings_sources import find
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.messages.content import MessageContext
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.output.tables.csv_table import csv_of
from signal_engine.wire.sync import sync_file
from signal_engine.wire.sync.sync_models import (
    HubSpotSinkModel,
    SalesforceSinkModel,
    SinkModel,
    SyncModel,
    deals_name,
    tasks_name,
)

_HUBSPOT_PAUSE_S: Final = 0.25
"""Seconds between two calls: HubSpot's search takes five a second of an account, everybody's calls together 19."""
_SALESFORCE_PAUSE_S: Final = 0.1
System = HubSpot | Salesforce
Tasks = HubSpotTasks | SalesforceTasks


class ReadySink(NamedTuple):
    """A sink that can run."""

    sink: Sink
    ledger: SyncLedger
    system: System | None
    """The CRM, where it is one."""
    tasks: Tasks | None = None
    """Tasks in a CRM, where it makes them."""
    deals: TellingDeals | None = None
    """What was told of its deals, where it is a CRM."""


def read_sync(path: str, icps: Sequence[str] | None = None) -> SyncModel:
    """The sync file at `path`; `icps` are as `sync_file.parse` says. Raises `ConfigurationError`."""
    try:
        text = Path(path).read_bytes()
    except OSError as error:
        hint = "SIGNAL_ENGINE_SYNC sets its path"
        raise ConfigurationError([f"{path}: cannot be read: {reason(error)}; {hint}"]) from None
    return sync_file.parse(path, text, icps)


def served_sync(icps: Sequence[str] | None = None) -> tuple[str, SyncModel] | None:
    """The sync file that is set, with its path, read as by `read_sync`; None where neither it nor the default one is
    there.
    """
    found = find(("sync",), ()).get("sync")
    path = found.value if found else DEFAULT_SYNC
    return (path, read_sync(path, icps)) if found or Path(path).is_file() else None


def ready_sinks(
    settings: Settings, model: SyncModel, channel: Channel, names: Sequence[str] = (), reached: Reached = unwatched
) -> list[ReadySink]:
    """The sinks of the sync file, or those with `names`. Raises `ConfigurationError` for unreadable secrets."""
    if unknown := [name for name in names if name not in model.sinks]:
        raise ConfigurationError([f"{name}: is none of the sinks: {', '.join(model.sinks)}" for name in unknown])
    ready = []
    for name, one in model.sinks.items():
        if names and name not in names:
            continue
        ledger = RedisSyncLedger(channel, settings.prefix, name)
        system = _crm_of(name, one, ledger, guarded_poster_of(settings, MOST_OF_A_CRM_ANSWER))
        deals = TellingDeals(RedisSyncLedger(channel, settings.prefix, deals_name(name)), name) if system else None
        sink = _sink(name, one, ledger, system, poster_of(settings), reached)
        ready.append(ReadySink(sink, ledger, system, deals=deals))
        if system is not None and one.tasks:
            ready.append(_tasks_of(settings, name, one, ledger, system, channel, reached))
    return ready


def _tasks_of(
    settings: Settings,
    name: str,
    one: SinkModel,
    records: SyncLedger,
    system: System,
    channel: Channel,
    reached: Reached,
) -> ReadySink:
    """The tasks of a CRM. Raises `ConfigurationError` without a routes file: it has people's addresses."""
    routes = served_routes()
    if routes is None:
        raise ConfigurationError([f"sinks.{name}.{one.kind}.tasks: needs a routes file, which has people's addresses"])
    tasks = SalesforceTasks(system) if isinstance(system, Salesforce) else HubSpotTasks(system)
    ledger = RedisSyncLedger(channel, settings.prefix, tasks_name(name))
    context = MessageContext(
        routes.routing.zone, plays=served_plays(), public_url=settings.public_url, crm=crm_link(settings.crm_url)
    )
    sink = TaskSink(
        tasks_name(name), ledger, records, tasks, frozenset(one.tasks), routes.routing.team, context, reached
    )
    return ReadySink(sink, ledger, None, tasks)


def sales_activity(settings: Settings, channel: Channel) -> SalesActivity:
    """Where it is kept when sales were last active."""
    return SalesActivity(RedisSyncLedger(channel, settings.prefix, ACTIVITY))


def market_opener(settings: Settings, channel: Channel) -> OpenMarket:
    """What opens the market as it is now, without control groups of the routes file. Raises `ConfigurationError`."""
    generations, routes = RedisGenerations(channel, settings.prefix), served_routes()

    def held_back(account: str, now: int, pinned: bool) -> bool:  # noqa: FBT001 (as `HeldBack` says)
        return routes is not None and routes.routing.holds_back(account, now, pinned=pinned) is not None

    return lambda: market_at(generations, partitioner, clock(), held_back)


def _crm_of(name: str, one: SinkModel, ledger: SyncLedger, poster: Poster) -> System | None:
    """The CRM of a sink, if it is one. Raises `ConfigurationError`."""
    if one.hubspot is not None:
        return _hubspot(f"sinks.{name}.hubspot", one.hubspot, ledger, poster)
    return _salesforce(f"sinks.{name}.salesforce", one.salesforce, ledger, poster) if one.salesforce else None


def _sink(
    name: str, one: SinkModel, ledger: SyncLedger, system: System | None, poster: Poster, reached: Reached
) -> Sink:
    if system is not None:
        model = one.hubspot or one.salesforce
        return RecordSink(name, one.kind, ledger, system, bool(model and model.create), reached)
    if one.linkedin is not None:
        return LinkedInSink(name, ledger, SyncFolder(one.linkedin.folder, csv_of), one.linkedin.of, reached)
    if one.files is not None:
        return FilesSink(name, SyncFolder(one.files.folder, csv_of), one.files.parquet, one.files.of, reached)
    assert one.webhook is not None, "the model has exactly one kind"  # noqa: S101
    where = f"sinks.{name}.webhook"
    url = secrets(f"{where}.url_file", one.webhook.url_file)[0]
    keys = signing_keys(f"{where}.secret_file", one.webhook.secret_file)
    handshake = Handshake(poster) if one.webhook.verify else None
    receiver = WebhookReceiver(poster, url, keys, clock, handshake)
    return PlaceSink(name, ledger, receiver, one.webhook.of, frozenset(one.webhook.changes), reached)


def _hubspot(where: str, model: HubSpotSinkModel, ledger: SyncLedger, poster: Poster) -> HubSpot:
    token = secrets(f"{where}.token_file", model.token_file)[0]
    return HubSpot(ApiCalls(poster, ledger, model.calls_per_day, _HUBSPOT_PAUSE_S, clock), token)


def _salesforce(where: str, model: SalesforceSinkModel, ledger: SyncLedger, poster: Poster) -> Salesforce:
    client_id = secrets(f"{where}.client_id_file", model.client_id_file)[0]
    secret = secrets(f"{where}.client_secret_file", model.client_secret_file)[0]
    calls = ApiCalls(poster, ledger, model.calls_per_day, _SALESFORCE_PAUSE_S, clock)
    return Salesforce(calls, model.instance, model.api_version, client_id, secret)
