"""`signal-engine mapping`: list, show and check mappings of exports."""

import sys
from typing import Any

import click
import orjson

from signal_engine.adapters.terminal.import_report import ReadAs, show_export
from signal_engine.adapters.terminal.screen import print_json, stderr
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.intake.outcomes import AccountRecord, Mapped, Outcome, RefusedRow
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.entrypoints.commands.intake.import_command import TimeZone, circumstances
from signal_engine.entrypoints.commands.intake.importing import mapper_of
from signal_engine.entrypoints.commands.intake.opening import refuse_without_account
from signal_engine.entrypoints.wiring.exports import open_mapped, read_mapping, survey
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly
from signal_engine.wire.config.delimited import RejectedRow, Row
from signal_engine.wire.intake.mapping import OUTCOMES, Mapping
from signal_engine.wire.intake.presets import preset, preset_names, preset_text, recipe_names


class EveryRowRefused(SignalEngineError):
    """A mapping makes nothing of a sample."""


@click.group()
def mapping() -> None:
    """List, show and check mappings from exports to events."""


@mapping.command("list")
def list_() -> None:
    """List the built-in mappings and what each produces.

    Recipes are marked as unverified: nobody has held them against a real export. Check yours with `mapping check`.
    """
    width = max(map(len, (*preset_names(), *recipe_names())))
    for name in (*preset_names(), *recipe_names()):
        found = preset(name)
        marks = [f"reads {found.reads}", *(["state feed"] if found.state_feed else ())]
        marks += ["unverified"] if name in recipe_names() else []
        click.echo(f"{name:<{width}}  {_produced(found)}, {', '.join(marks)}")


@mapping.command()
@click.argument("name")
def show(name: str) -> None:
    """Print the mapping NAME, for instance as a start for your own."""
    with failing_clearly():
        sys.stdout.buffer.write(preset_text(name))


@mapping.command()
@click.argument("file", type=READABLE)
@click.option("--sample", type=EVENT_FILE, help="An export; shows its first rows and what the mapping makes of them.")
@click.option("--timezone", "zone", type=TimeZone(), help="Time zone of dates that name none.")
@click.option("--accounts", type=READABLE, help="The accounts file, for accounts that are named by name or CRM id.")
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads the accounts file: a name or a file.")
@click.option("--account", metavar="DOMAIN", help="The account of every row, if the export does not name it.")
@click.option("--rows", default=5, show_default=True, type=click.IntRange(min=1), help="Rows of the sample to show.")
def check(
    file: str,
    sample: str | None,
    zone: str | None,
    accounts: str | None,
    accounts_as: str | None,
    account: str | None,
    rows: int,
) -> None:
    """Check a mapping file, and try it on an export.

    With --sample it prints what becomes of the first rows (JSON Lines). Exits with 1 if every row of the sample is
    refused.
    """
    with failing_clearly():
        read = read_mapping(file)
        click.echo(f"{file}: {read.name} is a mapping of {_produced(read)}", err=True)
        if sample is not None:
            _show_sample(read, sample, circumstances(accounts, accounts_as, account, zone, alerts=False), rows)


def _show_sample(read: Mapping, sample: str, given: Circumstances, rows: int) -> None:
    export = open_mapped(sample, read)
    refuse_without_account(export, given)
    values = survey(export, given.zone)
    how = ReadAs(export.words, read.name, export.dropped, export.binding.unmapped(read), export.binding.absent)
    show_export(stderr(), export.name, how, export.binding.mapped(read), dict(values.decided()))
    map_row = mapper_of(export, values, given)
    refused = count = 0
    for count, row in enumerate(export.rows(), 1):
        outcome = RefusedRow("", row.reason) if isinstance(row, RejectedRow) else map_row(row.cells)
        refused += isinstance(outcome, RefusedRow)
        if count <= rows:
            document = {"line": row.line, "row": _cells(row, export.header), **_in_words(outcome)}
            print_json(document)
    if refused == count:
        raise EveryRowRefused(f"{export.name}: {f'all {count:,} rows are refused' if count else 'has no rows'}")


def _cells(row: Row | RejectedRow, header: list[str] | None) -> Any:
    if header is None or isinstance(row, RejectedRow):
        return row.cells
    return {name: cell for name, cell in zip(header, row.cells, strict=False) if cell not in ("", None)}


def _in_words(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Mapped):
        return {"events": [orjson.loads(event.line) for event in outcome.events]}
    if isinstance(outcome, AccountRecord):
        unread = [{"field": cell.field, "reason": cell.reason} for cell in outcome.unread]
        return {"account": outcome.fields, **({"unread": unread} if unread else {})}
    if isinstance(outcome, RefusedRow):
        return {"refused": {"field": outcome.field, "reason": outcome.reason}}
    return {"passed_over": outcome.reason}


def _produced(read: Mapping) -> str:
    if read.accounts is not None:
        return "accounts"
    kinds = [*dict.fromkeys(production.kind for production in read.productions if production.kind != OUTCOMES)]
    return " and ".join([*([", ".join(kinds) + " events"] if kinds else []), *[OUTCOMES] * read.makes_outcomes])
