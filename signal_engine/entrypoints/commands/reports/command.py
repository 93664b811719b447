"""`signal-engine report NAME`: what the rule misses, over files."""

import sys
from typing import Any

import click
import orjson

from signal_engine.adapters.http.api.csv_table import csv_text
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.reports.misses import show_report
from signal_engine.adapters.terminal.screen import Warnings, stderr, stdout
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.engine.reports.misses.builders import BUILDERS
from signal_engine.engine.reports.misses.market import ReportMarket
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.inputs import Inputs, read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    EVENT_FILE,
    READABLE,
    Instant,
    failing_clearly,
    with_accounts_as,
)
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.wire.config.scoring_advice import empty_lists
from signal_engine.wire.output.reports.report_documents import REPORT_NAMES, ROW_FIELDS, Report, ReportName


@click.command()
@click.argument("name", type=click.Choice(REPORT_NAMES), metavar="NAME")
@click.option("--accounts", type=READABLE, required=True, help="The accounts file: CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option("--icp", "icps", type=READABLE, multiple=True, required=True, help=f"An ICP file; up to {MAX_ICPS}.")
@click.option(
    "--events", type=EVENT_FILE, multiple=True, required=True, help="An event file, as `replay` reads it; - is stdin."
)
@click.option("--scoring", type=READABLE, default=DEFAULT_SCORING, show_default=True, help="The scoring file.")
@click.option("--until", type=Instant(), help="Score as of this instant.  [default: the last event]")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the rows as CSV, safe for spreadsheets.")
@click.option("--top", default=20, show_default=True, type=click.IntRange(min=1), help="Rows of each table.")
def report(
    name: ReportName,
    accounts: str,
    accounts_as: str | None,
    icps: tuple[str, ...],
    events: tuple[str, ...],
    scoring: str,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes them by name)
    as_csv: bool,  # noqa: FBT001
    top: int,
) -> None:
    """Report what the rule misses, by replaying event files.

    \b
    high-intent-outside-icp  prospects at warm or above that do not fit; what each criterion costs
    near-fits                accounts that miss one criterion, and by how much
    unknown                  accounts undecided for lack of data; the field that would decide most
    not-in-accounts          companies with strong signals that are missing from the accounts file
    inbound                  hand raises of the last 30 days, and which still wait
    data-quality             nobody to call, merged rows, unread columns and titles, silent sources
    """
    if as_json and as_csv:
        raise click.UsageError("use either --json or --csv, not both")
    with failing_clearly():
        built = _built(name, accounts, accounts_as, icps, events, scoring, until)
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(built) + b"\n")
        elif as_csv:
            sys.stdout.buffer.write(_csv(name, built).encode())
        else:
            show_report(stdout(), built, top)


def _built(
    name: ReportName,
    accounts: str,
    accounts_as: str | None,
    icps: tuple[str, ...],
    events: tuple[str, ...],
    scoring: str,
    until: int | None,
) -> Report:
    warnings = Warnings()
    rules = read_scoring(scoring)
    profiles = read_icps(icps, rules, warnings)
    table = read_account_table(accounts, profiles, warnings, accounts_as)
    for line in empty_lists(rules):
        warnings(line)
    warnings.close()
    with ReplayRun(Inputs(rules, profiles, table.fits), events, until, watched=True) as run:
        with progress.reading(events, "Replaying") as on_read:
            output = run.run(on_read)
        show_refused(stderr(), run.rejected(), output.counts["rejected"])
        if run.verdicts is None or run.watcher is None:
            raise click.ClickException("no events to score")
        at = run.verdicts.until
        warn_of_reviews(profiles, at)
        off_list = output.distribution["off_list"]
        market = ReportMarket(
            at, output.config_version, rules.policy, profiles, table, run.replay, run.watcher, off_list
        )
        return BUILDERS[name](market)


def _csv(name: ReportName, built: Report) -> str:
    """The rows; several values in one cell are separated by `; `."""
    fields = ROW_FIELDS[name]
    rows: list[dict[str, Any]] = [dict(row) for row in built["rows"]]
    return csv_text(fields, ([_cell(row[field]) for field in fields] for row in rows))


def _cell(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
