"""`signal-engine import`: turn exports of other tools into an event file, or into records of the signal topics."""

import time
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import refused_path
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.intake.company_names import CompanyNames
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.entrypoints.commands.intake.import_run import Options, import_files
from signal_engine.entrypoints.commands.intake.outputs import KAFKA
from signal_engine.entrypoints.wiring.exports import named_mapping, read_mapping
from signal_engine.entrypoints.wiring.inputs import accounts_at
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly, refuse, refuse_output
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFileError
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.account_names import NotAnAccount, normalise

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


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=EVENT_FILE, metavar="FILE...")
@click.option("--as", "as_name", metavar="NAME", help="The mapping, by name (see `mapping list`).")
@click.option("--map", "map_file", type=READABLE, help="The mapping, as a file.")
@click.option("--accounts", type=READABLE, help="The accounts file, for mappings that look up accounts by name.")
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads the accounts file: a name or a file.")
@click.option("--account", metavar="DOMAIN", help="The account of every row, if the export does not name it.")
@click.option("--timezone", "zone", type=TimeZone(), help="Time zone of dates that name none, such as Europe/Berlin.")
@click.option("--to", metavar="kafka|FILE.jsonl", help="The signal topics, or the file to write; - is standard output.")
@click.option(
    "--state",
    type=click.Path(dir_okay=False),
    help="With --to kafka: the file that keeps how far the import has come.  [default: FILE.import.json]",
)
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
    state: str | None,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    alerts: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
) -> None:
    """Turn exports of other tools into events or accounts.

    FILE is CSV in any dialect, JSON, JSON Lines or a workbook (.xlsx, with the extra `xlsx`); gzip is detected; `-` is
    standard input. Event ids are derived from the rows, so importing a file twice changes nothing. Unusable rows are
    written to FILE.refused.csv with the reason, to be corrected and imported again.

    With --to FILE.jsonl neither Kafka nor Redis is needed; `replay` reads the output. With --to kafka the running
    engine reads the events; an import that is interrupted goes on where it stood when it is started again.
    """
    if as_name and map_file:
        raise click.UsageError("use either --as or --map, not both")
    if to is None and not dry_run:
        raise click.UsageError("use --to FILE.jsonl to name the file to write, or --dry-run to write nothing")
    if to is not None and to not in {STDIN, KAFKA} and not to.endswith(_LINES):
        raise click.BadParameter(f"must be kafka, end in {' or '.join(_LINES)}, or be -", param_hint="--to")
    if state is not None and (to != KAFKA or STDIN in files):
        raise click.UsageError("--state goes with --to kafka and files: only such an import can be resumed")
    options = Options(to or "", dry_run, yes, state, accounts, accounts_as)
    with failing_clearly():
        mapping = named_mapping(as_name) if as_name else read_mapping(map_file) if map_file else None
        given = circumstances(accounts, accounts_as, account, zone, alerts=alerts)
        if to is not None and to not in {STDIN, KAFKA} and not dry_run:
            refuse_output(to, [*files, map_file, as_name, accounts], "--to", overwrite=yes)
            if Path(to).absolute() in {
                refused_path(name, is_table=one).absolute() for name in files for one in (True, False)
            }:
                refuse((f"--to {to}: is where the refused rows go; choose another file",))
        total = import_files(files, mapping, given, options)
    if strict and total:
        raise SystemExit(1)


def circumstances(
    accounts: str | None, accounts_as: str | None, account: str | None, zone: str | None, *, alerts: bool
) -> Circumstances:
    """What is known beside the rows of an export, from the options. Raises `ConfigurationError`, `BadParameter`."""
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
