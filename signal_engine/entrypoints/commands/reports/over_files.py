"""A report over files: a replay of events and actions, read by the builders."""

from typing import NamedTuple

import click

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.acting.tables import show_action_counts
from signal_engine.adapters.terminal.screen import Warnings, stderr
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.delivery.team import Team
from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.reports.replayed_market import ReportMarket
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.commands.validation.outcomes import outcomes_at
from signal_engine.entrypoints.wiring.inputs import Inputs, read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.wire.config.scoring_advice import empty_lists
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import ReportName

_DECISIONS: ReportName = "decisions"
"""The report that needs no events: what people decided is enough."""
_MISFITS: ReportName = "pipeline-misfits"
"""The report that needs outcomes."""
_DATA_QUALITY: ReportName = "data-quality"
"""The report that looks at columns that nobody reads."""
_WIRING: ReportName = "wiring"
"""The report that files know nothing of."""


class ReportFiles(NamedTuple):
    """The file options of the command."""

    accounts: str | None
    accounts_as: str | None
    icps: tuple[str, ...]
    events: tuple[str, ...]
    actions: str | None
    outcomes: str | None
    scoring: str | None
    until: int | None
    team: Team | None = None
    """The people of the routes file; not a reason to read files."""
    group: ControlGroup = NO_CONTROL_GROUP
    """Whom that file holds back."""

    def check(self, name: ReportName) -> bool:
        """Whether the report goes over files, not over the live engine. Raises `UsageError` if some are missing."""
        if name == _WIRING and (self.accounts or self.icps or self.events):
            raise click.UsageError(f"{_WIRING} is of the live engine alone: files do not say what other systems have")
        if self.events or (name == _DECISIONS and self.actions):
            if not self.accounts or not self.icps:
                raise click.UsageError("a report over files needs --accounts and --icp")
            if name == _MISFITS and self.outcomes is None:
                raise click.UsageError(f"{_MISFITS} over files needs --outcomes")
            if name != _MISFITS and self.outcomes is not None:
                raise click.UsageError(f"--outcomes is for {_MISFITS}")
            return True
        given = {
            "--accounts": self.accounts,
            "--as": self.accounts_as,
            "--icp": self.icps,
            "--actions": self.actions,
            "--outcomes": self.outcomes,
            "--scoring": self.scoring,
            "--until": self.until is not None,
        }
        if used := [option for option, value in given.items() if value]:
            needed = "--events or --actions" if name == _DECISIONS else "--events"
            raise click.UsageError(f"{used[0]} is for a report over files, which needs {needed}")
        return False


def report_over_files(name: ReportName, files: ReportFiles) -> Report:
    """One report. Warnings and refused lines go to stderr. Raises what reading files does."""
    warnings = Warnings()
    rules = read_scoring(files.scoring or DEFAULT_SCORING)
    profiles = read_icps(files.icps, rules, warnings)
    table = read_account_table(str(files.accounts), profiles, warnings, files.accounts_as, whole=name == _DATA_QUALITY)
    for line in empty_lists(rules):
        warnings(line)
    warnings.close()
    aliases = Aliases.of(table.aliases)
    acted = None if files.actions is None else read_actions(files.actions, table.fits, aliases)
    outcomes = [] if files.outcomes is None else outcomes_at(files.outcomes, aliases).outcomes
    inputs = Inputs(rules, profiles, table.fits, aliases)
    with ReplayRun(inputs, files.events, files.until, actions=acted, watched=True) as run:
        with progress.reading(files.events, "Replaying") as on_read:
            output = run.run(on_read)
        show_refused(stderr(), run.rejected(), output.counts["rejected"])
        if (acts := run.actions()) is not None:
            show_action_counts(stderr(), str(files.actions), acts)
        if run.verdicts is None or run.watcher is None:
            raise click.ClickException("no events to score")
        at = run.verdicts.until
        warn_of_reviews(profiles, at)
        off_list = output.distribution["off_list"]
        market = ReportMarket(
            at,
            output.config_version,
            rules.policy,
            profiles,
            table,
            run.replay,
            run.watcher,
            off_list,
            outcomes,
            files.team,
            files.group,
        )
        return market.report(name)
