"""`signal-engine scoring diff`: what a new version of the scoring file would have changed."""

import click

from signal_engine.adapters.terminal.reports.scoring_diff import show_scoring_diff
from signal_engine.adapters.terminal.screen import Warnings, print_json, stdout
from signal_engine.core.fit.icp import MAX_ICPS, Fit
from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.reports.scoring_diff import ScoredAccount, ScoredReplay, scored, scoring_diff
from signal_engine.entrypoints.commands.compared_replay import compared_replay
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.commands.validation.options import PastOptions
from signal_engine.entrypoints.commands.validation.past_files import market_files
from signal_engine.entrypoints.commands.validation.rules_used import rules_used
from signal_engine.entrypoints.wiring.inputs import Inputs, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import READABLE, Instant, failing_clearly, with_accounts_as
from signal_engine.wire.config.scoring_file import ScoringFile


@click.command()
@click.argument("old", type=READABLE)
@click.argument("new", type=READABLE)
@click.option("--kafka", is_flag=True, help="Read events from Kafka, and accounts and ICPs unless they are given.")
@click.option("--accounts", type=READABLE, help="The accounts file, CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option("--icp", "icps", type=READABLE, multiple=True, help=f"An ICP file; up to {MAX_ICPS}.")
@click.option("--events", type=READABLE, multiple=True, help="An event file, as `replay` reads it; may be repeated.")
@click.option("--until", type=Instant(), help="The last instant to judge.  [default: the last event]")
@click.option("--capacity", type=click.IntRange(min=1), help="Alerts that one person can work on per week.")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as one JSON document.")
def diff(
    old: str,
    new: str,
    kafka: bool,  # noqa: FBT001 (click passes it by name)
    accounts: str | None,
    accounts_as: str | None,
    icps: tuple[str, ...],
    events: tuple[str, ...],
    until: int | None,
    capacity: int | None,
    as_json: bool,  # noqa: FBT001
) -> None:
    """Compare two scoring files over the last 90 days of events.

    It replays the events under both and tells which settings differ, who would have entered, left or moved on which
    list, which alerts would or would not have come and whose work they are, and which accounts change most and why.
    With --kafka the topics hold all but the two files: events, accounts as loaded, and the published ICPs.
    """
    warnings = Warnings()
    with failing_clearly():
        was, will = read_scoring(old), read_scoring(new)
        _warn_of_version(was, will, new, warnings)
        options = PastOptions(events, kafka, accounts, accounts_as, icps, old)
        with market_files(options) as given:
            profiles = rules_used(options, warnings).icps
            read_icps(icps, will, warnings)  # each file is checked against the personas and tiers of both
            table = given.accounts.table(profiles, warnings)
            fits, aliases = table.fits, Aliases.of(table.aliases)
            warnings.close()
            document = scoring_diff(
                _scored(Inputs(was, profiles, fits, aliases), given.events, until, show_rejected=True),
                _scored(Inputs(will, profiles, fits, aliases), given.events, until, show_rejected=False),
                fits,
                capacity,
            )
        if as_json:
            print_json(document)
        else:
            show_scoring_diff(stdout(), document)


def _warn_of_version(was: ScoringFile, will: ScoringFile, new: str, warnings: Warnings) -> None:
    if was.config_version == will.config_version:
        warnings(f"{new}: has the same content as the old file, {was.config_version}")
    elif will.document.data["version"] <= was.document.data["version"]:
        warnings(
            f"{new}: is version {will.document.data['version']}, and a new version has to be above"
            f" {was.document.data['version']}"
        )


def _scored(inputs: Inputs, events: tuple[str, ...], until: int | None, *, show_rejected: bool) -> ScoredReplay:
    words = f"Replaying {inputs.scoring.config_version}"
    compared, accounts = compared_replay(
        inputs, events, until, words, show_rejected=show_rejected, also=lambda run, at: _chased(run, at, inputs.fits)
    )
    return ScoredReplay(inputs.scoring, compared, accounts)


def _chased(run: ReplayRun, at: int, fits: dict[str, Fit]) -> dict[str, ScoredAccount]:
    names = [name for name, _ in run.replay.items() if name in fits and fits[name].unchased is None]
    return {name: scored(run.replay.snapshot(name, at)) for name in names}
