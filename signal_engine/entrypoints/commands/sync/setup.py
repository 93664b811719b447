"""`signal-engine sync setup`: our fields in a CRM, created after asking."""

import sys

import click

from signal_engine.adapters.outgoing.crm.hubspot import HubSpot, property_of
from signal_engine.adapters.outgoing.crm.salesforce import api_name
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.core.sync.fields import CrmField
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.sinks import System, read_sync, ready_sinks
from signal_engine.wire.sync.sync_models import SyncModel


def set_up_sink(name: str, *, yes: bool) -> None:
    """Create what is missing. The record of each account gets our own id with its first write."""
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    run_live(_set_up(settings, model, name, yes=yes))


async def _set_up(settings: Settings, model: SyncModel, name: str, *, yes: bool) -> None:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        ready, *more = ready_sinks(settings, model, channel, [name])
        if (system := ready.system) is None:
            refuse((f"{name}: is no CRM, and needs no fields",))
        missing = await system.missing()
        tasks = [one.tasks for one in more if one.tasks is not None and await one.tasks.is_missing()]
        many = len(missing) + len(tasks)
        if not many:
            click.echo(f"{name}: all fields are there")
            return
        named = ", ".join([*(_name(system, field) for field in missing), *(one.field for one in tasks)])
        click.echo(f"{name}: to create: {named}")
        if not yes and not sys.stdin.isatty():
            refuse((f"{name}: this creates {many} fields; --yes creates them",))
        if not yes and not click.confirm(f"Create these {many} fields?", err=True):
            return
        if missing:
            await system.set_up(missing)
        for one in tasks:
            await one.set_up()
        shown = "" if isinstance(system, HubSpot) else "show them to the app's user with a permission set; then "
        click.echo(f"{name}: {many} fields are made; {shown}`signal-engine sync run {name}` is next")


def _name(system: System, field: CrmField) -> str:
    return property_of(field) if isinstance(system, HubSpot) else api_name(field)
