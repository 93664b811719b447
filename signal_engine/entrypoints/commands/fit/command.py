"""`signal-engine fit`: load accounts into the running engine, show what is decided of them."""

from typing import Final

import click

from signal_engine.adapters.terminal.fit_tables import show_decision, show_plan
from signal_engine.adapters.terminal.market_summary import show_distribution
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.fit.acted import actions_of, by_rule
from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.engine.context.aliases import aliases_in_force
from signal_engine.entrypoints.commands.delivery.assigning import Assigning, write_assignments
from signal_engine.entrypoints.commands.fit.confirming import CONFIRM_ABOVE_ALERTS, LoadOptions
from signal_engine.entrypoints.commands.fit.load import fit_tables, load_accounts, say_begun
from signal_engine.entrypoints.wiring.connections import clock, event_log, partitions_of, run_live
from signal_engine.entrypoints.wiring.generations import working_view
from signal_engine.entrypoints.wiring.inputs import read_routes, routes_path
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly, with_accounts_as
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.actions.record import is_email
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.explanations import explained_fit
from signal_engine.wire.output.operations.fit import FitShow

_ASSIGN_WAIT_S: Final = 60.0
"""Seconds for which --assign waits for the workers, unless --wait says so: they decide who is chased."""


@click.group()
def fit() -> None:
    """Load a new fit table, or show who fits."""


@fit.command()
@click.argument("accounts", type=READABLE, required=False)
@click.option(
    "--icp",
    "icps",
    type=READABLE,
    multiple=True,
    help=f"An ICP file; up to {MAX_ICPS}. Refused once an ICP is published.",
)
@with_accounts_as
@click.option("--merge", is_flag=True, help="Add and change the accounts of the file; all others stay.")
@click.option(
    "--remove",
    type=READABLE,
    help="A file of accounts that leave; all others stay. With ACCOUNTS it needs --merge.",
)
@click.option("--dry-run", is_flag=True, help="Show who would enter, leave or change tier; change nothing.")
@click.option(
    "--yes",
    is_flag=True,
    help=f"Do not ask for confirmation (above {CONFIRM_ABOVE_ALERTS} alerts, or when most accounts would leave).",
)
@click.option("--quiet", is_flag=True, help="Record the alerts it raises without sending them.")
@click.option("--wait", type=click.FloatRange(0, 3600), default=0.0, help="Seconds to wait for all partitions.")
@click.option("--assign", is_flag=True, help="Afterwards give accounts an SDR, as `routes assign` does. Needs --by.")
@click.option("--by", metavar="EMAIL", help="With --assign: who acts, your e-mail address.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes as one JSON document.")
def load(
    accounts: str | None,
    icps: tuple[str, ...],
    accounts_as: str | None,
    merge: bool,  # noqa: FBT001 (click passes them by name)
    remove: str | None,
    dry_run: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    quiet: bool,  # noqa: FBT001
    wait: float,
    assign: bool,  # noqa: FBT001
    by: str | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Load an accounts file, and put its fit into force.

    ACCOUNTS replaces all accounts that were loaded before, unless --merge or --remove is given. The accounts go to
    Kafka. The workers decide them within seconds, and the lists switch when all partitions have.
    """
    if accounts is None and remove is None:
        raise click.UsageError("Missing argument 'ACCOUNTS' (or --remove FILE).")
    if accounts is None and merge:
        raise click.UsageError("--merge needs ACCOUNTS")
    if accounts is not None and remove is not None and not merge:
        raise click.UsageError("ACCOUNTS replaces all accounts, so --remove has no effect; add --merge")
    if assign and by is None:
        raise click.UsageError("--assign needs --by EMAIL: who acts")
    if by is not None and not assign:
        raise click.UsageError("--by is only used with --assign")
    if assign and (accounts is None or dry_run or as_json):
        raise click.UsageError(
            "--assign needs ACCOUNTS, and goes neither with --dry-run nor --json: see `routes assign`"
        )
    if by is not None and not is_email(by):  # else it would be refused when the accounts are loaded
        raise click.BadParameter(f"{by!r} is no e-mail address", param_hint="--by")
    with failing_clearly():
        settings = read_settings()
        routing = _with_territories() if assign else None
    wait = wait or (_ASSIGN_WAIT_S if assign else 0.0)
    load_options = LoadOptions(
        accounts, accounts_as, icps, merge or accounts is None, remove, dry_run, yes, quiet, wait
    )
    document = run_live(load_accounts(settings, load_options))
    if as_json:
        print_json(document)
    else:
        show_plan(stdout(), document)
        show_distribution(stdout(), document["distribution"])
    if routing is not None:
        if not _all_have(document["taken_over"]):
            said = (
                f"{document['taken_over']} have decided the accounts: run `signal-engine routes assign` once all have"
            )
            click.echo(f"warning: {said}", err=True)
        how = Assigning(accounts or "", accounts_as, by or "", dry_run=False, as_json=False)
        write_assignments(settings, routing, how)


def _all_have(taken_over: str | None) -> bool:
    """Whether it says `4 of 4 partitions`."""
    reached, _, there = (taken_over or "").partition(" of ")
    return reached == there.removesuffix(" partitions")


def _with_territories() -> Routing:
    """The routes file that is set. Raises `ConfigurationError`, also where it assigns nothing."""
    path = routes_path()
    routing = read_routes(path).routing
    if not routing.territories:
        raise ConfigurationError([f"{path}: has no `assign`, by which --assign would go"])
    return routing


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
        print_json(document)
    else:
        show_decision(stdout(), document, format_instant(clock())[:10])


async def _show(settings: Settings, name: str) -> FitShow:
    async with working_view(settings, event_log(settings), say_begun, begin=False) as (view, _):
        tables = fit_tables(view, await partitions_of(view, settings), accounts_loads(settings))
        in_force = await tables.in_force()
        name = (await aliases_in_force(view.controls)).latest(name)
        fit = await tables.acted(name, clock())
        return {
            "account_id": name,
            "fit_version": in_force.version if in_force else None,
            "known": by_rule(fit) is not None,
            "suppressed": fit.suppressed if fit else False,
            "owner": fit.owner if fit else None,
            "sdr": (fit.sdr or fit.owner) if fit else None,
            "relation": fit.relation if fit else PROSPECT,
            "parent": fit.parent if fit else None,
            "parent_relation": fit.parent_relation if fit else None,
            "hidden": actions_of(fit).hidden,
            "fit": explained_fit(fit, in_force.icps if in_force else ()),
        }
