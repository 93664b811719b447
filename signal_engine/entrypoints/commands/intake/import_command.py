"""`signal-engine import`: turn exports of other tools into an event file."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from signal_engine.adapters.files.sorting import ExternalSorter
from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import RefusedRows, refused_path, written_whole
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.import_report import ReadAs, show_counts, show_export
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.intake.company_names import CompanyNames
from signal_engine.engine.intake.deciding import Doubt
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.intake.importing import ImportCounts, fallen_together, import_rows
from signal_engine.entrypoints.wiring.exports import Export, named_mapping, open_mapped, read_mapping, survey
from signal_engine.entrypoints.wiring.inputs import accounts_at
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly, refuse, refuse_output
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFileError
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.output import words

_LINES: Final = (".jsonl", ".ndjson")


class TimeZone(click.ParamType):
    """The name of a time zone, such as Europe/Berlin."""

    name = "zone"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name, checked."""
        try:
            return ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(f"{value!r} is not a time zone, such as Europe/Berlin", param, ctx)


class _Options(NamedTuple):
    """The options of `import`."""

    to: str | None
    dry_run: bool
    yes: bool
    strict: bool


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=EVENT_FILE, metavar="FILE...")
@click.option("--as", "as_name", metavar="NAME", help="The mapping, by name (see `mapping list`).")
@click.option("--map", "map_file", type=READABLE, help="The mapping, as a file.")
@click.option("--accounts", type=READABLE, help="The accounts file, for mappings that look up accounts by name.")
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads the accounts file: a name or a file.")
@click.option("--account", metavar="DOMAIN", help="The account of every row, if the export does not name it.")
@click.option("--timezone", "zone", type=TimeZone(), help="Time zone of dates that name none, such as Europe/Berlin.")
@click.option("--to", metavar="FILE.jsonl", help="The file to write; - is standard output.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would happen to the rows.")
@click.option("--alerts", is_flag=True, help="Also send alerts for events older than 48 hours.")
@click.option(
    "--yes", is_flag=True, help="Do not ask: use the guessed mapping, overwrite the files of an earlier import."
)
@click.option("--strict", is_flag=True, help="Exit with 1 if any row was refused.")
def import_command(
    files: tuple[str, ...],
    as_name: str | None,
    map_file: str | None,
    accounts: str | None,
    accounts_as: str | None,
    account: str | None,
    zone: str | None,
    to: str | None,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    alerts: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
) -> None:
    """Turn exports of other tools into events or accounts.

    FILE is CSV in any dialect, JSON, JSON Lines or a workbook (.xlsx, with the extra `xlsx`); gzip is detected; `-` is
    standard input. Needs neither Kafka nor Redis; `replay` reads the output. Event ids are derived from the rows, so
    importing a file twice changes nothing. Unusable rows are written to FILE.refused.csv with the reason, to be
    corrected and imported again.
    """
    if as_name and map_file:
        raise click.UsageError("use either --as or --map, not both")
    if to is None and not dry_run:
        raise click.UsageError("use --to FILE.jsonl to name the file to write, or --dry-run to write nothing")
    if to is not None and to != STDIN and not to.endswith(_LINES):
        raise click.BadParameter(f"must end in {' or '.join(_LINES)}, or be -", param_hint="--to")
    options = _Options(to, dry_run, yes, strict)
    with failing_clearly():
        mapping = named_mapping(as_name) if as_name else read_mapping(map_file) if map_file else None
        given = _circumstances(accounts, accounts_as, account, zone, alerts=alerts)
        if to is not None and to != STDIN and not dry_run:
            refuse_output(to, [*files, map_file, as_name, accounts], "--to", overwrite=yes)
            if Path(to).absolute() in {
                refused_path(name, is_table=one).absolute() for name in files for one in (True, False)
            }:
                refuse((f"--to {to}: is where the refused rows go; choose another file",))
        total = _import(files, mapping, given, options)
    if options.strict and total:
        raise SystemExit(1)


class _Meter:
    """Counts what is read once there is somebody to tell."""

    def __init__(self) -> None:
        self.advance: Callable[[int], None] = lambda _: None

    def __call__(self, size: int) -> None:
        """So many bytes were read."""
        self.advance(size)


def _import(files: Sequence[str], mapping: Mapping | None, given: Circumstances, options: _Options) -> int:
    """How many rows were refused."""
    meter = _Meter()
    opened = [_opened(name, mapping, given, meter, options) for name in files]
    if len({export.mapping.accounts is None for export, _ in opened}) > 1:
        refuse(("accounts and events need separate files: import them separately",))
    warnings: list[tuple[Export, Values, ImportCounts, RefusedRows | None]] = []
    with ExitStack() as stack:
        meter.advance = stack.enter_context(progress.reading(files, "Importing"))
        ids = stack.enter_context(ExternalSorter()) if options.dry_run else None
        out = None if options.dry_run else stack.enter_context(_output(options.to or STDIN))
        for name, (export, surveyed) in zip(files, opened, strict=True):
            rows = None if options.dry_run else stack.enter_context(RefusedRows(name, export.header))
            if surveyed is not None or out is None or rows is None:
                values = surveyed or survey(export, given.zone)
                counts = import_rows(export, values, given, out, rows, ids)
            else:
                values, counts = _in_one_pass(export, given, out, rows)
            warnings.append((export, values, counts, rows))
        together = fallen_together(ids) if ids is not None else 0
    for export, values, counts, rows in warnings:
        if not export.guessed:
            _show_export(export, values)
        _show_counts(export, counts, rows)
    if together:
        have = "has" if together == 1 else "have"
        click.echo(f"{words.count(together, 'event')} {have} the id of another, and counts once.", err=True)
    return sum(counts.refused for _, _, counts, _ in warnings)


def _in_one_pass(
    export: Export, given: Circumstances, out: IO[bytes], rows: RefusedRows
) -> tuple[Values, ImportCounts]:
    """Reads an export once, where no row leaves it in doubt how a column is read; else twice."""
    values, begun = Values(export.mapping, export.binding, given.zone), out.tell()
    try:
        counts = import_rows(export, values, given, out, rows, presuming=True)
    except Doubt:
        out.seek(begun)
        out.truncate()
        rows.start_over()
        values = survey(export, given.zone)
        counts = import_rows(export, values, given, out, rows)
    return values, counts


def _opened(
    name: str, mapping: Mapping | None, given: Circumstances, meter: _Meter, options: _Options
) -> tuple[Export, Values | None]:
    """Opens an export, and surveys its columns unless one pass will do; asks where its mapping was guessed."""
    export = open_mapped(name, mapping, meter)
    chosen = export.mapping
    sources = (source for production in chosen.productions for source in production.accounts)
    if given.given_account is None and any(source.reference is None for source in sources):
        refuse((f"{export.name}: the export names no company: use --account DOMAIN",))
    kept = refused_path(name, is_table=export.header is not None)
    if kept.exists() and not (options.yes or options.dry_run):
        refuse((f"{kept}: holds refused rows of an earlier import; import or move it, or --yes replaces it",))
    if not export.guessed:
        in_one_pass = not options.dry_run and options.to != STDIN
        return export, None if in_one_pass else survey(export, given.zone)
    values = survey(export, given.zone)
    _show_export(export, values)
    if not options.yes and not options.dry_run:
        if not sys.stdin.isatty():
            refuse((f"{export.name}: looks like {chosen.name}; confirm with --as {chosen.name} or --yes",))
        if not click.confirm(f"Import {export.name} as {chosen.name}?", err=True):
            raise SystemExit(1)
    return export, values


def _show_export(export: Export, values: Values) -> None:
    chosen = export.mapping
    read = ReadAs(export.words, chosen.name, export.dropped, export.binding.unmapped(chosen))
    show_export(stderr(), export.name, read, export.binding.mapped(chosen), dict(values.decided()))


def _show_counts(export: Export, counts: ImportCounts, rows: RefusedRows | None) -> None:
    made = "account" if export.mapping.accounts is not None else "event"
    path = rows.path if rows is not None and rows.count else None
    show_counts(stderr(), export.name, counts.as_dict(), made, path)


def _circumstances(
    accounts: str | None, accounts_as: str | None, account: str | None, zone: str | None, *, alerts: bool
) -> Circumstances:
    named: list[tuple[str | None, str]] = []
    if accounts is not None:
        try:
            file = accounts_at(accounts, (), accounts_as)
            named = [(row.carried["name"], row.account) for row in file.rows if isinstance(row, AccountRow)]
        except AccountsFileError as error:
            raise ConfigurationError([str(error)]) from None
    given = normalise(account) if account is not None else None
    if isinstance(given, NotAnAccount):
        raise click.BadParameter(f"{account!r} {given.reason}", param_hint="--account")
    return Circumstances(
        now=int(time.time() * SECOND),
        zone=zone,
        names=CompanyNames(named) if accounts is not None else None,
        accounts=frozenset(found for _, found in named),
        given_account=given,
        alerts=alerts,
    )


@contextmanager
def _output(to: str) -> Iterator[IO[bytes]]:
    if to == STDIN:
        yield sys.stdout.buffer
        return
    with written_whole(Path(to)) as file:
        yield file
