"""`signal-engine icp patterns`: which accounts are won, by field value, and the draft of a first ICP."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal.outcomes.patterns import show_patterns
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.validation.options import with_outcome_fields, with_seed
from signal_engine.entrypoints.commands.validation.outcomes import outcomes_at
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import read_account_columns
from signal_engine.entrypoints.wiring.options import (
    READABLE,
    Instant,
    failing_clearly,
    refuse,
    refuse_output,
    with_accounts_as,
)

if TYPE_CHECKING:
    from signal_engine.engine.validation.patterns.draft import DraftOf

_REVIEW_DAYS: Final = 90
_OWNER: Final = re.compile(r"\s*([^<>]*[^<>\s])\s*<\s*([^@\s<>]+@[^@\s<>]+)\s*>\s*")
_ID: Final = re.compile(r"[a-z0-9-]{1,64}")


@click.command()
@click.argument("accounts", type=READABLE)
@click.argument("outcomes", type=READABLE)
@with_accounts_as
@click.option("--field", "fields", multiple=True, help="A column to look at, as it is written.  [default: all]")
@with_outcome_fields
@click.option("--until", type=Instant(), help="Outcomes after it do not count.  [default: all count]")
@with_seed
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
@click.option("--draft", "draft_file", type=click.Path(dir_okay=False), help="Write the draft of an ICP file.")
@click.option("--icp", "icp_id", default="draft", show_default=True, help="The id of the draft.")
@click.option("--owner", metavar="'NAME <EMAIL>'", help="Who will decide the draft; required with --draft.")
@click.option("--yes", is_flag=True, help="Replace the draft if it exists.")
def patterns(
    accounts: str,
    outcomes: str,
    accounts_as: str | None,
    fields: tuple[str, ...],
    outcome_fields: tuple[str, ...],
    until: int | None,
    seed: int,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
    draft_file: str | None,
    icp_id: str,
    owner: str | None,
    yes: bool,  # noqa: FBT001
) -> None:
    """Learn a first ICP from the deals of the past.

    For each value of each column of ACCOUNTS it shows the deals won and lost, the win rate with its interval and shrunk
    to that of all, the cycle and the deal size, and says which values may be claimed to differ. What the deals in
    OUTCOMES cannot tell is said. --draft writes an ICP file with the evidence beside each line. Needs the extra
    `validation`.
    """
    require_extra("icp patterns")
    warnings = Warnings()
    with failing_clearly():
        of = None if draft_file is None else _draft_of(icp_id, owner)
        if draft_file is not None:
            refuse_output(draft_file, (accounts, outcomes), "--draft", overwrite=yes)
        from signal_engine.engine.validation.patterns.report import patterns as report_of  # noqa: PLC0415 (the extra)

        rows = read_account_columns(accounts, warnings, accounts_as)
        warnings.close()
        _refuse_unknown(fields, rows.values(), accounts)
        told = outcomes_at(outcomes).outcomes
        known = [one for one in told if until is None or one.at <= until]
        report = report_of(rows, known, fields, outcome_fields, seed, of)
        if draft_file is not None and report["draft"] is not None:
            with written_whole(Path(draft_file)) as file:
                file.write(report["draft"].encode())
        if as_json:
            print_json(report)
            return
        show_patterns(stdout(), report)
        if draft_file is not None:
            stderr().print(f"The draft is in {draft_file}; try it: signal-engine icp check {draft_file}")


def _draft_of(icp_id: str, owner: str | None) -> "DraftOf":
    from signal_engine.engine.validation.patterns.draft import DraftOf  # noqa: PLC0415 (needs the extra)

    if not _ID.fullmatch(icp_id) or icp_id == "all":
        refuse((f"--icp {icp_id}: must be 1 to 64 of a-z, 0-9 and -, and not 'all'",))
    named = _OWNER.fullmatch(owner or "")
    if named is None:
        refuse(("--owner: must name who decides the ICP, as 'NAME <EMAIL>'",))
    review = datetime.fromtimestamp(clock() / 1000, UTC).date() + timedelta(days=_REVIEW_DAYS)
    return DraftOf(icp_id, named[1], named[2], review.isoformat())


def _refuse_unknown(fields: tuple[str, ...], rows: Iterable[Mapping[str, Any]], accounts: str) -> None:
    if not fields:
        return
    there = {column for row in rows for column in row}
    if unknown := [name for name in fields if name not in there]:
        refuse(tuple(f"--field {name}: {accounts} has no such column with a value" for name in unknown))
