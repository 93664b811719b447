"""`signal-engine icp check`: is an ICP file valid, and how many accounts does each criterion cost?"""

import click
import orjson

from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.reports.icp_check import show_check
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.reports.icp_check import icp_check, in_market_now
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import Inputs, read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    EVENT_FILE,
    READABLE,
    failing_clearly,
    with_accounts_as,
)
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.reports.icp_documents import InMarketNow


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
@click.option(
    "--events",
    type=EVENT_FILE,
    multiple=True,
    help="Past events: show the list and the alerts, too.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the funnel as one JSON document.")
def check(
    file: str,
    accounts: str,
    accounts_as: str | None,
    scoring: str,
    capacity: int | None,
    events: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Validate an ICP file and show its funnel over an accounts file.

    Each line of the funnel is one criterion: how many accounts reached it, how many it removed, how many remain. Below,
    it shows which missing fields leave accounts undecided, how many accounts each tier has and, with --capacity, how
    many weeks of work that is. With --events it replays them: who would be on the list of this ICP, and how many alerts
    a week it would have sent.
    """
    warnings = Warnings()
    with failing_clearly():
        rules = read_scoring(scoring)
        (profile,) = read_icps([file], rules, warnings)
        warn_of_reviews([profile], clock())
        table = read_account_table(accounts, [profile], warnings, accounts_as)
        warnings.close()
        now = _in_market(rules, profile, table, events) if events else None
        report = icp_check(profile, table, rules.policy, capacity, now)
        if as_json:
            print_json(report)
        else:
            show_check(stdout(), report)


def _in_market(rules: ScoringFile, profile: Icp, table: AccountTable, events: tuple[str, ...]) -> InMarketNow:
    inputs = Inputs(rules, (profile,), table.fits, Aliases.of(table.aliases))
    with ReplayRun(inputs, events, None, weekly=True) as run:
        with progress.reading(events, "Replaying") as on_read:
            replayed = run.run(on_read)
        if replayed.until is None or run.first is None:
            raise click.ClickException("no events to score")
        show_refused(stderr(), run.rejected(), replayed.counts["rejected"])
        alerts = (orjson.loads(alert) for alert in run.alerts())
        entries = replayed.lists[profile.icp]
        return in_market_now(profile, entries, alerts, run.first, parse_instant(replayed.until))
