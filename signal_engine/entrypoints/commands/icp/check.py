"""`signal-engine icp check`: is an ICP file valid, and how many accounts does each criterion cost?"""

import sys

import click
import orjson

from signal_engine.adapters.terminal.reports.icp_check import show_check
from signal_engine.adapters.terminal.screen import Warnings, stdout
from signal_engine.engine.reports.icp_check import icp_check
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, READABLE, failing_clearly, with_accounts_as
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews


@click.command()
@click.argument("file", type=READABLE)
@click.option("--accounts", type=READABLE, required=True, help="The accounts file: CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option(
    "--scoring",
    type=READABLE,
    default=DEFAULT_SCORING,
    show_default=True,
    help="The scoring file, for tier weights and listed relations.",
)
@click.option("--capacity", type=click.IntRange(min=1), help="Accounts that the team can work on per week.")
@click.option("--json", "as_json", is_flag=True, help="Print the funnel as one JSON document.")
def check(file: str, accounts: str, accounts_as: str | None, scoring: str, capacity: int | None, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Validate an ICP file and show its funnel over an accounts file.

    Each line of the funnel is one criterion: how many accounts reached it, how many it removed, how many remain. Below,
    it shows which missing fields leave accounts undecided, how many accounts each tier has and, with --capacity, how
    many weeks of work that is.
    """
    warnings = Warnings()
    with failing_clearly():
        rules = read_scoring(scoring)
        (profile,) = read_icps([file], rules, warnings)
        warn_of_reviews([profile], clock())
        table = read_account_table(accounts, [profile], warnings, accounts_as)
        warnings.close()
        report = icp_check(profile, table, rules.policy, capacity)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(report) + b"\n")
        else:
            show_check(stdout(), report)
