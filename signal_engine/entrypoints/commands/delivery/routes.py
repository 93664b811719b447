"""`signal-engine routes`: where alerts go, by the routes file."""

from collections.abc import Sequence
from typing import get_args

import click

from signal_engine.adapters.terminal.delivery.route_table import show_route_test
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.alerting.alerts import ENTERED_HOT, AlertType
from signal_engine.core.delivery.answering import ActionsSeen, actions_seen
from signal_engine.core.delivery.plan import plan
from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.core.delivery.territories import Assignment, assigned
from signal_engine.engine.door.past_actions import fold
from signal_engine.entrypoints.commands.delivery.assigning import assign
from signal_engine.entrypoints.commands.delivery.live_account import account_now
from signal_engine.entrypoints.commands.delivery.reading import accounts_of_file, actions_of_file, alert_in
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import read_routes, routes_path
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, Instant, failing_clearly, with_accounts_as
from signal_engine.wire.delivery.alert_reading import routed
from signal_engine.wire.delivery.plan_documents import route_test
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.alert_words import not_sent_in_words


@click.group()
def routes() -> None:
    """Show where alerts go; give accounts to people."""


@routes.command()
@click.argument("alert", required=False, type=EVENT_FILE, metavar="[ALERT.json]")
@click.option("--account", help="Instead of an alert: one that this account of the live engine would have now.")
@click.option(
    "--type", "type_", type=click.Choice(get_args(AlertType)), help="With --account: the alert's type.  [entered_hot]"
)
@click.option("--routes", "path", type=READABLE, help="The routes file.  [default: from the settings]")
@click.option("--actions", type=READABLE, help="With an alert: account actions (JSON Lines), for claims and mutes.")
@click.option("--accounts", type=READABLE, help="The accounts file, for who gets an account without an SDR.")
@with_accounts_as
@click.option("--at", type=Instant(), help="When it is decided.  [default: the alert's own time; with --account, now]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def test(
    alert: str | None,
    account: str | None,
    type_: AlertType | None,
    path: str | None,
    actions: str | None,
    accounts: str | None,
    accounts_as: str | None,
    at: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Show where an alert would go, to whom, when, and why.

    Also says why each other route does not take it. Sends nothing.

    ALERT.json is one record of the topic alerts, `-` standard input. Without --actions, the claim is the one that the
    alert tells of, and nobody has muted the account.
    """
    if (alert is None) == (account is None):
        raise click.UsageError("give either ALERT.json or --account")
    if account is None and type_ is not None:
        raise click.UsageError("--type is only used with --account: an alert has its own")
    if account is not None and actions is not None:
        raise click.UsageError("--actions is only used with ALERT.json: the live engine knows its own")
    with failing_clearly():
        path = path or routes_path()
        file = read_routes(path)
        now = clock() if at is None else at
        if account is not None:
            asked, seen = account_now(account, type_ or ENTERED_HOT, now)
        else:
            asked, seen, now = _of_file(alert or "", actions, at)
        drawn = None if accounts is None else _drawn(asked.account, accounts, accounts_as, file, now)
        asked = asked if drawn is None else asked._replace(sdr=drawn.member.name)
        document = route_test(asked, plan(asked, file.routing, seen, now), file, now, drawn)
    if as_json:
        print_json(document)
    else:
        show_route_test(stdout(), document, path)


def _drawn(account: str, accounts: str, mapping: str | None, file: RoutesFile, now: int) -> Assignment | None:
    """Who gets the account, by its row; None where that names an SDR, or is not there. Raises `ConfigurationError`."""
    row = accounts_of_file(accounts, mapping, file.routing.territories).get(account)
    if row is None or row.sdr:
        return None
    return assigned(account, row.fields, file.routing.territories, file.routing.team, now)


def _of_file(path: str, actions: str | None, at: int | None) -> tuple[RoutedAlert, ActionsSeen, int]:
    """The alert in a file, what was done about its account, and the instant (ms) at which it is decided."""
    document = alert_in(path)
    if reason := not_sent_in_words(document):
        click.echo(f"warning: this alert was recorded but not sent: {reason}", err=True)
    asked = routed(document)
    now = parse_instant(document["at"]) if at is None else at
    seen = ActionsSeen(asked.claimed_by)
    if actions is not None:
        seen = _seen(actions_of_file(actions, asked.account), now)
    return asked, seen, now


def _seen(taken: Sequence[LoggedAction], now: int) -> ActionsSeen:
    before = sorted((one for one in taken if one.now <= now), key=lambda one: one.now)
    return actions_seen(fold(before).in_force, before, now)


routes.add_command(assign)
