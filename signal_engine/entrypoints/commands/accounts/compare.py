"""`signal-engine compare`: two accounts side by side, part by part."""

import click

from signal_engine.adapters.terminal.reports.compare import show_comparison
from signal_engine.adapters.terminal.screen import print_json, stdout, warn_if_stale
from signal_engine.engine.reports.compare import compare as side_by_side
from signal_engine.entrypoints.commands.accounts.sources import account_named, explained, files_given
from signal_engine.entrypoints.wiring.options import EVENT_FILE, judging


@click.command()
@click.argument("account")
@click.argument("other")
@click.argument("files", nargs=-1, type=EVENT_FILE, metavar="[FILE...]")
@judging(required=False)
@click.option("--json", "as_json", is_flag=True, help="Print both accounts and their difference as one JSON document.")
@click.pass_context
def compare(
    context: click.Context,
    account: str,
    other: str,
    files: tuple[str, ...],
    accounts: str | None,
    accounts_as: str | None,
    icps: tuple[str, ...],
    scoring: str | None,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Compare two accounts: which parts make their scores differ.

    With event FILEs, the accounts are compared at the end of their replay (--accounts and --icp are then required);
    without, as they are in the live engine now.
    """
    names = [account_named(account), account_named(other)]
    documents = explained(names, files_given(context, files, accounts, icps, scoring, accounts_as, until))
    comparison = side_by_side(documents)
    if as_json:
        print_json(comparison)
    else:
        show_comparison(stdout(), comparison)
    warn_if_stale(documents[0])
