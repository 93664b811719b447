"""`signal-engine import`: turn exports of other tools into a file of events or outcomes, or into their topics."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from signal_engine.adapters.files.name_files import read_confirmed
from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import refused_path
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.intake.company_names import CompanyNames, accounts_by_id
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.entrypoints.commands.intake.import_run import import_files
from signal_engine.entrypoints.commands.intake.opening import Options
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
@click.option(
    "--accounts", type=READABLE, help="The accounts file, for mappings that look up accounts by name or CRM id."
)
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads the accounts file: a name or a file.")
@click.option("--names", type=READABLE, help="What names mean, as confirmed in the file of `match report --suggest`.")
@click.option("--account", metavar="DOMAIN", help="The account of every row, if the export does not name it.")
@click.option("--timezone", "zone", type=TimeZone(), help="Time zone of dates that name none, such as Europe/Berlin.")
@click.option(
    "--to",
    metavar="kafka|FILE.jsonl",
    help="The topics of signals and outcomes, or the file to write; - is standard output.",
)
@click.option(
    "--state",
    type=click.Path(dir_okay=False),
    help="With --to kafka: the file that keeps how far the import has come.  [default: FILE.import.json]"
    "  With --to FILE.jsonl: the file that keeps what a state feed, such as a job board, showed last.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would happen to the rows.")
@click.option("--alerts", is_flag=True, help="Also send alerts for events older than 48 hours.")
@click.option(
    "--yes",
    is_flag=True,
    help="Do not ask: use the guessed mapping, overwrite the files of an earlier import, believe a state feed that lost"
    " more than half of its rows.",
)
@click.option("--strict", is_flag=True, help="Exit with 1 if any row was refused.")
def import_command(
    files: tuple[str, ...],
    as_name: str | None,
    map_file: str | None,
    accounts: str | None,
    accounts_as: str | None,
    names: str | None,
    account: str | None,
    zone: str | None,
    to: str | None,
    state: str | None,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    alerts: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
    strict: bool,  # noqa: FBT001
) -> None:
    """Turn exports of other tools into events, outcomes or accounts.

    FILE is CSV in any dialect, JSON, JSON Lines, a workbook (.xlsx, with the extra `xlsx`) or Parquet (with the extra
    `parquet`). Text may be gzipped, or be standard input (`-`). Event ids are derived from the rows, so importing a
    file twice changes nothing. Unusable rows are written to FILE.refused.csv with the reason, to be corrected and
    imported again.

    With --to FILE.jsonl neither Kafka nor Redis is needed; `replay` reads the output. With --to kafka the running
    engine reads the events; an interrupted import continues where it stopped.
    """
    if as_name and map_file:
        raise click.UsageError("use either --as or --map, not both")
    if to is None and not dry_run:
        raise click.UsageError("use --to FILE.jsonl to name the file to write, or --dry-run to write nothing")
    if to is not None and to not in {STDIN, KAFKA} and not to.endswith(_LINES):
        raise click.BadParameter(f"must be kafka, end in {' or '.join(_LINES)}, or be -", param_hint="--to")
    if state is not None and to == KAFKA and STDIN in files:
        raise click.UsageError("--state goes with files: an import from standard input cannot be resumed")
    if names is not None and accounts is None:
        raise click.UsageError("--names goes with --accounts, whose accounts it means")
    options = Options(to or "", dry_run, yes, state, accounts, accounts_as, names)
    with failing_clearly():
        mapping = named_mapping(as_name) if as_name else read_mapping(map_file) if map_file else None
        given = circumstances(accounts, accounts_as, account, zone, alerts=alerts, names=names)
        if to is not None and to not in {STDIN, KAFKA} and not dry_run:
            refuse_output(to, [*files, map_file, as_name, accounts, names], "--to", overwrite=yes)
            if Path(to).absolute() in {
                refused_path(name, is_table=one).absolute() for name in files for one in (True, False)
            }:
                refuse((f"--to {to}: is where the refused rows go; choose another file",))
        total = import_files(files, mapping, given, options)
    if strict and total:
        raise SystemExit(1)


def circumstances(
    accounts: str | None,
    accounts_as: str | None,
    account: str | None,
    zone: str | None,
    *,
    alerts: bool,
    names: str | None = None,
) -> Circumstances:
    """What is known beside the rows of an export, from the options. Raises `ConfigurationError`, `BadParameter`."""
    rows = None if accounts is None else _account_rows(accounts, accounts_as)
    known = None if rows is None else _names_of(rows, names)
    ids = None if rows is None else accounts_by_id((row.carried["crm_id"], row.account) for row in rows)
    given = normalise(account) if account is not None else None
    if isinstance(given, NotAnAccount):
        raise click.BadParameter(f"{account!r} {given.reason}", param_hint="--account")
    return Circumstances(
        now=int(time.time() * SECOND),
        zone=zone,
        names=known,
        ids=ids,
        accounts=known.accounts if known is not None else (),
        given_account=given,
        alerts=alerts,
    )


def company_names(accounts: str, accounts_as: str | None, names: str | None) -> CompanyNames:
    """The accounts of a file by name; `names` is a file of suggestions that a person has confirmed.

    Raises `ConfigurationError`, `UnreadableInput`.
    """
    return _names_of(_account_rows(accounts, accounts_as), names)


def _account_rows(accounts: str, accounts_as: str | None) -> list[AccountRow]:
    try:
        return [row for row in accounts_at(accounts, (), accounts_as).rows if isinstance(row, AccountRow)]
    except AccountsFileError as error:
        raise ConfigurationError([str(error)]) from None


def _names_of(rows: Sequence[AccountRow], names: str | None) -> CompanyNames:
    named = [(row.carried["name"], row.account) for row in rows]
    confirmed = {} if names is None else read_confirmed(names, frozenset(account for _, account in named))
    return CompanyNames(named, confirmed)
