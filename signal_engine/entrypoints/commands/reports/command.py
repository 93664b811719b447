"""`signal-engine report NAME`: what the rules miss, in the live engine or over files."""

import sys
from typing import Final

import click

from signal_engine.adapters.terminal.reports.misses import show_report
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.entrypoints.commands.reports.live_report import live_report
from signal_engine.entrypoints.commands.reports.over_files import ReportFiles, report_over_files
from signal_engine.entrypoints.wiring.inputs import read_routes, served_routes
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    EVENT_FILE,
    READABLE,
    Instant,
    failing_clearly,
    with_accounts_as,
)
from signal_engine.wire.output.reports.report_csv import report_cells
from signal_engine.wire.output.reports.report_documents import ROW_FIELDS
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES, ReportName
from signal_engine.wire.output.tables.csv_table import csv_text

_OF_PEOPLE: Final[tuple[ReportName, ...]] = ("capacity", "response")


@click.command()
@click.argument("name", type=click.Choice(REPORT_NAMES), metavar="NAME")
@click.option("--accounts", type=READABLE, help="The accounts file: CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option("--icp", "icps", type=READABLE, multiple=True, help=f"An ICP file; up to {MAX_ICPS}.")
@click.option("--events", type=EVENT_FILE, multiple=True, help="An event file, as `replay` reads it; - is stdin.")
@click.option("--actions", type=READABLE, help="A file of account actions: JSON Lines, records of `account.actions`.")
@click.option("--outcomes", type=READABLE, help="A file of outcomes: JSON Lines, for `pipeline-misfits` over files.")
@click.option("--scoring", type=READABLE, help=f"The scoring file.  [default: {DEFAULT_SCORING}]")
@click.option(
    "--routes",
    "path",
    type=READABLE,
    help="The routes file, for `capacity` and `response`.  [default: from the settings]",
)
@click.option("--until", type=Instant(), help="Score as of this instant.  [default: the last event]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the rows as CSV, safe for spreadsheets.")
@click.option("--top", default=20, show_default=True, type=click.IntRange(min=1), help="Rows of each table.")
def report(
    name: ReportName,
    accounts: str | None,
    accounts_as: str | None,
    icps: tuple[str, ...],
    events: tuple[str, ...],
    actions: str | None,
    outcomes: str | None,
    scoring: str | None,
    path: str | None,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes them by name)
    as_csv: bool,  # noqa: FBT001
    top: int,
) -> None:
    """Report what the rules miss, and what waits for a decision.

    Without files, the report is on the live engine now; it names what live state does not hold. With --events (and
    --accounts and --icp), event files are replayed; `decisions` over files needs --actions alone.

    \b
    high-intent-outside-icp  prospects at warm or above that do not fit; what each criterion costs
    near-fits                accounts that miss one criterion, and by how much
    unknown                  accounts undecided for lack of data; the field that would decide most
    not-in-accounts          companies with strong signals that are missing from the accounts file
    inbound                  hand raises of the last 30 days, and which still wait
    decisions                open proposals against the rule, and kills to look at again
    pipeline-misfits         open opportunities on accounts that do not fit or were killed
    data-quality             nobody to call, merged rows, unread columns and titles, silent sources
    capacity                 hot accounts beyond what each person can work on, and a threshold that would do
    response                 how long alerts wait for a claim and claims for the first touch, by person and type
    wiring                   which systems downstream each published ICP has changed (live engine alone)
    """
    if as_json and as_csv:
        raise click.UsageError("use either --json or --csv, not both")
    if path is not None and name not in _OF_PEOPLE:
        raise click.UsageError(f"--routes is for {' and '.join(_OF_PEOPLE)}")
    files = ReportFiles(accounts, accounts_as, icps, events, actions, outcomes, scoring, until)
    over_files = files.check(name)
    with failing_clearly():
        routing = _routing(path) if name in _OF_PEOPLE else None
        team = routing.team if routing else None
        if over_files:
            group = routing.control_group if routing else NO_CONTROL_GROUP
            built = report_over_files(name, files._replace(team=team, group=group))
        else:
            built = live_report(name, team)
        if as_json:
            print_json(built)
        elif as_csv:
            sys.stdout.buffer.write(csv_text(ROW_FIELDS[name], report_cells(built)).encode())
        else:
            show_report(stdout(), built, top)


def _routing(path: str | None) -> Routing | None:
    """The routes file; None where there is none. Raises `ConfigurationError`."""
    file = served_routes() if path is None else read_routes(path)
    return None if file is None else file.routing
