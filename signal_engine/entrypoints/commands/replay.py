"""`signal-engine replay`: score event files; print ranked lists and alerts."""

import sys
import time
from collections import deque

import click
import orjson

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.adapters.terminal import progress, tables
from signal_engine.adapters.terminal.acting.tables import show_action_counts
from signal_engine.adapters.terminal.market_summary import show_distribution
from signal_engine.adapters.terminal.screen import Warnings, stderr, stdout
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.instants import BEGINNING, DAY, SECOND
from signal_engine.entrypoints.commands.replay_run import ReplayOutput, ReplayRun, json_document
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs, read_routes
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, Instant, failing_clearly, judging
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.wire.output.alert_words import accounts_alerted_just_now


@click.command()
@click.argument("files", nargs=-1, required=True, type=EVENT_FILE, metavar="FILE...")
@judging()
@click.option("--actions", type=READABLE, help="A file of account actions: JSON Lines, records of `account.actions`.")
@click.option("--routes", type=READABLE, help="The routes file with the control groups (holdback).")
@click.option(
    "--aliases-since",
    type=Instant(),
    help="Resolve the aliases of the accounts file in what arrived from this instant on.  [default: in everything]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as one JSON document.")
@click.option("--top", default=20, show_default=True, type=click.IntRange(min=1), help="Rows of each table.")
def replay(
    files: tuple[str, ...],
    accounts: str,
    accounts_as: str | None,
    icps: tuple[str, ...],
    scoring: str,
    until: int | None,
    actions: str | None,
    routes: str | None,
    aliases_since: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
    top: int,
) -> None:
    """Score event files without Kafka or Redis.

    FILE is JSON Lines with one event per line, each with its `kind`; `-` is standard input; gzip is detected. Lines
    may be in any order: events are processed by (received_at, or occurred_at if missing; event_id). Rejected lines
    are reported and otherwise skipped; if every line is rejected, the exit code is 1. Account actions are taken in
    order of (received_at, or at if missing; line) among the events, those of an instant after its events. With --routes
    alerts of accounts that its control groups held back then are marked as recorded, not sent; lists stay whole.
    """
    warnings = Warnings()
    with failing_clearly():
        since = BEGINNING if aliases_since is None else aliases_since
        inputs = read_inputs(scoring, icps, accounts, warnings, accounts_as, since)
        warnings.close()
        group = NO_CONTROL_GROUP if routes is None else read_routes(routes).routing.control_group
        acted = None if actions is None else read_actions(actions, inputs.fits, inputs.aliases)
        with ReplayRun(inputs, files, until, actions=acted, group=group) as run:
            with progress.reading(files, "Replaying") as on_read:
                output = run.run(on_read)
            if until is None and run.verdicts and run.verdicts.until > time.time() * SECOND + DAY:
                warnings(f"the last event, {output.until}, lies in the future, and scores are as of then; see --until")
            if as_json:
                sys.stdout.buffer.writelines(json_document(run, output))
            else:
                _show(run, output, inputs, top)
                if (acts := run.actions()) is not None:
                    show_action_counts(stderr(), str(actions), acts)
    if 0 < output.counts["received"] == output.counts["rejected"]:
        raise SystemExit(1)


def _show(run: ReplayRun, output: ReplayOutput, inputs: Inputs, top: int) -> None:
    """Print the result: lists and alerts on stdout, rejected lines and counts on stderr."""
    screen, messages = stdout(), stderr()
    if output.until is None:
        messages.print("No events to score.")
    else:
        total = 0
        latest: deque[bytes] = deque(maxlen=top)
        alerted: set[str] = set()
        for total, payload in enumerate(run.alerts(), 1):  # noqa: B007 (the last number is the total)
            latest.append(payload)
            alerted |= accounts_alerted_just_now([orjson.loads(payload)], output.until)
        only_icp = len(inputs.icps) == 1  # its list is the list of all
        for name, entries in output.lists.items():
            if only_icp and name != ALL:
                continue
            tables.show_list(screen, name, entries, output.until, top, alerted=alerted)
        tables.show_order(screen, inputs.scoring.policy.lists.tier_weight)
        tables.show_alerts(screen, [orjson.loads(alert) for alert in latest], total - len(latest))
        show_distribution(screen, output.distribution)
        warn_of_reviews(inputs.icps, run.verdicts.until if run.verdicts else BEGINNING)
    counts = output.counts
    tables.show_refused(messages, run.rejected(), counts["rejected"])
    named = ", ".join(f"{counts[name]:,} {name}" for name in counts if name != "received")
    messages.print(f"{counts['received']:,} events received: {named}. Scoring {output.config_version}.")
