"""`signal-engine explain`: one account's score, parts, evidence, fit, and why it is or is not listed."""

import click

from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.reports.what_if import show_what_if
from signal_engine.adapters.terminal.screen import print_json, stdout, warn_if_stale
from signal_engine.entrypoints.commands.accounts.sources import account_named, explained, files_given
from signal_engine.entrypoints.wiring.options import EVENT_FILE, Instant, judging


@click.command()
@click.argument("account")
@click.argument("files", nargs=-1, type=EVENT_FILE, metavar="[FILE...]")
@judging(required=False)
@click.option("--at", type=Instant(), help="With event files: the account as of this instant (same as --until).")
@click.option("--what-if", "with_what_if", is_flag=True, help="Add which signals would make the account hot now.")
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as one JSON document.")
@click.option(
    "--control-group",
    "administers",
    is_flag=True,
    help="Say whether the control group holds the account back, and until when.",
)
@click.pass_context
def explain(
    context: click.Context,
    account: str,
    files: tuple[str, ...],
    accounts: str | None,
    accounts_as: str | None,
    icps: tuple[str, ...],
    scoring: str | None,
    until: int | None,
    at: int | None,
    with_what_if: bool,  # noqa: FBT001 (click passes them by name)
    as_json: bool,  # noqa: FBT001
    administers: bool,  # noqa: FBT001
) -> None:
    """Explain an account: score, evidence, fit, and why or why not.

    ACCOUNT is a domain or URL. With event FILEs, the account is explained at the end of their replay (--accounts and
    --icp are then required); without, as it is in the live engine now.
    """
    name = account_named(account)
    if at is not None:
        if until is not None:
            raise click.UsageError("--at and --until mean the same; use only one")
        if not files:
            raise click.UsageError("--at needs event files: the live engine only knows the present")
    given = files_given(context, files, accounts, icps, scoring, accounts_as, until if at is None else at)
    (document,) = explained([name], given, with_what_if=with_what_if, administers=administers)
    if as_json:
        print_json(document)
    else:
        show_account(stdout(), document)
        if with_what_if:
            show_what_if(stdout(), document["what_if"])
    warn_if_stale(document)
