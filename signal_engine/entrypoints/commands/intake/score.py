"""`signal-engine score`: copy an accounts file and add the engine's result to every row."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import click

from signal_engine.adapters.files.json_rows import JsonRows
from signal_engine.adapters.files.tabular import Delimited, open_export
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.ranking import ALL, not_listed
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.exports import named_mapping, open_mapped
from signal_engine.entrypoints.wiring.inputs import Inputs, accounts_at, read_inputs
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    EVENT_FILE,
    READABLE,
    Instant,
    failing_clearly,
    refuse,
    refuse_output,
    with_accounts_as,
)
from signal_engine.wire.config.accounts_file import AccountRow
from signal_engine.wire.config.delimited import RejectedRow, Row
from signal_engine.wire.output.entries import instant
from signal_engine.wire.output.explanations import in_words
from signal_engine.wire.output.rounding import rounded
from signal_engine.wire.output.tables.csv_table import BOM, safe

COLUMNS: Final = ("score", "level", "tier", "fit", "decision", "rank", "why_now", "cools_at", "reason")
_OURS: Final = " (signal-engine)"
"""Behind the name of a column of ours that the file has, too."""

_Rows = tuple[list[str], Iterator[Row | RejectedRow], str]
"""Header, rows, separator."""


class NothingToScore(SignalEngineError):
    """No event was accepted: a column of zeros would look like an answer."""


@click.command()
@click.argument("accounts", type=READABLE)
@click.argument("files", nargs=-1, required=True, type=EVENT_FILE, metavar="EVENTS...")
@click.option("--icp", "icps", type=READABLE, multiple=True, required=True, help="An ICP file; up to 3.")
@click.option("--scoring", type=READABLE, default=DEFAULT_SCORING, show_default=True, help="The scoring file.")
@with_accounts_as
@click.option("--until", type=Instant(), help="Score as of this instant.  [default: the last event]")
@click.option("--out", required=True, type=click.Path(dir_okay=False), help="The CSV file to write.")
@click.option("--yes", is_flag=True, help="Overwrite the --out file.")
def score(
    accounts: str,
    files: tuple[str, ...],
    icps: tuple[str, ...],
    scoring: str,
    accounts_as: str | None,
    until: int | None,
    out: str,
    yes: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Score an accounts file by event files and write it as CSV.

    The output has the rows of ACCOUNTS in their order, followed by the engine's columns. EVENTS are written by
    `import --to`, or are any event files that `replay` reads. For accounts on no list the last column has the reason.
    """
    refuse_output(out, [accounts, *files, *icps, scoring, accounts_as], "--out", overwrite=yes)
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(scoring, icps, accounts, warnings, accounts_as)
        warnings.close()
        header, rows, separator = _rows(accounts, accounts_as)
        with ReplayRun(inputs, files, until) as run:
            with progress.reading(files, "Scoring") as on_read:
                result = run.run(on_read)
            if result.until is None:
                refused = f": all {result.counts['rejected']:,} were rejected" if result.counts["rejected"] else ""
                raise NothingToScore(f"no events to score{refused}; `import` turns an export into events")
            count = _write(Path(out), separator, header, _scored(rows, run, inputs, accounts, accounts_as, len(header)))
    counts = result.counts
    if counts["rejected"]:
        click.echo(
            f"{counts['rejected']:,} of {counts['received']:,} events were rejected; `replay` shows why.", err=True
        )
    click.echo(f"{count:,} rows as of {result.until}: {out}", err=True)


def _rows(accounts: str, accounts_as: str | None) -> _Rows:
    opened = open_export(accounts)
    if isinstance(opened, JsonRows):
        refuse((f"{accounts}: is JSON; score needs a table: CSV or a workbook",))
    separator = opened.separator if isinstance(opened, Delimited) else ","
    if accounts_as is None:
        return opened.header(0), opened.rows(0), separator
    export = open_mapped(accounts, named_mapping(accounts_as))
    assert export.header is not None, "a table has a header"  # noqa: S101
    return export.header, export.rows(), separator


def _scored(
    rows: Iterator[Row | RejectedRow],
    run: ReplayRun,
    inputs: Inputs,
    accounts: str,
    accounts_as: str | None,
    width: int,
) -> Iterator[list[Any]]:
    by_line: dict[int, str] = {}
    why_not: dict[int, str] = {}
    for found in accounts_at(accounts, (), accounts_as).rows:
        if isinstance(found, AccountRow):
            by_line[found.line] = found.account
        else:
            why_not[found.line] = found.reason
    of = _scorer(run, inputs)
    for row in rows:
        account = by_line.get(row.line)
        ours = of(account) if account is not None else [*[""] * (len(COLUMNS) - 1), why_not.get(row.line, "")]
        cells = [*row.cells]
        yield [*cells[:width], *[""] * (width - len(cells)), *map(safe, ours), *cells[width:]]


def _scorer(run: ReplayRun, inputs: Inputs) -> Callable[[str], list[Any]]:
    """What gives our columns of an account."""
    verdicts = run.verdicts
    ranks = verdicts.lists[ALL].ranks() if verdicts else {}
    policy = inputs.scoring.policy

    def columns(account: str) -> list[Any]:
        fit = inputs.fits.get(account)
        primary = fit.primary if fit else None
        decided = [primary.tier, primary.fit, primary.decision] if primary else [None, None, None]
        if verdicts is None:
            return ["", "", *decided, "", "", "", "no events to score"]
        shown = run.replay.snapshot(account, verdicts.until)
        rank = ranks.get(account)
        reason = not_listed(fit, ALL, shown.level, shown.score.score, rank, policy, pinned=shown.pinned)
        why_now = shown.why_now.text if shown.why_now else None
        return [
            rounded(shown.score.score), shown.level, *decided, rank, why_now, instant(shown.cools_at), in_words(reason),
        ]  # fmt: skip

    return columns


def _write(out: Path, separator: str, header: Sequence[str], rows: Iterator[list[Any]]) -> int:
    count = 0
    theirs = {name.casefold() for name in header}
    with written_whole(out) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        text.write(BOM)
        table = csv.writer(text, delimiter=separator)
        table.writerow([*header, *(name + _OURS if name in theirs else name for name in COLUMNS)])
        for count, row in enumerate(rows, 1):  # noqa: B007 (the last number is the total)
            table.writerow(row)
        text.detach()
    return count
