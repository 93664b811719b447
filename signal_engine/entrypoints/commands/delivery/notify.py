"""`signal-engine notify`: the messages of alerts, drawn, or sent by hand to try a destination."""

from pathlib import Path
from typing import Any, NamedTuple

import click
import orjson

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.pages.messages import messages_page
from signal_engine.adapters.terminal.clean import clean
from signal_engine.adapters.terminal.screen import Warnings, print_json
from signal_engine.entrypoints.commands.delivery.delivering import deliver
from signal_engine.entrypoints.commands.delivery.message_context import KnownFiles, context_of
from signal_engine.entrypoints.commands.delivery.reading import alert_in
from signal_engine.entrypoints.commands.delivery.trying import try_destination
from signal_engine.entrypoints.wiring.options import (
    EVENT_FILE,
    READABLE,
    Instant,
    failing_clearly,
    refuse_output,
    with_accounts_as,
)
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.extra_media.plain_text import ChatText, chat_text
from signal_engine.wire.messages.extra_media.teams import teams_message
from signal_engine.wire.messages.mail import Mail, mail
from signal_engine.wire.messages.slack import slack_message
from signal_engine.wire.messages.webhook import webhook_body


class _Rendered(NamedTuple):
    """The messages of one alert."""

    headline: str
    slack: dict[str, Any]
    mail: Mail
    webhook: dict[str, Any]
    teams: dict[str, Any]
    apprise: ChatText


@click.group(invoke_without_command=True)
@click.option(
    "--since", type=Instant(), help="Where the very first start begins.  [default: at the end of the topic of alerts]"
)
@click.pass_context
def notify(context: click.Context, since: int | None) -> None:
    """Deliver alerts to people and systems, by the routes file.

    Sends to Slack, Teams, e-mail, webhooks and others. Runs until it is stopped.

    Several may run: they share the partitions of the topic of alerts. Where deliveries stand is in Redis; `deliveries
    list` shows them. With a command: the messages of alerts, without the process.
    """
    if context.invoked_subcommand is None:
        deliver(since)
    elif since is not None:
        raise click.UsageError("--since is only used without a command")


notify.add_command(try_destination)


@notify.command()
@click.argument("alert", type=EVENT_FILE, metavar="ALERT.json")
@click.option(
    "--icp", "icps", type=READABLE, multiple=True, help="An ICP file, for who of its buying group is missing."
)
@click.option("--accounts", type=READABLE, help="The accounts file, for why the account fits; needs --icp.")
@with_accounts_as
@click.option("--html", type=click.Path(dir_okay=False), help="Write a page that draws all of them.")
@click.option("--yes", is_flag=True, help="Overwrite the page if it is there.")
@click.option("--json", "as_json", is_flag=True, help="Print what each medium would get as one JSON document.")
def preview(
    alert: str,
    icps: tuple[str, ...],
    accounts: str | None,
    accounts_as: str | None,
    html: str | None,
    yes: bool,  # noqa: FBT001 (click passes them by name)
    as_json: bool,  # noqa: FBT001
) -> None:
    """Draw an alert's messages; send nothing.

    As Slack, e-mail and a webhook would get them. ALERT.json is one record of the topic alerts, `-` standard input.
    Prints the text of the e-mail, unless --html or --json is given. Whom it is for, and so in which zone instants are
    told, comes from the routes file.
    """
    if accounts is not None and not icps:
        raise click.UsageError("--accounts is only used with --icp")
    if accounts_as is not None and accounts is None:
        raise click.UsageError("--as is only used with --accounts")
    if html is not None:
        refuse_output(html, (alert if alert != "-" else None, accounts, *icps), "--html", overwrite=yes)
    with failing_clearly():
        rendered = _rendered(alert, KnownFiles(icps, accounts, accounts_as))
        if html is not None:
            page = messages_page(rendered.headline, rendered.slack, rendered.mail, rendered.webhook)
            with written_whole(Path(html)) as file:
                file.write(page.encode())
            click.echo(f"The page is in {html}.", err=True)
    if as_json:
        document = {
            "slack": rendered.slack,
            "mail": rendered.mail._asdict(),
            "webhook": rendered.webhook,
            "teams": rendered.teams,
            "apprise": rendered.apprise._asdict(),
        }
        print_json(document)
    elif html is None:
        click.echo(f"Subject: {clean(rendered.mail.subject)}\n\n{clean(rendered.mail.text)}", nl=False)


def _rendered(path: str, files: KnownFiles) -> _Rendered:
    document, warnings = alert_in(path), Warnings()
    shown = context_of(document, read_settings(), files, warnings)
    warnings.close()
    content = message(document, shown.context)
    return _Rendered(
        content.headline,
        slack_message(content),
        mail(content),
        webhook_body(document, content, shown.context, shown.delivery_id),
        orjson.loads(teams_message(content)),
        chat_text(content),
    )
