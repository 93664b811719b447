"""`signal-engine review`: the 90-day review of the ICPs in force."""

from pathlib import Path

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal.outcomes.review import show_review
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.validation.options import PastOptions, with_past
from signal_engine.entrypoints.commands.validation.past_files import past_files
from signal_engine.entrypoints.wiring.options import READABLE, Instant, failing_clearly, refuse_output
from signal_engine.wire.output.reports.review.documents import Review


@click.command()
@with_past
@click.option("--plays", type=READABLE, help="The plays file, to name the plays of retired segments.")
@click.option(
    "--routes",
    type=READABLE,
    help="The routes file: nobody was told of those that it holds back.  [default: with --kafka, from the settings]",
)
@click.option("--draft", "drafts", type=READABLE, multiple=True, help="A draft of an ICP or scoring file; repeatable.")
@click.option("--since", type=Instant(), help="Deals closed from here on count.  [default: 90 days before --until]")
@click.option("--capacity", type=click.IntRange(min=1), help="Alerts that one person can work on per week.")
@click.option("--ics", type=click.Path(dir_okay=False), help="Also write an invitation to the next review.")
def review(
    options: PastOptions,
    plays: str | None,
    routes: str | None,
    drafts: tuple[str, ...],
    since: int | None,
    capacity: int | None,
    ics: str | None,
) -> None:
    """Write the 90-day review of the ICPs in force.

    What they admitted, what came of it, and what waits for a decision. EVENTS are files as `replay` reads them; with
    --kafka what the topics hold takes their place, the accounts as loaded included. Segments are compared on the
    metrics that each ICP locked when it was published; `promote` and `cut` are said only where chance does not explain
    the difference. Needs the extra `validation`.
    """
    require_extra("review")
    warnings = Warnings()
    with failing_clearly():
        inputs = (*options.inputs, plays, routes, *drafts)
        for path, option in ((options.html, "--html"), (ics, "--ics")):
            if path is not None:
                refuse_output(path, inputs, option, overwrite=options.yes)
        from signal_engine.entrypoints.commands.validation.reviewing import (  # noqa: PLC0415 (needs the extra)
            ReviewOptions,
            reviewed,
        )

        with past_files(options) as given:
            told = reviewed(options, given, ReviewOptions(plays, routes, drafts, since, capacity), warnings)
        _show(told, options.html, ics, as_json=options.as_json)


def _show(told: Review, html: str | None, ics: str | None, *, as_json: bool) -> None:
    if html is not None or ics is not None:
        from signal_engine.adapters.pages.review import invitation, review_page  # noqa: PLC0415 (jinja2 is slow)

        for path, made in ((html, review_page), (ics, invitation)):
            if path is not None:
                with written_whole(Path(path)) as file:
                    file.write(made(told))
    if as_json:
        print_json(told)
        return
    show_review(stdout(), told)
    for path in (html, ics):
        if path is not None:
            stderr().print(f"Written: {path}.")
