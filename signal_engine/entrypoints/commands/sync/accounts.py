"""`signal-engine sync accounts`: what a CRM says of accounts, merged into the accounts that are loaded."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

import click

from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_facts import HubSpotFacts
from signal_engine.adapters.outgoing.crm.salesforce_facts import SalesforceFacts
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.terminal.screen import print_json
from signal_engine.core.sync.stages import HUBSPOT_STAGES, SALESFORCE_STAGES, CrmRelation
from signal_engine.engine.fit.plan import Plan
from signal_engine.engine.sync.activity import SalesActivity
from signal_engine.engine.sync.back_in import CrmFacts, Merging
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.entrypoints.commands.fit.confirming import LoadOptions, alerts_of, emptied_by
from signal_engine.entrypoints.commands.fit.load import load_accounts
from signal_engine.entrypoints.commands.sync.by_hand import by_hand
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink, System, read_sync, ready_sinks, sales_activity
from signal_engine.wire.sync.ledger_rows import LedgerRow
from signal_engine.wire.sync.sync_models import CrmReadingModel, SyncModel

_OR_YES: Final = "; look at `signal-engine sync accounts --dry-run`; with --yes it loads it"


def read_accounts(name: str, *, dry: bool, yes: bool, as_json: bool) -> None:
    """Read what the CRM says of the accounts whose records are known, and load what has changed."""
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    counts = run_live(_read(settings, model, name, dry=dry, yes=yes))
    if as_json:
        document = {"sink": name, "dry_run": dry, "counts": dict(counts)}
        print_json(document)
        return
    told = ", ".join(f"{counts[what]:,} {what}" for what in ("records", "changed"))
    click.echo(f"{name}{' (dry run)' if dry else ''}: {told}")


async def _read(settings: Settings, model: SyncModel, name: str, *, dry: bool, yes: bool) -> Counter[str]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        ready, *_ = ready_sinks(settings, model, channel, [name])
        activity = sales_activity(settings, channel)
        if ready.system is None:
            refuse((f"{name}: is no CRM, and says nothing of accounts",))
        reading = model.sinks[name].read or CrmReadingModel()
        async with by_hand(ready):
            return await bring_accounts(settings, ready, ready.system, reading, activity, dry=dry, yes=yes)


async def bring_accounts(
    settings: Settings,
    ready: ReadySink,
    system: System,
    reading: CrmReadingModel,
    activity: SalesActivity,
    *,
    dry: bool = False,
    yes: bool = False,
) -> Counter[str]:
    """How many records were read, and how many accounts they change; nothing is loaded where none does.

    When sales were last active is kept in `activity` for clocks, to the millisecond where the CRM knows it.

    Raises `SinkTrouble` for a load that a person has to see first, too, `StoreTrouble`, and what Kafka raises.
    """
    hubspot = isinstance(system, HubSpot)
    source = HubSpotFacts(system) if isinstance(system, HubSpot) else SalesforceFacts(system)
    facts: dict[str, CrmFacts] = {}
    began = clock()
    async for some in source.facts(await _records(ready.ledger), reading.sdr):
        facts |= some
    if not dry:
        known = {name: one.last_activity_at for name, one in facts.items() if one.last_activity_at is not None}
        await activity.note(known, began)
    merging = Merging(facts, _stages(reading, HUBSPOT_STAGES if hubspot else SALESFORCE_STAGES))
    loads = accounts_loads(settings)
    latest = await loads.latest()
    if latest is None:
        raise SinkTrouble("no accounts were loaded yet: `signal-engine fit load` comes first")
    found = [await merging.differing(loads.read(number, end)) for number, end in enumerate(latest.load.ends)]
    changed, prospects, leaving = (sum(numbers) for numbers in zip(*found, strict=True))
    if leaving * 2 > prospects and not yes and not dry:
        raise SinkTrouble(f"{leaving:,} of {prospects:,} prospects would be none any more{_OR_YES}")
    counts = Counter(records=len(facts), changed=changed)
    if changed and not dry:
        options = LoadOptions(None, None, (), merge=True, remove=None, dry_run=False, yes=yes, quiet=False, wait=0.0)
        await load_accounts(settings, options, merging, _refused)
    return counts


def _refused(options: LoadOptions, planned: Plan) -> None:
    """Raise `SinkTrouble` for a load that `fit load` would ask about: nobody may be there to answer."""
    doubt = None if options.yes else emptied_by("what the CRM says", planned) or alerts_of(planned)
    if doubt is not None:
        raise SinkTrouble(f"{doubt}{_OR_YES}")


def _stages(reading: CrmReadingModel, usual: Mapping[str, CrmRelation]) -> Mapping[str, CrmRelation]:
    return usual if reading.stages is None else {name.lower(): told for name, told in reading.stages.items()}


async def _records(ledger: SyncLedger) -> dict[str, str]:
    """Account -> record, of those that are known."""
    found: dict[str, str] = {}
    cursor, more = 0, True
    while more:
        cursor, rows = await ledger.scan(cursor)
        for account, value in rows.items():
            row = LedgerRow.decode(value)
            if row.match == "matched" and row.record_id is not None:
                found[account] = row.record_id
        more = bool(cursor)
    return found
