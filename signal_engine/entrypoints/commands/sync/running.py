"""`signal-engine sync run`: one comparison by hand, confirmed where a CRM is written to for the first time."""

import sys
from collections.abc import Sequence

import click

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.terminal.screen import print_json
from signal_engine.core.errors import FAILED
from signal_engine.engine.sync.following import OpenMarket, confirm, may_write, run_once
from signal_engine.engine.sync.market import SyncMarket, UnknownPlace
from signal_engine.engine.sync.sink import SinkTrouble, SyncRun
from signal_engine.engine.sync.turns import SinkInUse
from signal_engine.entrypoints.commands.sync.by_hand import by_hand
from signal_engine.entrypoints.commands.sync.showing import show_run
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink, market_opener, read_sync, ready_sinks
from signal_engine.wire.output.operations.sync import SyncRunDocument
from signal_engine.wire.sync.sync_models import SyncModel


def run_sinks(names: Sequence[str], *, dry: bool, yes: bool, as_json: bool) -> None:
    """Run the sinks one after the other. Ends the command with 1 where one failed."""
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    documents = run_live(_run(settings, model, names, dry=dry, yes=yes, quiet=as_json))
    if as_json:
        print_json({"sinks": documents})
    if any(one["problem"] is not None or one["counts"].get("failed") for one in documents):
        raise SystemExit(FAILED)


async def _run(
    settings: Settings, model: SyncModel, names: Sequence[str], *, dry: bool, yes: bool, quiet: bool
) -> list[SyncRunDocument]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        ready = ready_sinks(settings, model, channel, names)
        opened = market_opener(settings, channel)
        documents = []
        for one in ready:
            document = await _one(one, opened, dry=dry, yes=yes, quiet=quiet)
            documents.append(document)
        return documents


async def _one(ready: ReadySink, opened: OpenMarket, *, dry: bool, yes: bool, quiet: bool) -> SyncRunDocument:
    """One sink, while nobody else uses it: neither the process nor another command. A person is asked in between."""
    sink, ledger = ready.sink, ready.ledger
    run, problem = SyncRun(clock(), whole=True, dry=True, by_hand=True), None
    try:
        async with by_hand(ready):
            looks = dry or not await may_write(sink, ledger)
            if looks:
                await sink.sync(await _market(opened), run)
        agreed = not dry and (not looks or _confirmed(sink.name, run, yes=yes, quiet=quiet))
        if agreed:
            async with by_hand(ready):
                if looks:
                    await confirm(ledger, clock())
                run = SyncRun(clock(), whole=True, by_hand=True)
                await run_once(sink, ledger, await _market(opened), run)
    except (SinkTrouble, UnknownPlace, SinkInUse) as trouble:
        problem = str(trouble)
    document: SyncRunDocument = {
        "sink": sink.name,
        "kind": sink.kind,
        "dry_run": run.dry,
        "counts": dict(run.counts),
        "ambiguous": run.unclear.get("ambiguous", []),
        "unmatched": run.unclear.get("unmatched", []),
        "writes": [{"account_id": one.account, "what": one.what, "fields": dict(one.fields)} for one in run.shown],
        "notes": run.notes,
        "problem": problem,
    }
    if not quiet:
        show_run(document)
    return document


async def _market(opened: OpenMarket) -> SyncMarket:
    market = await opened()
    if market is None:
        raise click.ClickException(
            "nothing to send yet: no worker has run on this Redis and prefix, or no accounts were loaded"
        )
    return market


def _confirmed(name: str, run: SyncRun, *, yes: bool, quiet: bool) -> bool:
    """Whether a person lets the sink write from now on; without a terminal an option must answer."""
    if yes:
        return True
    found = ", ".join(f"{run.counts[match]:,} {match}" for match in ("matched", "ambiguous", "unmatched"))
    if quiet or not sys.stdin.isatty():
        refuse((f"{name}: {found}; nothing was written: --yes writes, from now on whenever something changes",))
    click.echo(f"{name}: {found}", err=True)
    return click.confirm(f"Write to {name}, from now on whenever something changes?", err=True)
