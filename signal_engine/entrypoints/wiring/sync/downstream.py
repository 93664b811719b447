"""What is known of the systems downstream: the published ICPs in Kafka, and the ledgers of sinks in Redis."""

from typing import NamedTuple

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.sync_ledger import RedisSyncLedger
from signal_engine.core.sync.wiring import NO_WIRING, WiringFacts
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.reports.live.live_market import ReadWiring
from signal_engine.engine.reports.work.wiring import SinkSeen, wiring_facts
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.wiring.rules.published import read_rules
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.sync.ledger_rows import SinkState
from signal_engine.wire.sync.sync_models import SyncModel


def wiring_reader(settings: Settings, channel: Channel, sync: SyncModel | None) -> ReadWiring:
    """What reads it; nothing is asked of Kafka or Redis yet. `sync` is the sync file; None without one."""

    async def read() -> WiringFacts:
        log = await read_rules(settings)
        return NO_WIRING if log is None else wiring_facts(log, await _sinks_seen(settings, channel, sync))

    return read


class WiringRead(NamedTuple):
    """What could be read."""

    facts: WiringFacts
    synced: bool
    """Whether Redis told what `sync` did; without a sync file there is nothing to tell."""


async def wiring_read(settings: Settings, log: RulesLog, sync: SyncModel | None) -> WiringRead:
    """The same by what is published in `log`; without what `sync` did where Redis does not answer."""
    if sync is None:
        return WiringRead(wiring_facts(log, ()), synced=True)
    try:
        async with Channel(settings.redis_url.get_secret_value()) as channel:
            return WiringRead(wiring_facts(log, await _sinks_seen(settings, channel, sync)), synced=True)
    except StoreTrouble:
        return WiringRead(wiring_facts(log, ()), synced=False)


async def _sinks_seen(settings: Settings, channel: Channel, sync: SyncModel | None) -> list[SinkSeen]:
    return [
        SinkSeen(name, one.kind, SinkState.decode(await RedisSyncLedger(channel, settings.prefix, name).state()))
        for name, one in (sync.sinks if sync else {}).items()
    ]
