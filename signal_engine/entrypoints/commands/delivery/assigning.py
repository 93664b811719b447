"""`signal-engine routes assign`: give accounts without an SDR to somebody of their territory."""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import click

from signal_engine.adapters.terminal.clean import clean
from signal_engine.core.delivery.routes import Routing
from signal_engine.engine.door.door import Door
from signal_engine.engine.door.territories import Assignments, wanted_assignments
from signal_engine.engine.door.wanted import WantedAction
from signal_engine.entrypoints.commands.actions.asking import Asked
from signal_engine.entrypoints.commands.actions.writing import act_as
from signal_engine.entrypoints.commands.delivery.reading import accounts_of_file
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import read_routes, routes_path
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly, with_accounts_as
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.words import count

_MOST_NAMED: Final = 10


@click.command()
@click.argument("accounts", type=READABLE)
@with_accounts_as
@click.option("--routes", "path", type=READABLE, help="The routes file.  [default: from the settings]")
@click.option("--by", required=True, metavar="EMAIL", help="Who acts: your e-mail address.")
@click.option("--dry-run", is_flag=True, help="Show what would be written; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written and what was refused as JSON.")
def assign(
    accounts: str,
    accounts_as: str | None,
    path: str | None,
    by: str,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    as_json: bool,  # noqa: FBT001
) -> None:
    """Give chased accounts without an SDR to people, by territory.

    The accounts are those of the file ACCOUNTS, the territories those of the routes file.

    Whoever gets an account keeps it for 90 days, and for ever if a person has assigned it. Run it again whenever
    accounts were loaded: what is assigned stays as it is.
    """
    with failing_clearly():
        settings, routing = read_settings(), read_routes(path or routes_path()).routing
    write_assignments(settings, routing, Assigning(accounts, accounts_as, by, dry_run, as_json))


class Assigning(NamedTuple):
    """How accounts are assigned."""

    accounts: str
    """The accounts file."""
    accounts_as: str | None
    """Name or path of the mapping by which it is read."""
    by: str
    """E-mail of who acts."""
    dry_run: bool
    as_json: bool


def write_assignments(settings: Settings, routing: Routing, how: Assigning) -> None:
    """Assign the chased accounts of the file that have no SDR, and warn of those that nobody gets."""
    with failing_clearly():
        rows = accounts_of_file(how.accounts, how.accounts_as, routing.territories)
    fields = {name: row.fields for name, row in rows.items() if not row.sdr}

    async def wanted(door: Door) -> Sequence[WantedAction]:
        found = await wanted_assignments(door, fields, routing, how.by, "cli", clock())
        for line in _warnings(found):
            click.echo(clean(f"warning: {line}"), err=True)
        return found.wanted

    act_as(wanted, Asked((), None, how.by, None, how.dry_run, skip_refused=False, as_json=how.as_json), settings)


def _warnings(found: Assignments) -> Iterator[str]:
    if found.nobody:
        yield (
            f"nobody is assigned {count(len(found.nobody), 'account')} without an SDR, which no territory takes or "
            f"whose pool has left; alerts go to the owner, else to triage: {_named(found.nobody)}"
        )
    if found.undecided:
        yield (
            f"nobody is assigned {count(len(found.undecided), 'account')} that workers have not decided yet: run "
            "`signal-engine routes assign` once they have"
        )


def _named(accounts: Sequence[str]) -> str:
    more = len(accounts) - _MOST_NAMED
    return ", ".join([*accounts[:_MOST_NAMED], *([f"and {more:,} more"] if more > 0 else [])])
