"""`signal-engine notify try`: one message to one destination, by hand, before anybody relies on it."""

import asyncio
import sys

import click

from signal_engine.adapters.terminal.screen import Warnings, print_json
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.plan import delivery_id
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.errors import FAILED
from signal_engine.entrypoints.commands.delivery.message_context import KnownFiles, context_of
from signal_engine.entrypoints.commands.delivery.reading import alert_in
from signal_engine.entrypoints.wiring.delivery.senders import message_ways, poster_of, sender_of
from signal_engine.entrypoints.wiring.inputs import read_routes
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.to_send import MessageToSend
from signal_engine.wire.output.operations.deliveries import TriedDocument


@click.command("try")
@click.argument("alert", type=EVENT_FILE, metavar="ALERT.json")
@click.option("--to", "destination", required=True, help="The destination, by its name in the routes file.")
@click.option("--person", help="Whom a personal destination is to reach.  [default: whom the alert is for]")
@click.option(
    "--icp", "icps", type=READABLE, multiple=True, help="An ICP file, for who of its buying group is missing."
)
@click.option("--yes", is_flag=True, help="Send without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print how it ended as one JSON document.")
def try_destination(
    alert: str,
    destination: str,
    person: str | None,
    icps: tuple[str, ...],
    yes: bool,  # noqa: FBT001 (click passes them by name)
    as_json: bool,  # noqa: FBT001
) -> None:
    """Send one alert's message to one destination, to test it.

    Working hours, mutes and absences do not count: it is you who sends it. Asks first. Says what the receiver answered,
    and exits with 1 if the message did not arrive.
    """
    with failing_clearly():
        settings = read_settings()
        routes = read_routes(settings.routes)
        document = alert_in(alert)
        if destination not in routes.routing.destinations:
            refuse((f"--to {destination}: is none of the destinations: {', '.join(routes.routing.destinations)}",))
        warnings = Warnings()
        context = context_of(document, settings, KnownFiles(icps, None, None), warnings).context
        warnings.close()
        member = _member(routes, person or context.person, named=person)
        made_for = delivery_id(document["alert_id"], destination)
        it = MessageToSend(document, message(document, context), context, made_for)
        if not yes:
            _confirm(it.content.headline, destination, member if routes.destinations[destination].personal else None)
        sender = sender_of(poster_of(settings), destination, routes.destinations[destination], message_ways(settings))
        attempt = asyncio.run(sender.send(it, member))
    _tell(attempt, destination, made_for, as_json=as_json)


def _member(routes: RoutesFile, name: str | None, *, named: str | None) -> TeamMember | None:
    member = None if name is None else routes.routing.team.named(name)
    if member is None and named is not None:
        refuse((f"--person {named}: is none of the people in the routes file",))
    return member


def _confirm(headline: str, destination: str, member: TeamMember | None) -> None:
    """Ask; without a terminal an option must answer."""
    where = destination if member is None else f"{destination}, for {member.name}"
    if not sys.stdin.isatty():
        refuse((f"this sends a message to {where}; --yes sends it",))
    click.confirm(f"Send `{headline}` to {where}?", abort=True, err=True)


def _tell(attempt: Attempt, destination: str, made_for: str, *, as_json: bool) -> None:
    document: TriedDocument = {
        "destination": destination,
        "delivery_id": made_for,
        "end": attempt.end,
        "said": attempt.said,
        "receiver_id": attempt.receiver_id,
        "retry_after_s": attempt.retry_after_s,
    }
    if as_json:
        print_json(document)
    elif attempt.end == "sent":
        click.echo(f"sent to {destination}: {attempt.said}")
    if attempt.end != "sent":
        what = "nobody can say whether it arrived at" if attempt.end == "uncertain" else "not sent to"
        click.echo(f"error: {what} {destination}: {attempt.said}", err=True)
        raise SystemExit(FAILED)
