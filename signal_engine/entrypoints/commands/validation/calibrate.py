"""`signal-engine calibrate`: settings of the scoring file that the past asks for."""

from pathlib import Path

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal.outcomes.calibration import show_calibration
from signal_engine.adapters.terminal.outcomes.fitted import show_fitted
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.validation.options import (
    with_actions,
    with_outcome_fields,
    with_sales_sources,
    with_seed,
)
from signal_engine.entrypoints.commands.validation.outcomes import actions_at, known_until, outcomes_at
from signal_engine.entrypoints.wiring.inputs import read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    READABLE,
    Instant,
    failing_clearly,
    refuse,
    refuse_output,
    with_accounts_as,
)
from signal_engine.wire.output.reports.fit_documents import Fitted


@click.command()
@click.argument("events", nargs=-1, required=True, type=READABLE, metavar="EVENTS...")
@click.option("--capacity", type=click.IntRange(min=1), help="Alerts that people can work on per week.")
@click.option("--per-person", is_flag=True, help="Capacity is per person: the busiest person decides.")
@click.option("--fit", "is_fit", is_flag=True, help="Fit points, half-lives and caps to the outcomes instead.")
@click.option("--accounts", type=READABLE, required=True, help="The accounts file: CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option("--icp", "icps", type=READABLE, multiple=True, required=True, help="An ICP file; up to 3.")
@click.option("--scoring", type=READABLE, default=DEFAULT_SCORING, show_default=True, help="The scoring file in force.")
@click.option("--outcomes", type=READABLE, help="What became of accounts; required with --fit.")
@with_actions
@click.option("--since", type=Instant(), help="Count alerts (--fit: Mondays) from here.  [default: the first event]")
@click.option("--until", type=Instant(), help="Ignore everything after this.  [default: the last outcome]")
@with_outcome_fields
@with_sales_sources
@with_seed
@click.option("--draft", "draft_file", type=click.Path(dir_okay=False), help="With --fit: write the draft there.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
@click.option("--yes", is_flag=True, help="Replace the draft if it exists.")
def calibrate(
    events: tuple[str, ...],
    capacity: int | None,
    per_person: bool,  # noqa: FBT001 (click passes it by name)
    is_fit: bool,  # noqa: FBT001
    accounts: str,
    accounts_as: str | None,
    icps: tuple[str, ...],
    scoring: str,
    outcomes: str | None,
    actions: str | None,
    since: int | None,
    until: int | None,
    outcome_fields: tuple[str, ...],
    sales_sources: tuple[str, ...],
    seed: int,
    draft_file: str | None,
    as_json: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
) -> None:
    """Find the hot threshold for your capacity, or fit the numbers.

    --capacity replays EVENTS under different hot thresholds, until one gives about that many alerts per week. With
    --outcomes it also says which won deals each threshold would have caught, and names those it would have missed.

    --fit compares won accounts with others at the same dates, fits the numbers of the scoring file to the earlier
    deals, and reports its figures on the later ones. No number in the draft moves by more than a quarter. The command
    never puts anything into force. Needs the extra `validation`.
    """
    require_extra("calibrate")
    warnings = Warnings()
    with failing_clearly():
        _refuse_misuse(capacity, outcomes, until, draft_file, is_fit=is_fit, per_person=per_person)
        if draft_file is not None:
            inputs = (*events, accounts, *icps, scoring, outcomes, actions)
            refuse_output(draft_file, inputs, "--draft", overwrite=yes)
        from signal_engine.engine.validation.deals import deals  # noqa: PLC0415 (needs the extra)
        from signal_engine.entrypoints.commands.validation.calibrating import numbers, thresholds  # noqa: PLC0415
        from signal_engine.entrypoints.commands.validation.run import Past  # noqa: PLC0415

        rules = read_scoring(scoring)
        profiles = read_icps(icps, rules, warnings)
        table = read_account_table(accounts, profiles, warnings, accounts_as)
        warnings.close()
        file = [] if outcomes is None else outcomes_at(outcomes, Aliases.of(table.aliases)).outcomes
        end = known_until(file, until)
        told = deals(one for one in file if one.at <= end)
        acted = actions_at(actions, table.fits, Aliases.of(table.aliases))
        begin = BEGINNING if since is None else since
        past = Past(events, rules, profiles, table, told, acted, outcome_fields, sales_sources, begin, end)
        if is_fit:
            _show_fit(numbers(past, scoring, seed), draft_file, as_json=as_json)
        elif capacity is not None:
            report = thresholds(past, capacity, since, per_person=per_person)
            if as_json:
                print_json(report)
            else:
                show_calibration(stdout(), report)


def _refuse_misuse(
    capacity: int | None,
    outcomes: str | None,
    until: int | None,
    draft_file: str | None,
    *,
    is_fit: bool,
    per_person: bool,
) -> None:
    if is_fit is (capacity is not None):
        refuse(("give either --capacity or --fit",))
    if is_fit and outcomes is None:
        refuse(("--fit needs --outcomes",))
    if outcomes is None and until is None:
        refuse(("without --outcomes, --until says up to when alerts count",))
    if draft_file is not None and not is_fit:
        refuse(("--draft goes with --fit; --capacity prints the threshold",))
    if per_person and is_fit:
        refuse(("--per-person goes with --capacity",))


def _show_fit(report: Fitted, draft_file: str | None, *, as_json: bool) -> None:
    if draft_file is not None and report["draft"] is not None:
        with written_whole(Path(draft_file)) as file:
            file.write(report["draft"].encode())
    if as_json:
        print_json(report)
        return
    show_fitted(stdout(), report)
    if draft_file is not None and report["draft"] is not None:
        stderr().print(f"The draft is in {draft_file}; see what it changes with `signal-engine scoring diff`.")
