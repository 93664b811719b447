"""The exports that an import is given: opened, recognised, shown, and confirmed by whoever started it."""

import sys
from collections.abc import Callable
from typing import NamedTuple

import click

from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import refused_path
from signal_engine.adapters.terminal.import_report import ReadAs, show_export
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.core.errors import FAILED
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.engine.intake.values import Values
from signal_engine.entrypoints.commands.intake.outputs import KAFKA
from signal_engine.entrypoints.wiring.exports import Export, open_mapped, survey
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.wire.intake.mapping import Mapping


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
    names: str | None = None
    """What names mean, as a person confirmed it."""
    is_trial: bool = False
    """Nothing is kept: refused rows are counted and told, and those of an earlier import stay as they are."""

    @property
    def to_kafka(self) -> bool:
        """Whether events go to the signal topics."""
        return self.to == KAFKA and not self.dry_run

    @property
    def keeps_refused(self) -> bool:
        """Whether refused rows are written beside their export."""
        return not self.dry_run and not self.is_trial


class Opened(NamedTuple):
    """An export, and its columns unless they are surveyed while it is read."""

    name: str
    export: Export
    surveyed: Values | None


class Meter:
    """Counts what is read once there is somebody to tell."""

    def __init__(self) -> None:
        self.advance: Callable[[int], None] = lambda _: None

    def __call__(self, size: int) -> None:
        """So many bytes were read."""
        self.advance(size)


def open_one(name: str, mapping: Mapping | None, given: Circumstances, meter: Meter, options: Options) -> Opened:
    """Opens an export, and surveys its columns unless one pass will do; asks where its mapping was guessed."""
    export = open_mapped(name, mapping, meter)
    chosen = export.mapping
    refuse_without_account(export, given)
    kept = refused_path(name, is_table=export.header is not None)
    if kept.exists() and options.keeps_refused and not options.yes:
        earlier = "holds refused rows of an earlier import"
        refuse((f"{kept}: {earlier}; delete it once they are mended and imported, or --yes replaces it",))
    if not export.guessed:
        in_one_pass = not options.dry_run and options.to not in {STDIN, KAFKA}
        return Opened(name, export, None if in_one_pass else survey(export, given.zone))
    values = survey(export, given.zone)
    show_opened(export, values)
    if not options.yes and not options.dry_run:
        if not sys.stdin.isatty():
            refuse((f"{export.name}: looks like {chosen.name}; confirm with --as {chosen.name} or --yes",))
        if not click.confirm(f"Import {export.name} as {chosen.name}?", err=True):
            raise SystemExit(FAILED)
    return Opened(name, export, values)


def refuse_without_account(export: Export, given: Circumstances) -> None:
    """Exits with 2 where the mapping says that the account is given, and it is not."""
    sources = (source for production in export.mapping.productions for source in production.accounts)
    if given.given_account is None and any(source.reference is None for source in sources):
        refuse((f"{export.name}: the export names no company: use --account DOMAIN",))


def show_opened(export: Export, values: Values) -> None:
    """Show what becomes of each column, and how it is read."""
    chosen = export.mapping
    read = ReadAs(export.words, chosen.name, export.dropped, export.binding.unmapped(chosen), export.binding.absent)
    show_export(stderr(), export.name, read, export.binding.mapped(chosen), dict(values.decided()))
