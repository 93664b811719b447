"""`signal-engine sync status`: what became of each sink, out of its ledger."""

from collections.abc import Sequence

import click

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.sync_ledger import RedisSyncLedger
from signal_engine.adapters.terminal.clean import clean
from signal_engine.adapters.terminal.screen import print_json
from signal_engine.engine.sync.tasks import TASKS
from signal_engine.entrypoints.commands.sync.showing import counted
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.sinks import read_sync
from signal_engine.wire.output.entries import instant
from signal_engine.wire.output.operations.sync import SinkStatus, VersionChanges
from signal_engine.wire.sync.ledger_rows import SinkState
from signal_engine.wire.sync.sync_models import SyncModel, tasks_name


def show_status(*, as_json: bool) -> None:
    """Print it."""
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    sinks = run_live(_read(settings, model))
    if as_json:
        print_json({"sinks": sinks})
    else:
        show_sinks(sinks)


def show_sinks(sinks: Sequence[SinkStatus]) -> None:
    """Print what became of sinks, for people."""
    for one in sinks:
        counts = counted(one["counts"])
        ran = f"ran at {one['ran_at']}" if one["ran_at"] else "has not run to its end yet"
        click.echo(f"{one['sink']} ({one['kind']}): {ran}{f'; {counts}' if counts else ''}")
        if one["problem"] is not None:
            rests = f" (left alone until {one['rests_until']})" if one["rests_until"] else ""
            click.echo(clean(f"  stopped at {one['problem_at']}: {one['problem']}{rests}"))
        for change in one["changes"]:
            by = f"{change['icp']} version {change['version']}"
            moves = f"{change['added']:,} added, {change['removed']:,} removed"
            click.echo(clean(f"  {by}: {moves}, {change['first_at']} to {change['last_at']}"))


async def _read(settings: Settings, model: SyncModel) -> list[SinkStatus]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        found = []
        for name, one in model.sinks.items():
            for sink, kind in ((name, one.kind), *([(tasks_name(name), TASKS)] if one.tasks else [])):
                state = SinkState.decode(await RedisSyncLedger(channel, settings.prefix, sink).state())
                found.append(status_of(sink, kind, state))
        return found


def status_of(name: str, kind: str, state: SinkState) -> SinkStatus:
    """What became of a sink, by its state."""
    return {
        "sink": name,
        "kind": kind,
        "confirmed_at": instant(state.confirmed_at),
        "ran_at": instant(state.ran_at),
        "whole_at": instant(state.whole_at),
        "counts": state.counts,
        "problem": state.problem,
        "problem_at": instant(state.trouble_at),
        "disabled": state.disabled,
        "rests_until": instant(state.rests_until),
        "changes": [*_changes(state)],
    }


def _changes(state: SinkState) -> list[VersionChanges]:
    found: list[VersionChanges] = []
    for named, change in state.by_version.items():
        icp, _, version = named.rpartition("/")
        found.append(
            {
                "icp": icp,
                "version": int(version),
                "added": change.added,
                "removed": change.removed,
                "first_at": instant(change.first_at) or "",
                "last_at": instant(change.last_at) or "",
            }
        )
    return found
