"""What `import` does: opens the exports, asks, and sends their rows to where they should go."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple, NoReturn

import click

from signal_engine import __version__
from signal_engine.adapters.files.import_places import ImportPlace, digest_of, place_path
from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import RefusedRows, refused_path
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.import_report import ReadAs, show_counts, show_export
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.engine.intake.deciding import Doubt
from signal_engine.engine.intake.repeats import Repeats
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.intake.importing import AlreadySent, ImportCounts, import_rows
from signal_engine.entrypoints.commands.intake.outputs import (
    KAFKA,
    Lines,
    NoOutput,
    Output,
    ToKafka,
    kafka_output,
    lines_to,
)
from signal_engine.entrypoints.wiring.exports import Export, open_mapped, survey
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.output import words


class NothingImported(SignalEngineError):
    """Every row was refused: nothing is written, and an event file of an earlier import stays."""


class Options(NamedTuple):
    """The options of `import`."""

    to: str
    """Empty in a dry run without an output."""
    dry_run: bool
    yes: bool
    state: str | None
    accounts: str | None
    """The accounts file."""
    accounts_as: str | None
    """The mapping that reads it."""

    @property
    def to_kafka(self) -> bool:
        """Whether events go to the signal topics."""
        return self.to == KAFKA and not self.dry_run


class _Opened(NamedTuple):
    """An export, and its columns unless they are surveyed while it is read."""

    name: str
    export: Export
    surveyed: Values | None


class _Done(NamedTuple):
    export: Export
    values: Values
    counts: ImportCounts
    rows: RefusedRows | None


class _Meter:
    """Counts what is read once there is somebody to tell."""

    def __init__(self) -> None:
        self.advance: Callable[[int], None] = lambda _: None

    def __call__(self, size: int) -> None:
        """So many bytes were read."""
        self.advance(size)


def import_files(files: Sequence[str], mapping: Mapping | None, given: Circumstances, options: Options) -> int:
    """How many rows were refused. Raises `NothingImported` where that were all."""
    meter = _Meter()
    opened = [_open(name, mapping, given, meter, options) for name in files]
    if len({one.export.mapping.accounts is None for one in opened}) > 1:
        refuse(("accounts and events need separate files: import them separately",))
    if options.to_kafka and opened[0].export.mapping.accounts is not None:
        refuse(("--to kafka takes events; accounts are loaded with `signal-engine fit load`",))
    repeats = Repeats()
    with ExitStack() as stack:
        refused = {
            one.name: stack.enter_context(RefusedRows(one.name, one.export.header))
            for one in opened
            if not options.dry_run
        }
        try:
            done = _import(opened, given, options, refused, repeats, meter)
        except _AllRefused as all_refused:
            done = all_refused.done
    for one in done:
        _show(one)
    if together := repeats.count():
        have = "has" if together == 1 else "have"
        click.echo(f"{words.count(together, 'event')} {have} the id of another, and counts once.", err=True)
    total = sum(one.counts.refused for one in done)
    if _are_all_refused(done):
        raise NothingImported("nothing was imported: every row was refused or passed over")
    return total


class _AllRefused(Exception):
    """Ends an output before it takes the place of an earlier one."""

    def __init__(self, done: list[_Done]) -> None:
        self.done = done


def _are_all_refused(done: Sequence[_Done]) -> bool:
    return any(one.counts.refused for one in done) and not any(one.counts.mapped for one in done)


def _import(
    opened: Sequence[_Opened],
    given: Circumstances,
    options: Options,
    refused: dict[str, RefusedRows],
    repeats: Repeats,
    meter: _Meter,
) -> list[_Done]:
    done = []
    places = {one.name: _place(one, given, options) for one in opened if options.to_kafka}
    with _output(options) as out:
        with progress.reading([one.name for one in opened], "Importing") as meter.advance:
            for one in opened:
                rows = refused.get(one.name)
                if isinstance(out, ToKafka):
                    found = _to_kafka(one, given, places[one.name], out, rows, repeats)
                elif one.surveyed is None and isinstance(out, Lines) and rows is not None:
                    found = _in_one_pass(one.export, given, out, rows, repeats)
                else:
                    values = one.surveyed or survey(one.export, given.zone)
                    found = values, import_rows(one.export, values, given, out, rows, repeats)
                done.append(_Done(one.export, *found, rows))
        if _are_all_refused(done):
            raise _AllRefused(done)
    return done


@contextmanager
def _output(options: Options) -> Iterator[Output]:
    if options.dry_run:
        yield NoOutput()
    elif options.to == KAFKA:
        with kafka_output(read_settings()) as to_kafka:
            yield to_kafka
    else:
        with lines_to(options.to) as lines:
            yield lines


def _in_one_pass(
    export: Export, given: Circumstances, out: Lines, rows: RefusedRows, repeats: Repeats
) -> tuple[Values, ImportCounts]:
    """Reads an export once, where no row leaves it in doubt how a column is read; else twice."""
    values, begun, noted = Values(export.mapping, export.binding, given.zone), out.place(), len(repeats)
    try:
        counts = import_rows(export, values, given, out, rows, repeats, presuming=True)
    except Doubt:
        out.back_to(begun)
        rows.start_over()
        repeats.back_to(noted)
        values = survey(export, given.zone)
        counts = import_rows(export, values, given, out, rows, repeats)
    return values, counts


def _to_kafka(
    one: _Opened, given: Circumstances, place: ImportPlace, out: ToKafka, rows: RefusedRows | None, repeats: Repeats
) -> tuple[Values, ImportCounts]:
    """Reads an export twice: what is in Kafka cannot be taken back when a later row decides how a column is read."""
    if place.rows:
        click.echo(f"{one.export.name}: an earlier import was interrupted; goes on after row {place.rows:,}.", err=True)
    values = one.surveyed or survey(one.export, given.zone)
    out.begin(place)
    try:
        counts = import_rows(one.export, values, given, out, rows, repeats, AlreadySent(place.rows, place.began))
        out.end(counts.rows)
    except KeyboardInterrupt:
        _stop(one.export, out)
    except SignalEngineError:
        out.interrupted()
        raise
    return values, counts


def _stop(export: Export, out: ToKafka) -> NoReturn:
    rows = out.interrupted()
    how = "the same command goes on from there" if export.name != "standard input" else "sending all again does no harm"
    click.echo(f"{export.name}: stopped; its first {rows:,} rows are in Kafka; {how}.", err=True)
    raise SystemExit(FAILED)


def _place(one: _Opened, given: Circumstances, options: Options) -> ImportPlace:
    """How far an earlier run of this import has come. All that decides its events makes it the same import."""
    if one.name == STDIN:
        return ImportPlace(None, "", one.name, given.now)
    settings: Settings = read_settings()
    decides = [
        digest_of(one.name),
        one.export.mapping.document.data,
        [digest_of(options.accounts), options.accounts_as] if options.accounts else "",
        [given.zone, given.given_account, given.alerts],
        [settings.kafka_bootstrap_servers, settings.prefix],
    ]
    work = sha256(json.dumps([__version__, *decides], sort_keys=True, default=str).encode()).hexdigest()
    return ImportPlace(
        Path(options.state) if options.state else place_path(one.name), work, Path(one.name).name, given.now
    )


def _open(name: str, mapping: Mapping | None, given: Circumstances, meter: _Meter, options: Options) -> _Opened:
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
        in_one_pass = not options.dry_run and options.to not in {STDIN, KAFKA}
        return _Opened(name, export, None if in_one_pass else survey(export, given.zone))
    values = survey(export, given.zone)
    _show_export(export, values)
    if not options.yes and not options.dry_run:
        if not sys.stdin.isatty():
            refuse((f"{export.name}: looks like {chosen.name}; confirm with --as {chosen.name} or --yes",))
        if not click.confirm(f"Import {export.name} as {chosen.name}?", err=True):
            raise SystemExit(FAILED)
    return _Opened(name, export, values)


def _show_export(export: Export, values: Values) -> None:
    chosen = export.mapping
    read = ReadAs(export.words, chosen.name, export.dropped, export.binding.unmapped(chosen))
    show_export(stderr(), export.name, read, export.binding.mapped(chosen), dict(values.decided()))


def _show(one: _Done) -> None:
    if not one.export.guessed:
        _show_export(one.export, one.values)
    made: Final = "account" if one.export.mapping.accounts is not None else "event"
    path = one.rows.path if one.rows is not None and one.rows.count else None
    show_counts(stderr(), one.export.name, one.counts.as_dict(), made, path)
