"""`signal-engine fit`: load the fit table into the running engine, show its decisions."""

import asyncio
import sys
import time
from typing import Final, NamedTuple

import click
import orjson

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.terminal.fit_tables import show_decision, show_plan
from signal_engine.adapters.terminal.market_summary import show_distribution
from signal_engine.adapters.terminal.screen import Warnings, stdout
from signal_engine.core.fit.icp import MAX_ICPS, Icp
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.engine.distribution.stored_market import stored_distribution
from signal_engine.engine.fit.plan import LEAVES, Plan, plan
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.entrypoints.commands.fit_output import plan_document
from signal_engine.entrypoints.wiring.connections import (
    View,
    clock,
    event_log,
    partitions_of,
    run_live,
    scoring_in_force,
    signal_partitions,
)
from signal_engine.entrypoints.wiring.generations import working_view
from signal_engine.entrypoints.wiring.inputs import read_accounts, read_icps
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly, refuse, with_accounts_as
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.explanations import explained_fit
from signal_engine.wire.output.operations.fit import FitLoad, FitShow
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import IcpInForce

_CONFIRM_ABOVE_ALERTS: Final = 100
"""A load that raises more alerts than this asks for confirmation."""
_TRIES: Final = 5
_MAX_NAMED: Final = 10


@click.group()
def fit() -> None:
    """Load a new fit table, or show who fits."""


@fit.command()
@click.argument("accounts", type=READABLE)
@click.option("--icp", "icps", type=READABLE, multiple=True, required=True, help=f"An ICP file; up to {MAX_ICPS}.")
@with_accounts_as
@click.option("--dry-run", is_flag=True, help="Show who would enter, leave or change tier; change nothing.")
@click.option(
    "--yes",
    is_flag=True,
    help=f"Do not ask for confirmation (above {_CONFIRM_ABOVE_ALERTS} alerts, or when most accounts would leave).",
)
@click.option("--quiet", is_flag=True, help="Record the alerts it raises without sending them.")
@click.option("--wait", type=click.FloatRange(0, 3600), default=0.0, help="Seconds to wait for all partitions.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as one JSON document.")
def load(
    accounts: str,
    icps: tuple[str, ...],
    accounts_as: str | None,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    yes: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    wait: float,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Decide every account by the ICP files and put the result in force.

    ACCOUNTS is the accounts file. Within seconds the workers re-decide every live account by the new fit table; the
    lists switch to it when all partitions have.
    """
    with failing_clearly():
        settings = read_settings()
    load_options = _LoadOptions(accounts, accounts_as, icps, dry_run, yes, quiet, wait)
    document = run_live(_load(settings, load_options))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    else:
        show_plan(stdout(), document)
        show_distribution(stdout(), document["distribution"])


@fit.command()
@click.argument("account")
@click.option("--json", "as_json", is_flag=True, help="Print the decisions as one JSON document.")
def show(account: str, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show what each ICP decides for ACCOUNT (a domain or URL), and why."""
    name = normalise(account)
    if isinstance(name, NotAnAccount):
        raise click.BadParameter(f"{account!r} {name.reason}", param_hint="ACCOUNT")
    with failing_clearly():
        settings = read_settings()
    document = run_live(_show(settings, name))
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    else:
        show_decision(stdout(), document, format_instant(clock())[:10])


class _LoadOptions(NamedTuple):
    """The options of `fit load`."""

    accounts: str
    accounts_as: str | None
    icps: tuple[str, ...]
    dry_run: bool
    yes: bool
    quiet: bool
    wait: float


async def _load(settings: Settings, load_options: _LoadOptions) -> FitLoad:
    """Plan, ask, load; return the document to show."""
    warnings = Warnings()
    asked = None if load_options.dry_run else await signal_partitions(settings)
    said = event_log(settings)
    async with working_view(settings, said, _say_begun, begin=not load_options.dry_run) as (view, own):
        if own.building is not None:
            click.echo("A rebuild is running: this fit table goes into the view being built.", err=True)
        scoring = await scoring_in_force(view, settings)
        icps = read_icps(load_options.icps, scoring, warnings)
        warn_of_reviews(icps, clock())
        table = read_accounts(load_options.accounts, icps, warnings, load_options.accounts_as)
        warnings.close()
        tables = _tables(view, asked or await partitions_of(view, settings))
        for _ in range(_TRIES):
            planned = await plan(tables, table, ScoringContext(scoring.policy), clock())
            if not load_options.dry_run:
                _ask(load_options, planned)
                if not await _put_in_force(tables, planned, icps, quiet=load_options.quiet):
                    continue
            taken_over = None if load_options.dry_run else await _taken_over(tables, planned, load_options)
            market = await stored_distribution(view.store, tables.partition_of, table, scoring, clock())
            return {
                "loaded": not load_options.dry_run,
                **plan_document(planned),
                "taken_over": taken_over,
                "distribution": market,
            }
        raise click.ClickException("other loads kept interfering; nothing was loaded")


async def _put_in_force(tables: FitVersions, planned: Plan, icps: tuple[Icp, ...], *, quiet: bool) -> bool:
    in_force = tuple(
        IcpInForce(i.icp, i.version, i.owner_name, i.owner_email, i.review_by, i.buying_group) for i in icps
    )
    return await tables.bring_into_force(
        planned.version, planned.rows, planned.accounts, in_force, clock(), quiet=quiet
    )


def _ask(load_options: _LoadOptions, planned: Plan) -> None:
    """Ask before raising many alerts and before emptying the lists; without a terminal an option must answer."""
    if load_options.yes:
        return
    if (emptied := _emptied(load_options, planned)) is not None:
        _confirm(emptied, "Load it anyway?", "--yes loads it anyway")
    alerts = sum(planned.alerts.values())
    if alerts > _CONFIRM_ABOVE_ALERTS and not load_options.quiet:
        raises = f"this load raises {alerts:,} alerts at once"
        _confirm(raises, "Send them?", "--yes sends them, --quiet only records them")


def _emptied(load_options: _LoadOptions, planned: Plan) -> str | None:
    """The warning for a load after which hardly any account would be chased: usually a wrong or partial file."""
    if not planned.accounts:
        return f"{load_options.accounts} names no account: all {planned.chased:,} accounts chased now would leave"
    if planned.leaving * 2 <= planned.chased:
        return None
    some = [change.account for change in planned.changes if change.what == LEAVES]
    named = ", ".join(some[:_MAX_NAMED]) + (f" and {len(some) - _MAX_NAMED:,} more" if len(some) > _MAX_NAMED else "")
    return f"{planned.leaving:,} of the {planned.chased:,} accounts chased now would leave: {named}"


def _confirm(what: str, question: str, options: str) -> None:
    if not sys.stdin.isatty():
        refuse((f"{what}; {options}",))
    if not click.confirm(f"{what[:1].upper()}{what[1:]}. {question}", err=True):
        raise SystemExit(1)


async def _taken_over(tables: FitVersions, planned: Plan, load_options: _LoadOptions) -> str:
    """How many partitions have taken the table over, after at most `wait` seconds."""
    deadline = time.monotonic() + load_options.wait
    while True:
        reached = await tables.partitions_at(planned.version)
        if reached == tables.partitions or time.monotonic() >= deadline:
            return f"{reached} of {tables.partitions} partitions"
        await asyncio.sleep(0.1)


async def _show(settings: Settings, name: str) -> FitShow:
    async with working_view(settings, event_log(settings), _say_begun, begin=False) as (view, _):
        tables = _tables(view, await partitions_of(view, settings))
        in_force = await tables.in_force()
        fit = await tables.fit(name)
        return {
            "account_id": name,
            "fit_version": in_force.version if in_force else None,
            "known": fit is not None,
            "suppressed": fit.suppressed if fit else False,
            "owner": fit.owner if fit else None,
            "sdr": (fit.sdr or fit.owner) if fit else None,
            "relation": fit.relation if fit else PROSPECT,
            "parent": fit.parent if fit else None,
            "parent_relation": fit.parent_relation if fit else None,
            "fit": explained_fit(fit, in_force.icps if in_force else ()),
        }


def _say_begun(building: Building) -> None:
    del building
    click.echo(
        "Redis is empty, but lists were published before: a rebuild reads all events again, with this fit table.",
        err=True,
    )


def _tables(view: View, partitions: int) -> FitVersions:
    return FitVersions(view.store, view.controls, view.fit_changes, partitions, partitioner(partitions))
