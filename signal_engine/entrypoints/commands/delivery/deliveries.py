"""`signal-engine deliveries`: what `notify` did, waits to do, or gave up; and another attempt."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, NamedTuple, get_args

import click

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.adapters.terminal.delivery.ledger_tables import show_deliveries, show_stats
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.delivery.ledger import RowStatus
from signal_engine.engine.notify.asked import RETRIABLE, FoundRow, RowFilter, find_rows, retry_rows, totals
from signal_engine.engine.notify.documents import list_document, stats_document
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.inputs import served_routes
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.operations.deliveries import RetriedDocument

_ALL: Final = 10**9


class _Deliveries(NamedTuple):
    ledger: RedisLedger
    partitions: Sequence[int]


@click.group()
def deliveries() -> None:
    """What `notify` has sent, waits to send, or gave up."""


_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@deliveries.command("list")
@click.option("--status", "statuses", multiple=True, type=click.Choice(get_args(RowStatus)), help="Only these.")
@click.option("--to", "destinations", multiple=True, help="Only to these destinations.")
@click.option("--account", "accounts", multiple=True, help="Only of these accounts, by domain.")
@click.option("--person", "people", multiple=True, help="Only for these people.")
@click.option("--into", multiple=True, metavar="ID", help="Only those that the message of this delivery reports.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Show at most this many.")
@_JSON
def list_command(
    statuses: tuple[str, ...],
    destinations: tuple[str, ...],
    accounts: tuple[str, ...],
    people: tuple[str, ...],
    into: tuple[str, ...],
    limit: int,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """List deliveries, the last changed first. Finished ones are kept for 30 days."""

    async def ask(settings: Settings) -> list[FoundRow]:
        async with _opened(settings) as there:
            asked = RowFilter(statuses, destinations, accounts, people, into=into)
            return await find_rows(there.ledger, there.partitions, asked, limit)

    document = list_document(_run(ask))
    if as_json:
        print_json(document)
    else:
        show_deliveries(stdout(), document)


@deliveries.command()
@click.argument("delivery_ids", nargs=-1, metavar="[ID]...")
@click.option("--to", "destinations", multiple=True, help="All of this destination; enables it first.")
@click.option("--uncertain", is_flag=True, help="With --to: also those that may have arrived.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_JSON
def retry(
    delivery_ids: tuple[str, ...],
    destinations: tuple[str, ...],
    uncertain: bool,  # noqa: FBT001 (click passes them by name)
    yes: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Retry deliveries that failed or were given up.

    They are tried for another 24 hours. Name them by ID, even one that may have arrived, or retry all of a destination
    with --to, which also enables it.
    """
    if bool(delivery_ids) == bool(destinations):
        raise click.UsageError("give either ids or --to")
    if uncertain and not destinations:
        raise click.UsageError("--uncertain is only used with --to")
    statuses = RETRIABLE if uncertain or delivery_ids else RETRIABLE - {"uncertain"}
    asked = RowFilter(statuses, destinations, delivery_ids=delivery_ids)

    async def look(settings: Settings) -> int:
        async with _opened(settings) as there:
            await _check(there, destinations)
            return len(await find_rows(there.ledger, there.partitions, asked, _ALL))

    async def do(settings: Settings) -> RetriedDocument:
        async with _opened(settings) as there:
            await _check(there, destinations)
            enabled = [name for name in destinations if await there.ledger.enable(name)]
            found = await find_rows(there.ledger, there.partitions, asked, _ALL)
            return {"retried": await retry_rows(there.ledger, found, clock()), "enabled": enabled}

    if not yes:
        _confirm(_run(look))
    document = _run(do)
    if as_json:
        print_json(document)
        return
    for name in document["enabled"]:
        click.echo(f"{name} is enabled again")
    many = len(document["retried"])
    click.echo("1 delivery is tried again" if many == 1 else f"{many:,} deliveries are tried again")


@deliveries.command()
@_JSON
def stats(as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Count deliveries by destination, state and type of alert.

    With the last success and the last error of each destination.
    """

    async def ask(settings: Settings) -> Any:
        async with _opened(settings) as there:
            return await totals(there.ledger, there.partitions)

    document = stats_document(_run(ask))
    if as_json:
        print_json(document)
    else:
        show_stats(stdout(), document)


async def _check(there: _Deliveries, destinations: Sequence[str]) -> None:
    """Raise `ConfigurationError` for a destination that neither the routes file has nor a delivery was for."""
    if not destinations:
        return
    routes = served_routes()
    known = {*routes.routing.destinations} if routes else set()
    if not known.issuperset(destinations):  # an earlier routes file may have had it
        seen = await totals(there.ledger, there.partitions)
        known |= {*seen.disabled} | {destination for destination, _, _ in seen.counts}
    names = ", ".join(sorted(known)) or "there are none"
    if unknown := [f"--to {name}: is none of the destinations: {names}" for name in destinations if name not in known]:
        raise ConfigurationError(unknown)


def _confirm(many: int) -> None:
    """Ask; without a terminal an option must answer."""
    if not sys.stdin.isatty():
        refuse((f"this tries {many:,} deliveries again; --yes does it",))
    click.confirm(f"Try {many:,} deliveries again?", abort=True, err=True)


def _run(work: Any) -> Any:
    with failing_clearly():
        settings = read_settings()
    return run_live(work(settings))


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncIterator[_Deliveries]:
    """The ledger, and its partitions. Raises `StoreTrouble`."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        ledger = RedisLedger(channel, settings.prefix)
        yield _Deliveries(ledger, await ledger.partitions())
