"""A report on the live engine: out of Redis and of the accounts in Kafka, changing nothing."""

import click

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.core.delivery.team import Team
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.reports.live.live_market import LiveMarket
from signal_engine.entrypoints.wiring.connections import clock, run_live, served_view
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.downstream import wiring_reader
from signal_engine.entrypoints.wiring.sync.sinks import sales_activity, served_sync
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import ReportName
from signal_engine.wire.storage.in_force import TopicsInForce
from signal_engine.wire.sync.sync_models import SyncModel


def live_report(name: ReportName, team: Team | None = None) -> Report:
    """One report, as of now. Ends the command with a message if nothing was ever computed."""
    with failing_clearly():
        settings = read_settings()
        served = served_sync() if name == "wiring" else None
    built = run_live(_read(settings, name, team, served[1] if served else None))
    if built is None:
        raise click.ClickException("nothing to report yet: no worker has run on this Redis and prefix")
    return built


async def _read(settings: Settings, name: ReportName, team: Team | None, sync: SyncModel | None) -> Report | None:
    async with served_view(settings) as view, Channel(settings.redis_url.get_secret_value()) as channel:
        topics = await view.controls.read(TOPICS)
        partitions = TopicsInForce.decode(topics).partitions if topics else 1
        market = LiveMarket(
            view.store,
            view.controls,
            view.fit_changes,
            partitions,
            loads=accounts_loads(settings),
            partition_of=partitioner(partitions),
            team=team,
            wiring=wiring_reader(settings, channel, sync),
            activity=sales_activity(settings, channel).known,
        )
        return await market.report(name, clock())
