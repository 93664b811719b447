"""`signal-engine match`: which companies of an export are which accounts, and what a person has to say of the rest."""

import io
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from signal_engine.adapters.files.name_files import NAME_COLUMNS
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal.reports.match_report import show_matches
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.engine.intake.company_names import CompanyNames
from signal_engine.engine.intake.name_report import MissedName, NameReport
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.intake.import_command import company_names
from signal_engine.entrypoints.wiring.exports import Export, named_mapping, open_mapped, read_mapping
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly, refuse, refuse_output
from signal_engine.wire.config.delimited import Row
from signal_engine.wire.intake.mapping import AccountSource, Mapping
from signal_engine.wire.intake.mapping_file import parse
from signal_engine.wire.output.operations.matching import MatchDocument, MissedNameDocument
from signal_engine.wire.output.tables.csv_table import csv_text

_SHOWN_UNREAD: int = 20
"""Rows that cannot be read of which each has a line on stderr."""
_LISTED: int = 1_000
"""Names in the document, and names that suggestions are made for, those of most rows first."""


@click.group()
def match() -> None:
    """Find the accounts of exports that name companies, not domains."""


@match.command()
@click.argument("file", type=EVENT_FILE)
@click.option("--accounts", type=READABLE, required=True, help="The accounts file.")
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads the accounts file: a name or a file.")
@click.option("--as", "as_name", metavar="NAME", help="The mapping of FILE, by name (see `mapping list`).")
@click.option("--map", "map_file", type=READABLE, help="The mapping of FILE, as a file.")
@click.option("--column", help="Instead of a mapping: the column of FILE that has the names.")
@click.option("--names", type=READABLE, help="The file of suggestions, with those that somebody confirmed.")
@click.option("--top", default=20, show_default=True, type=click.IntRange(min=0), help="Names of each sort to show.")
@click.option(
    "--suggest",
    type=click.Path(dir_okay=False),
    help="A CSV file to write: accounts that each name may mean, to be confirmed. Needs the extra `names`.",
)
@click.option("--yes", is_flag=True, help="Overwrite the --suggest file.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
def report(
    file: str,
    accounts: str,
    accounts_as: str | None,
    as_name: str | None,
    map_file: str | None,
    column: str | None,
    names: str | None,
    top: int,
    suggest: str | None,
    yes: bool,  # noqa: FBT001 (click passes them by name)
    as_json: bool,  # noqa: FBT001
) -> None:
    """Show which companies of FILE match an account by name.

    Counts the rows that match, and lists the names that do not. Names match if they differ only in legal form, case,
    punctuation and accents; nothing else ever matches by itself. --suggest writes a table of what the other names may
    mean. Put `yes` into its column `confirm` where a row is right, and give the file to `import --names`.
    """
    if sum(given is not None for given in (as_name, map_file, column)) > 1:
        raise click.UsageError("use only one of --as, --map and --column")
    if suggest is not None:
        require_extra("--suggest", "names")
        refuse_output(suggest, [file, accounts, accounts_as, map_file, names], "--suggest", overwrite=yes)
    with failing_clearly():
        known = company_names(accounts, accounts_as, names)
        export = open_mapped(file, _mapping(as_name, map_file, column))
        found = _counted(export, known)
        missed = found.missed()
        suggested = None if suggest is None else _suggest(Path(suggest), missed[:_LISTED], known)
    document = _document(export.name, found, missed, suggested)
    if as_json:
        print_json(document)
    else:
        show_matches(stdout(), document, top)
    if suggest is not None:
        click.echo(f"{suggest}: {suggested:,} suggestions; put `yes` into `confirm` where one is right.", err=True)


def _mapping(as_name: str | None, map_file: str | None, column: str | None) -> Mapping | None:
    if column is not None:
        account = json.dumps({"from": column, "through": "accounts.name"}, ensure_ascii=False)
        return parse("--column", f"mapping: column\nproduces: accounts\naccount: {account}\n".encode())
    return named_mapping(as_name) if as_name else read_mapping(map_file) if map_file else None


def _counted(export: Export, known: CompanyNames) -> NameReport:
    mapping = export.mapping
    sources = _sources(mapping)
    if not any(source.through_names for source in sources):
        refuse((f"{mapping.name} looks no account up by name: say --column NAME, or use `through: accounts.name`",))
    found = NameReport(sources, export.binding, Values(mapping, export.binding, None), known)
    unread = 0
    for row in export.rows():
        if isinstance(row, Row):
            found.take(row.cells)
            continue
        unread += 1
        if unread <= _SHOWN_UNREAD:
            click.echo(f"{export.name}:{row.line}: {row.reason}; the row is not counted", err=True)
    if unread > _SHOWN_UNREAD:
        click.echo(f"{export.name}: {unread:,} rows could not be read", err=True)
    return found


def _sources(mapping: Mapping) -> Sequence[AccountSource]:
    return mapping.productions[0].accounts if mapping.accounts is None else mapping.accounts.accounts


def _suggest(path: Path, missed: Sequence[MissedName], known: CompanyNames) -> int:
    """How many were written."""
    from signal_engine.engine.intake.name_suggestions import suggestions  # noqa: PLC0415 (needs the extra)

    rows = [(*one, "") for one in suggestions(missed, known)]
    with written_whole(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        text.write(csv_text(NAME_COLUMNS, rows))
        text.detach()
    return len(rows)


def _document(export: str, found: NameReport, missed: Sequence[MissedName], suggested: int | None) -> MatchDocument:
    rows, (matched, unmatched, ambiguous) = found.counts(), found.distinct()
    return {
        "export": export,
        "rows": {
            "rows": rows.rows,
            "otherwise": rows.otherwise,
            "nameless": rows.nameless,
            "matched": rows.matched,
            "unmatched": rows.unmatched,
            "ambiguous": rows.ambiguous,
        },
        "names": {"matched": matched, "unmatched": unmatched, "ambiguous": ambiguous},
        "unmatched": [*_told(one for one in missed if not one.candidates)],
        "ambiguous": [*_told(one for one in missed if one.candidates)],
        "suggested": suggested,
    }


def _told(missed: Iterator[MissedName]) -> Iterator[MissedNameDocument]:
    for _, one in zip(range(_LISTED), missed, strict=False):
        yield {"name": one.name, "rows": one.rows, "candidates": [*one.candidates]}
