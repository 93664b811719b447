"""What `review` does with its files: a replay for alerts and misses, deals by segment, drafts beside what is in force.

Needs the extra `validation`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple, cast

import click

from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import Warnings, stderr
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.sync.wiring import VersionWiring
from signal_engine.engine.reports.misses.examining import ByFields
from signal_engine.engine.reports.replayed_market import ReportMarket
from signal_engine.engine.reports.work.wiring import versions_wired
from signal_engine.engine.review.outside import Missed
from signal_engine.engine.review.report import ReviewedPast, review
from signal_engine.engine.review.segments import ReviewedTime
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.validation.deals import by_account, deals
from signal_engine.entrypoints.commands.compared_replay import told_alert
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.commands.validation.drafts import DraftGround, drafts_reviewed
from signal_engine.entrypoints.commands.validation.options import PastOptions
from signal_engine.entrypoints.commands.validation.outcomes import action_file_at, known_until, outcomes_at
from signal_engine.entrypoints.commands.validation.past_files import PastGiven
from signal_engine.entrypoints.commands.validation.rules_used import rules_used
from signal_engine.entrypoints.commands.validation.run import Past, known_fits
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.inputs import Inputs, read_plays, read_routes, served_routes
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.entrypoints.wiring.sync.downstream import wiring_read
from signal_engine.entrypoints.wiring.sync.sinks import served_sync
from signal_engine.wire.output.reports.decision_documents import Decisions
from signal_engine.wire.output.reports.report_documents import HighIntentOutsideIcp, NearFits
from signal_engine.wire.output.reports.review.documents import Review

_DAYS: Final = 90
"""The time of a review, where --since says no other."""


class ReviewOptions(NamedTuple):
    """The options of `review` alone."""

    plays: str | None
    routes: str | None
    drafts: tuple[str, ...]
    since: int | None
    """ms; None: 90 days before the end."""
    capacity: int | None


def _silent(_: str) -> None:
    """Warnings that were given before."""


def reviewed(options: PastOptions, given: PastGiven, of: ReviewOptions, warnings: Warnings) -> Review:
    """The review. Raises what reading files does, and `WonAreDisqualified`."""
    rules = rules_used(options, warnings)
    table = given.accounts.table(rules.icps, warnings)
    aliases = Aliases.of(table.aliases)
    outcomes = outcomes_at(given.outcomes, aliases).outcomes
    end = known_until(outcomes, options.until)
    begin = end - _DAYS * DAY if of.since is None else of.since
    if begin >= end:
        refuse(("--since is not before --until",))
    told = deals(one for one in outcomes if one.at <= end)
    acted = None if given.actions is None else action_file_at(given.actions, table.fits, aliases)
    past = Past(given.events, rules.scoring, rules.icps, table, told, None, options.outcome_fields, (), BEGINNING, end)
    known = known_fits(past)
    plays = None if of.plays is None else read_plays(of.plays)[0]
    in_force = DraftGround(
        given.events,
        end,
        rules.scoring,
        rules.icps,
        table,
        lambda icps: given.accounts.table(icps, _silent),
    )
    drafts = [*drafts_reviewed(of.drafts, in_force, warnings)]
    warnings.close()
    inputs = Inputs(rules.scoring, rules.icps, table.fits, aliases)
    group = _held_back(of.routes, options)
    with ReplayRun(inputs, given.events, end, actions=acted, group=group, weekly=True, watched=True) as run:
        with progress.reading(given.events, "Replaying") as on_read:
            output = run.run(on_read)
        show_refused(stderr(), run.rejected(), output.counts["rejected"])
        if run.verdicts is None or run.watcher is None:
            raise click.ClickException("no events to score")
        market = ReportMarket(
            end, output.config_version, rules.scoring.policy, rules.icps, table, run.replay, run.watcher
        )
        missed = Missed(
            cast("NearFits", market.report("near-fits")),
            cast("HighIntentOutsideIcp", market.report("high-intent-outside-icp")),
            {name: run.replay.snapshot(name, end).level for name in {deal.account for deal in told}},
        )
        decisions = None if acted is None else cast("Decisions", market.report("decisions"))
        alerts = [told_alert(payload) for payload in run.alerts()]
    reviewed_past = ReviewedPast(
        clock(),
        ReviewedTime(begin, end),
        output.config_version,
        rules.icps,
        rules.published,
        known,
        ByFields(rules.icps, table.fields),
        by_account(told),
        alerts,
        missed,
        decisions,
        None if acted is None else acted.actions,
        of.capacity,
        plays,
        drafts,
        *_wiring(rules.log),
    )
    return review(reviewed_past, options.seed)


def _held_back(routes: str | None, options: PastOptions) -> ControlGroup:
    """Of whom nobody was told: their alerts are nobody's work, and wait for no answer."""
    if routes is not None:
        return read_routes(routes).routing.control_group
    served = served_routes() if options.kafka else None
    return NO_CONTROL_GROUP if served is None else served.routing.control_group


def _wiring(log: RulesLog | None) -> tuple[Sequence[VersionWiring] | None, bool]:
    """How far systems outside follow what is published, and whether it is known what `sync` did."""
    if log is None:
        return None, True
    served = served_sync()
    read = run_live(wiring_read(read_settings(), log, served[1] if served else None))
    return versions_wired(read.facts, clock()), read.synced
