"""`signal-engine try`: your own exports on the dashboard, with nothing installed and nothing kept."""

import sys
import tempfile
from pathlib import Path
from typing import Final

import click

from signal_engine.adapters.terminal.import_report import ReadAs, show_export
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.entrypoints.commands.intake.import_command import TimeZone, circumstances
from signal_engine.entrypoints.commands.intake.import_run import import_files
from signal_engine.entrypoints.commands.intake.opening import Options
from signal_engine.entrypoints.demo.feed import Feed, NothingToPlay, unshifted_feed
from signal_engine.entrypoints.demo.running import FitFiles, document_of, play, run, say
from signal_engine.entrypoints.demo.showing import ShowsLines, ShowsScreen, show_end
from signal_engine.entrypoints.demo.stage import Stage
from signal_engine.entrypoints.trial.everybody import write_everybody
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.exports import Export, named_mapping, open_mapped, survey
from signal_engine.entrypoints.wiring.inputs import accounts_at, read_inputs
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly, refuse
from signal_engine.wire.config.accounts_file import AccountsFileError
from signal_engine.wire.config.yaml_files import ConfigurationError

_UNWATCHED_SECONDS: Final = 30.0
"""Duration when stdout is no terminal, where nobody could press Ctrl-C."""


class _NothingToShow(SignalEngineError):
    """The exports hold no event."""


@click.command("try")
@click.argument("accounts", type=READABLE)
@click.argument("signals", nargs=-1, required=True, type=EVENT_FILE, metavar="SIGNALS...")
@click.option("--accounts-as", metavar="NAME", help="The mapping that reads ACCOUNTS: a name or a file.")
@click.option("--as", "signals_as", metavar="NAME", help="The mapping that reads all SIGNALS: a name or a file.")
@click.option(
    "--account", metavar="DOMAIN", help="Whose signals they are where an export names no company (job boards)."
)
@click.option("--icp", "icps", type=READABLE, multiple=True, help="Who fits; repeatable.  [default: everybody]")
@click.option("--timezone", "zone", type=TimeZone(), help="Time zone of dates that name none, such as Europe/Berlin.")
@click.option(
    "--config",
    type=click.Path(exists=True, file_okay=False),
    default="config",
    show_default=True,
    help="Folder with scoring.yaml and icp/.",
)
@click.option("--seconds", type=click.FloatRange(1, 86_400), help="Stop this many seconds after the first list.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, like `replay --json`.")
@click.option("--yes", is_flag=True, help="Do not ask: use the guessed mappings.")
def try_command(
    accounts: str,
    signals: tuple[str, ...],
    accounts_as: str | None,
    signals_as: str | None,
    account: str | None,
    icps: tuple[str, ...],
    zone: str | None,
    config: str,
    seconds: float | None,
    as_json: bool,  # noqa: FBT001 (click passes them by name)
    yes: bool,  # noqa: FBT001
) -> None:
    """See your own exports on the dashboard: who is in-market now.

    ACCOUNTS is an export of your accounts (HubSpot, Salesforce) or an accounts file of our own format, SIGNALS are
    exports of signals in any format that `import` reads. It first shows what each column becomes, and asks.

    Starts everything on this machine, on free local ports, in temporary folders that are removed afterwards; nothing
    leaves it. Signals keep their own times. Runs until Ctrl-C (for 30 seconds if stdout is no terminal), then prints
    the list and the alerts. Rows that cannot be used are counted; `import` also keeps them, to be corrected.
    """
    scoring = str(Path(config) / "scoring.yaml")
    watched = sys.stdout.isatty() and not as_json
    if seconds is None and not watched:
        seconds = _UNWATCHED_SECONDS
    warnings = Warnings()
    with failing_clearly(), tempfile.TemporaryDirectory(prefix="signal-engine-try-") as folder:
        accounts_as = accounts_as or _recognised(accounts, yes=yes)
        if not icps:
            icps = (write_everybody(Path(folder), clock()),)
            say("No --icp: every account of the file counts as fitting. docs/icp.md says how to write one.")
        inputs = read_inputs(scoring, icps, accounts, warnings, accounts_as)
        warnings.close()
        events = str(Path(folder) / "events.jsonl")
        given = circumstances(accounts, accounts_as, account, zone, alerts=False)
        mapping = None if signals_as is None else named_mapping(signals_as)
        import_files(
            signals,
            mapping,
            given,
            Options(
                events, dry_run=False, yes=yes, state=None, accounts=accounts, accounts_as=accounts_as, is_trial=True
            ),
        )
        feed = _feed(events)
        stage = Stage(scoring, say, actor=inputs.icps[0].owner_email)
        click.echo("Your accounts are on the dashboard in about half a minute.", err=True)
        shows = ShowsScreen() if watched and sys.stderr.isatty() else ShowsLines()

        def is_up() -> None:
            """An address that is printed before the first list leads to an empty page."""
            click.echo(f"Dashboard: {stage.url}", err=as_json)

        result = run(play(stage, FitFiles(accounts, accounts_as, icps), inputs, feed, shows, seconds, is_up))
        if as_json:
            print_json(document_of(result))
        else:
            show_end(result.seen, result.explained, result.refused, inputs.scoring.policy.lists.tier_weight)


def _feed(events: str) -> Feed:
    try:
        return unshifted_feed(events)
    except NothingToPlay:  # it names a file that nobody but us has made
        raise _NothingToShow("no row of the signals became an event, so there is nothing to show") from None


def _recognised(accounts: str, *, yes: bool) -> str | None:
    """The name of the mapping that reads the accounts file; None: it is in our own format."""
    try:
        export = open_mapped(accounts, None)
    except ConfigurationError:
        if _is_ours(accounts):
            return None
        raise
    if export.mapping.accounts is None:
        if _is_ours(accounts):
            return None
        refuse((f"{accounts}: looks like {export.mapping.name}, which makes signals; accounts come first",))
    _show(export)
    if not yes:
        if not sys.stdin.isatty():
            name = export.mapping.name
            refuse((f"{accounts}: looks like {name}; confirm with --accounts-as {name} or --yes",))
        if not click.confirm(f"Read {accounts} as {export.mapping.name}?", err=True):
            raise SystemExit(FAILED)
    return export.mapping.name


def _is_ours(accounts: str) -> bool:
    try:
        accounts_at(accounts, ())
    except (AccountsFileError, UnicodeDecodeError):
        return False
    return True


def _show(export: Export) -> None:
    chosen = export.mapping
    read = ReadAs(export.words, chosen.name, export.dropped, export.binding.unmapped(chosen), export.binding.absent)
    decided = dict(survey(export, None).decided())
    show_export(stderr(), export.name, read, export.binding.mapped(chosen), decided)
