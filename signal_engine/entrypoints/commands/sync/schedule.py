"""What comes back out of a CRM while `sync` runs: its deals and its accounts, read again and again."""

import asyncio
from collections import Counter
from uuid import uuid4

import click

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.syncing import CrmNotRead, CrmRead
from signal_engine.engine.sync.activity import SalesActivity
from signal_engine.engine.sync.following import pause_s, rest_s
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.engine.sync.turns import turn_at
from signal_engine.entrypoints.commands.sync.accounts import bring_accounts
from signal_engine.entrypoints.commands.sync.deals import bring_deals
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink, System
from signal_engine.wire.sync.sync_models import CrmReadingModel


async def read_again_and_again(
    settings: Settings,
    ready: ReadySink,
    system: System,
    reading: CrmReadingModel,
    activity: SalesActivity,
    turn: asyncio.Lock,
    log: EventLog,
) -> None:
    """Read at once, then every `reading.every` seconds, until it is cancelled. Trouble ends one reading, not the next;
    while that goes on it is read less often, and not before the time for which it asks to be left alone.

    `turn` is the sink's: calls of a CRM are paced, and its state is kept, by one at a time.
    """

    async def deals() -> Counter[str]:
        return await bring_deals(settings, ready, system) if reading.deals else Counter()

    async def accounts() -> Counter[str]:
        return await bring_accounts(settings, ready, system, reading, activity) if reading.accounts else Counter()

    failures, holder = 0, str(uuid4())
    while True:
        trouble, asked_s = False, 0.0
        for what in (deals, accounts):
            try:
                async with turn, turn_at(ready.ledger, holder):
                    counts = await what()
            except (SignalEngineError, click.ClickException) as error:
                log.write(CrmNotRead(sink=ready.sink.name, reason=str(error)))
                if isinstance(error, SinkTrouble):
                    trouble, asked_s = True, max(asked_s, rest_s(error))
            except SystemExit:  # what a command refuses it has said, line by line
                log.write(CrmNotRead(sink=ready.sink.name, reason="it was refused, as the lines above say"))
            else:
                if counts["outcomes"] or counts["changed"]:
                    log.write(_told(ready.sink.name, counts))
        failures = failures + 1 if trouble else 0
        await asyncio.sleep(max(pause_s(reading.every, failures), asked_s))


def _told(sink: str, counts: Counter[str]) -> CrmRead:
    return CrmRead(sink=sink, deals=counts["deals"], outcomes=counts["outcomes"], accounts=counts["changed"])
