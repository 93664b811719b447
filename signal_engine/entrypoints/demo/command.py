"""`signal-engine demo`: everything on one machine, with nothing to install."""

import sys
from pathlib import Path
from typing import Final

import click

from signal_engine.adapters.terminal.screen import Warnings, print_json
from signal_engine.entrypoints.demo.delivering import people_of
from signal_engine.entrypoints.demo.feed import Feed, file_feed, journey_feed
from signal_engine.entrypoints.demo.running import FitFiles, document_of, play, run, say
from signal_engine.entrypoints.demo.showing import ShowsLines, ShowsScreen, show_end
from signal_engine.entrypoints.demo.stage import Stage
from signal_engine.entrypoints.wiring.inputs import read_inputs
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly

_UNWATCHED_SECONDS: Final = 30.0
"""Duration when stdout is no terminal, where nobody could press Ctrl-C."""


@click.command()
@click.option("--seconds", type=click.FloatRange(1, 86_400), help="Stop this many seconds after the first list.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, like `replay --json`.")
@click.option("--events", type=EVENT_FILE, help="Play these events (JSON Lines), shifted to end now.")
@click.option("--accounts", type=READABLE, help="Accounts file to use instead of the one in --config.")
@click.option(
    "--icp", "icps", type=READABLE, multiple=True, help="ICP file to use instead of those in --config; repeatable."
)
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False),
    default="config",
    show_default=True,
    help="Folder with scoring.yaml, accounts.csv and icp/.",
)
@click.option("--seed", default=7, show_default=True, help="Seed of the generated market.")
def demo(
    seconds: float | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
    events: str | None,
    accounts: str | None,
    icps: tuple[str, ...],
    config: str,
    seed: int,
) -> None:
    """Run the whole engine on this machine and watch it work.

    Starts Valkey, a Kafka-compatible broker, the worker and the dashboard on free local ports, in temporary folders
    that are removed afterwards. Prints the address of the dashboard first. Loads ninety days of generated buying
    journeys, then plays the following days, one per second.

    With --events and --accounts it plays your own events: the last three days of them live, in 22 seconds. They arrive
    now; `replay` uses the times at which they arrived, so its levels can differ.

    What people would get in Slack and by e-mail is on the page Inbox, with buttons that act. No message leaves this
    machine.

    Runs until Ctrl-C (for 30 seconds if stdout is no terminal), then prints the list, the alerts, and why one loud
    account is not on the list.
    """
    if events and not accounts:
        raise click.UsageError("--events needs --accounts")
    root = Path(config)
    accounts, scoring = accounts or str(root / "accounts.csv"), str(root / "scoring.yaml")
    icps = icps or tuple(sorted(map(str, root.glob("icp/*.yaml"))))
    plays = str(root / "plays.yaml") if (root / "plays.yaml").is_file() else None
    watched = sys.stdout.isatty() and not as_json
    if seconds is None and not watched:
        seconds = _UNWATCHED_SECONDS
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(scoring, icps, accounts, warnings)
        warnings.close()
        feed = _feed(events, accounts, seed)
        shows = ShowsScreen() if watched and sys.stderr.isatty() else ShowsLines()
        stage = Stage(
            scoring, say, actor=inputs.icps[0].owner_email, people=people_of(inputs.icps, inputs.fits), plays=plays
        )
        click.echo(f"Dashboard: {stage.url}", err=as_json)
        click.echo(f"Messages that people would get, which stay on this machine: {stage.url}inbox", err=as_json)
        result = run(play(stage, FitFiles(accounts, None, icps), inputs, feed, shows, seconds))
        if as_json:
            print_json(document_of(result))
        else:
            show_end(result.seen, result.explained, result.refused, inputs.scoring.policy.lists.tier_weight)


def _feed(events: str | None, accounts: str, seed: int) -> Feed:
    return journey_feed(accounts, seed) if events is None else file_feed(events)
