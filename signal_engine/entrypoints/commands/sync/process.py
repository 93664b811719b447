"""The process: every sink for itself, and probes and metrics beside them."""

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.http.sync.application import sync_application
from signal_engine.adapters.logging.event_log import listen_to_libraries
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import ShutdownForced
from signal_engine.engine.ports.log_events.syncing import SyncStarted, SyncStopped
from signal_engine.engine.sync.activity import SalesActivity
from signal_engine.engine.sync.following import FollowingSink
from signal_engine.engine.sync.sink import Reached, unwatched
from signal_engine.entrypoints.commands.sync.schedule import read_again_and_again
from signal_engine.entrypoints.wiring.connections import event_log
from signal_engine.entrypoints.wiring.process.probes import open_policy
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink, market_opener, ready_sinks, sales_activity
from signal_engine.wire.sync.sync_models import SyncModel


async def serve(settings: Settings, model: SyncModel, reached: Reached = unwatched) -> None:
    """Run all sinks until SIGTERM or Ctrl-C. Raises `ConfigurationError`, `CannotListen`."""
    said = event_log(settings)
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    with listen(settings.sync_host, settings.sync_port) as listening:
        async with Channel(settings.redis_url.get_secret_value()) as channel:
            market = market_opener(settings, channel)
            ready = ready_sinks(settings, model, channel, reached=reached)
            following = [FollowingSink(one.sink, one.ledger, market, said) for one in ready]
            for crm, beside, one in zip(following, following[1:], ready[1:], strict=False):
                if one.tasks is not None:  # right after its CRM, whose calls it shares
                    beside.turn = crm.turn
            said.write(SyncStarted(url=url_of(listening), sinks=", ".join(model.sinks)))
            tasks = [asyncio.create_task(one.follow(model.every)) for one in following]
            activity = sales_activity(settings, channel)
            tasks += [asyncio.create_task(one) for one in _readings(settings, model, ready, following, activity, said)]
            server = Server(sync_application(following, open_policy(settings.sync_host)), deadline=deadline)
            try:
                await _until_either_ends(asyncio.create_task(server.serve([listening])), tasks)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
    said.write(SyncStopped())


def _readings(
    settings: Settings,
    model: SyncModel,
    ready: Sequence[ReadySink],
    following: Sequence[FollowingSink],
    activity: SalesActivity,
    log: EventLog,
) -> Iterator[Coroutine[Any, Any, None]]:
    """What comes back out of CRMs whose sinks say so."""
    for one, sink in zip(ready, following, strict=True):
        reading = None if one.system is None else model.sinks[one.sink.name].read
        if one.system is not None and reading is not None:
            yield read_again_and_again(settings, one, one.system, reading, activity, sink.turn, log)


async def _until_either_ends(server: asyncio.Task[None], tasks: list[asyncio.Task[None]]) -> None:
    """Sinks run for ever: one that ends has a fault of ours, which must not go unseen."""
    done, _ = await asyncio.wait([server, *tasks], return_when=asyncio.FIRST_COMPLETED)
    if server not in done:
        server.cancel()
        await asyncio.gather(server, return_exceptions=True)
    for task in done:
        task.result()
