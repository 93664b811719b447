"""What `import` does with the exports that are open: it sends their rows to where they should go."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, NoReturn

import click

from signal_engine import __version__
from signal_engine.adapters.files.import_places import ImportPlace, digest_of, place_path
from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import RefusedRows, refused_path
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.import_report import show_counts, show_states
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.engine.intake.accounts import MISSING_ACCOUNT
from signal_engine.engine.intake.deciding import Undecided
from signal_engine.engine.intake.repeats import Repeats
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.intake.importing import AlreadySent, ImportCounts, import_rows, made_of
from signal_engine.entrypoints.commands.intake.opening import Meter, Opened, Options, open_one, show_opened
from signal_engine.entrypoints.commands.intake.outputs import (
    KAFKA,
    Lines,
    NoOutput,
    Output,
    ToKafka,
    kafka_output,
    lines_to,
)
from signal_engine.entrypoints.commands.intake.states import StateFeeds, store_of
from signal_engine.entrypoints.wiring.exports import Export, survey
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.output import words


class NothingImported(SignalEngineError):
    """Every row was refused: nothing is written, and an event file of an earlier import stays."""


class _Done(NamedTuple):
    export: Export
    values: Values
    counts: ImportCounts
    rows: RefusedRows | None


def import_files(files: Sequence[str], mapping: Mapping | None, given: Circumstances, options: Options) -> int:
    """How many rows were refused. Raises `NothingImported` where that were all."""
    there = _paths(files)
    meter = Meter()
    opened = [open_one(name, mapping, given, meter, options) for name in files]
    _check_together(opened, there, options)
    store = store_of([one.export for one in opened], options.state, to_kafka=options.to == KAFKA)
    states = StateFeeds(given, store, insist=options.yes)
    repeats = Repeats()
    with ExitStack() as stack:
        refused = {
            one.name: stack.enter_context(RefusedRows(one.name, one.export.header, one.export.separator))
            for one in opened
            if options.keeps_refused
        }
        try:
            done = _import(opened, given, options, refused, repeats, meter, states)
        except _AllRefused as all_refused:
            done = all_refused.done
    for one in done:
        _show(one)
    for found in states.found:
        show_states(stderr(), found, is_kept=states.are_kept)
    if together := repeats.count():
        have = "has" if together == 1 else "have"
        made = " or ".join(dict.fromkeys(one for opened_ in opened for one in made_of(opened_.export)))
        click.echo(f"{words.count(together, made)} {have} the id of another, and counts once.", err=True)
    total = sum(one.counts.refused for one in done)
    if _are_all_refused(done):
        raise NothingImported("nothing was imported: every row was refused or passed over")
    return total


def _paths(files: Sequence[str]) -> set[Path]:
    """Exits with 2 where one is given twice: the refused rows of both would be written to one place."""
    there: set[Path] = set()
    for name in files:
        if (path := Path(name).resolve()) in there:
            refuse((f"{name}: is given more than once",))
        there.add(path)
    return there


def _check_together(opened: Sequence[Opened], there: Collection[Path], options: Options) -> None:
    """Exits with 2 where exports cannot be imported with one command to where they should go; `there` are all files."""
    if options.is_trial and (others := [*_no_signals(opened)]):
        refuse(tuple(others))
    for one in opened if options.keeps_refused else ():
        if (kept := refused_path(one.name, is_table=one.export.header is not None)).resolve() in there:
            refuse((f"{kept}: is where the refused rows of {one.name} go: import it by itself",))
    mappings = [one.export.mapping for one in opened]
    if len({m.accounts is None for m in mappings}) > 1:
        refuse(("accounts and events need separate files: import them separately",))
    if options.to != KAFKA and any(m.makes_outcomes for m in mappings) and any(m.makes_events for m in mappings):
        refuse(("events and outcomes need separate files: import them separately, or with --to kafka",))
    if options.to_kafka and mappings[0].accounts is not None:
        refuse(("--to kafka takes events; accounts are loaded with `signal-engine fit load`",))


def _no_signals(opened: Sequence[Opened]) -> Iterator[str]:
    """What is wrong with exports that make no events, where nothing else can be shown."""
    for one in opened:
        mapping = one.export.mapping
        if not mapping.makes_events:
            made = "accounts" if mapping.accounts is not None else "outcomes of deals"
            yield f"{one.name}: is read as {mapping.name}, which makes {made}, and signals are asked for"


class _AllRefused(Exception):
    """Ends an output before it takes the place of an earlier one."""

    def __init__(self, done: list[_Done]) -> None:
        self.done = done


def _are_all_refused(done: Sequence[_Done]) -> bool:
    return any(one.counts.refused for one in done) and not any(one.counts.mapped for one in done)


def _import(
    opened: Sequence[Opened],
    given: Circumstances,
    options: Options,
    refused: dict[str, RefusedRows],
    repeats: Repeats,
    meter: Meter,
    states: StateFeeds,
) -> list[_Done]:
    done = []
    places = {one.name: _place(one, given, options) for one in opened if options.to_kafka}
    outcomes = any(one.export.mapping.makes_outcomes for one in opened)
    with _output(options, outcomes=outcomes) as out:
        with progress.reading([one.name for one in opened], "Importing") as meter.advance:
            for one in opened:
                rows = refused.get(one.name)
                if one.export.mapping.state_feed:
                    found = _gather(one, given, states, rows, repeats)
                elif isinstance(out, ToKafka):
                    found = _to_kafka(one, given, places[one.name], out, rows, repeats)
                elif one.surveyed is None and isinstance(out, Lines) and rows is not None:
                    found = _in_one_pass(one.export, given, out, rows, repeats)
                else:
                    values = one.surveyed or survey(one.export, given.zone)
                    found = values, import_rows(one.export, values, given, out, rows, repeats)
                done.append(_Done(one.export, *found, rows))
        if _are_all_refused(done):
            raise _AllRefused(done)
        if states and isinstance(out, ToKafka):
            states.tell_kafka(read_settings(), out)
        elif states:
            states.tell(out)
    if states and not options.dry_run and not options.to_kafka:  # the events are where they belong
        states.keep()
    return done


def _gather(
    one: Opened, given: Circumstances, states: StateFeeds, rows: RefusedRows | None, repeats: Repeats
) -> tuple[Values, ImportCounts]:
    """The rows of a state feed: all of them are needed before it is known what has changed."""
    mapping = one.export.mapping
    values = one.surveyed or survey(one.export, given.zone)
    counts = import_rows(one.export, values, given, states.of(mapping), rows, repeats)
    counts.history = 0  # of rows; its events are counted apart
    if counts.refused > counts.refusals[MISSING_ACCOUNT]:  # what names no account was never among those that are kept
        states.has_refused(mapping)
    return values, counts


@contextmanager
def _output(options: Options, *, outcomes: bool) -> Iterator[Output]:
    if options.dry_run:
        yield NoOutput()
    elif options.to == KAFKA:
        with kafka_output(read_settings(), outcomes=outcomes) as to_kafka:
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
    except Undecided:
        out.back_to(begun)
        rows.start_over()
        repeats.back_to(noted)
        values = survey(export, given.zone)
        counts = import_rows(export, values, given, out, rows, repeats)
    return values, counts


def _to_kafka(
    one: Opened, given: Circumstances, place: ImportPlace, out: ToKafka, rows: RefusedRows | None, repeats: Repeats
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


def _place(one: Opened, given: Circumstances, options: Options) -> ImportPlace:
    """How far an earlier run of this import has come. All that decides its events makes it the same import."""
    if one.name == STDIN:
        return ImportPlace(None, "", one.name, given.now)
    settings: Settings = read_settings()
    decides = [
        digest_of(one.name),
        one.export.mapping.document.data,
        [digest_of(options.accounts), options.accounts_as] if options.accounts else "",
        *([digest_of(options.names)] if options.names else ()),
        [given.zone, given.given_account, given.alerts],
        [settings.kafka_bootstrap_servers, settings.prefix],
    ]
    work = sha256(json.dumps([__version__, *decides], sort_keys=True, default=str).encode()).hexdigest()
    return ImportPlace(
        Path(options.state) if options.state else place_path(one.name), work, Path(one.name).name, given.now
    )


def _show(one: _Done) -> None:
    if not one.export.guessed:
        show_opened(one.export, one.values)
    path = one.rows.path if one.rows is not None and one.rows.count else None
    show_counts(stderr(), one.export.name, one.counts.as_dict(), " or ".join(made_of(one.export)), path)
