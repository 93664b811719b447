"""`signal-engine validate`: does the score predict?"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.outcomes.validation import show_validation
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.validation.options import PastOptions, with_past, with_sales_sources
from signal_engine.entrypoints.commands.validation.outcomes import actions_at, known_until, outcomes_at
from signal_engine.entrypoints.commands.validation.past_files import past_files
from signal_engine.entrypoints.commands.validation.rules_used import rules_used
from signal_engine.entrypoints.wiring.inputs import read_routes
from signal_engine.entrypoints.wiring.options import READABLE, Instant, failing_clearly, refuse_output
from signal_engine.wire.output.reports.validation_documents import LookAt, Validation

if TYPE_CHECKING:
    from signal_engine.entrypoints.commands.validation.run import ReplayedPast

_CAPACITY: Final = 25
"""Accounts per week."""


@click.command()
@with_past
@click.option("--routes", type=READABLE, help="The routes file with the control groups (holdback).")
@click.option(
    "--at",
    type=click.Choice(["mondays", "alerts"]),
    default="mondays",
    show_default=True,
    help="What counts as a call: a place among the first K of a Monday's list, or an alert.",
)
@click.option(
    "--capacity", default=_CAPACITY, show_default=True, type=click.IntRange(min=1), help="K: accounts called per week."
)
@click.option("--since", type=Instant(), help="The first Monday to look at; earlier events still count for scores.")
@with_sales_sources
def validate(
    options: PastOptions,
    routes: str | None,
    at: LookAt,
    capacity: int,
    since: int | None,
    sales_sources: tuple[str, ...],
) -> None:
    """Check whether the score predicts which accounts become deals.

    It replays the past as it was known then, and compares it with what became of the accounts.

    EVENTS are files as `replay` reads them; with --kafka what the topics hold takes their place, accounts as each load
    had them included. Each Monday the report looks at who was listed, and at which of them opened a deal within the
    ICP's cycle_days. Signals count up to the day a deal was opened; what sales caused itself is left out. Every figure
    has a 95 % interval, and what the data cannot tell is said. With --routes it also says what telling people did, by
    the control groups of that file: the only figure that is an effect. Needs the extra `validation`.
    """
    require_extra("validate")
    warnings = Warnings()
    with failing_clearly():
        if options.html is not None:
            refuse_output(options.html, (*options.inputs, routes), "--html", overwrite=options.yes)
        from signal_engine.engine.validation.deals import deals  # noqa: PLC0415 (needs the extra)
        from signal_engine.engine.validation.report import validation  # noqa: PLC0415
        from signal_engine.entrypoints.commands.validation.run import Past, replay_past  # noqa: PLC0415

        routing = None if routes is None else _compared(routes)
        with past_files(options) as given:
            rules = rules_used(options, warnings)
            table = given.accounts.table(rules.icps, warnings)
            warnings.close()
            aliases = Aliases.of(table.aliases)
            file = outcomes_at(given.outcomes, aliases)
            end = known_until(file.outcomes, options.until)
            past = Past(
                given.events,
                rules.scoring,
                rules.icps,
                table,
                deals(one for one in file.outcomes if one.at <= end),
                actions_at(given.actions, table.fits, aliases),
                options.outcome_fields,
                sales_sources,
                BEGINNING if since is None else since,
                end,
                given.accounts.history(rules.icps, end),
            )
            with progress.reading(given.events, "Replaying") as on_read:
                replayed = replay_past(past, on_read)
            _say_refused(replayed)
        report = validation(replayed.replayed, at, capacity, options.seed, routing)
        _show(report, options.html, as_json=options.as_json)


def _compared(routes: str) -> Routing:
    """The routes file whose control groups are compared with the others. Raises `ConfigurationError`."""
    file = read_routes(routes)
    file.must_be_dated()
    return file.routing


def _say_refused(replayed: "ReplayedPast") -> None:
    rows = (
        {
            "file": replayed.names[one.file],
            "line": one.line,
            "reason": one.refusal.reason,
            "detail": one.refusal.detail,
        }
        for one in replayed.refused
    )
    show_refused(stderr(), rows, len(replayed.refused), in_json=False)


def _show(report: Validation, html: str | None, *, as_json: bool) -> None:
    if html is not None:
        from signal_engine.adapters.pages.validation import page  # noqa: PLC0415 (jinja2 is slow to import)

        with written_whole(Path(html)) as file:
            file.write(page(report).encode())
    if as_json:
        print_json(report)
    else:
        show_validation(stdout(), report)
        if html is not None:
            stderr().print(f"The page is in {html}.")
