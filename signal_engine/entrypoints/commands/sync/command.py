"""`signal-engine sync`: systems that follow, as a process and by hand."""

import click

from signal_engine.entrypoints.commands.sync.accounts import read_accounts
from signal_engine.entrypoints.commands.sync.deals import read_deals
from signal_engine.entrypoints.commands.sync.process import serve
from signal_engine.entrypoints.commands.sync.running import run_sinks
from signal_engine.entrypoints.commands.sync.setup import set_up_sink
from signal_engine.entrypoints.commands.sync.status import show_status
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import Instant, failing_clearly
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.entrypoints.wiring.sync.sinks import read_sync


@click.group(invoke_without_command=True)
@click.pass_context
def sync(context: click.Context) -> None:
    """Keep the systems of the sync file up to date. Without a command, as a process, until it is stopped.

    Each sink is sent only what has changed since it was last sent something. A CRM is written to only after `sync run`
    was confirmed once. Metrics and probes are at SIGNAL_ENGINE_SYNC_HOST and SIGNAL_ENGINE_SYNC_PORT. Several share the
    work of each sink by turns.
    """
    if context.invoked_subcommand is not None:
        return
    with failing_clearly():
        settings = read_settings()
        model = read_sync(settings.sync)
    run_live(serve(settings, model))


@sync.command()
@click.argument("sinks", nargs=-1)
@click.option("--dry-run", is_flag=True, help="Send nothing: print the first 20 writes and the totals.")
@click.option("--yes", is_flag=True, help="Write to CRMs without asking, for the first time, too.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def run(sinks: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool) -> None:  # noqa: FBT001 (by name)
    """Send SINKS, or all sinks, what has changed, once.

    A CRM that was never written to is looked at first: how many accounts it has, or has more than once, and what would
    be written. Then the command asks.
    """
    run_sinks(sinks, dry=dry_run, yes=yes, as_json=as_json)


@sync.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show when each sink last ran, and what stops it.

    Also what was counted, and what each ICP changed.
    """
    show_status(as_json=as_json)


@sync.command()
@click.argument("sink")
@click.option("--yes", is_flag=True, help="Create without asking.")
def setup(sink: str, yes: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Create our fields in the CRM SINK: the twelve, and our own id. Those that are there stay as they are."""
    set_up_sink(sink, yes=yes)


@sync.command()
@click.argument("sink")
@click.option("--dry-run", is_flag=True, help="Read and count; load nothing.")
@click.option("--yes", is_flag=True, help="Load it even if it raises many alerts or empties the lists.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def accounts(sink: str, dry_run: bool, yes: bool, as_json: bool) -> None:  # noqa: FBT001 (by name)
    """Load relation, owner and last sales activity from a CRM.

    Only these fields change, and only those of accounts whose record is known; what the CRM leaves empty stays as it
    is. It needs published ICPs.
    """
    read_accounts(sink, dry=dry_run, yes=yes, as_json=as_json)


@sync.command()
@click.argument("sink")
@click.option("--since", type=Instant(), help="Read deals that changed since then.  [default: since the last reading]")
@click.option("--dry-run", is_flag=True, help="Read and count; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def deals(sink: str, since: int | None, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 (by name)
    """Write the deals of a CRM to the topic `outcomes`.

    Each deal becomes an opportunity that was opened, and won or lost where it has ended. What is read twice counts
    once, so run it on a schedule. The first reading reads all deals.
    """
    read_deals(sink, since, dry=dry_run, as_json=as_json)
