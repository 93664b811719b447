"""The senders of the destinations in a routes file."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import NamedTuple

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.outgoing.addresses import Network, networks
from signal_engine.adapters.outgoing.extra_media.apprise_sender import AppriseSender, unknown_schemes
from signal_engine.adapters.outgoing.extra_media.teams_sender import TeamsSender
from signal_engine.adapters.outgoing.local_inbox import InboxMailer, InboxPoster, SenderToInbox
from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.adapters.outgoing.posting import MOST_OF_AN_ANSWER, Poster
from signal_engine.adapters.outgoing.senders import (
    IncomingWebhookSender,
    MailLinks,
    MailSender,
    WebhookSender,
)
from signal_engine.adapters.outgoing.slack import SLACK_API
from signal_engine.adapters.outgoing.slack_sender import SlackBotSender
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.inbox import RedisInbox
from signal_engine.engine.ports.delivery.inbox import Inbox
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.delivery.delivery_settings import DeliverySettings
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import DestinationModel
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.messages.answers.action_links import link_keys


def poster_of(settings: Settings) -> Poster:
    """What messages leave by: as `guarded_poster_of`, or the inbox on this machine."""
    return InboxPoster(inbox_of(settings), clock) if settings.local_inbox else guarded_poster_of(settings)


def guarded_poster_of(settings: Settings, most_of_an_answer: int = MOST_OF_AN_ANSWER) -> Poster:
    """What requests leave by that are no messages: guarded, with the networks that the settings allow, or by their
    egress proxy. The inbox on this machine could not answer them.

    `most_of_an_answer`: bytes that are read of each.
    """
    proxy = settings.outgoing_proxy.get_secret_value()
    return Poster(_allowed(settings), most_of_an_answer=most_of_an_answer, proxy=proxy)


def inbox_of(settings: Settings) -> Inbox:
    """Where messages are kept that stay on this machine."""
    return RedisInbox(Channel(settings.redis_url.get_secret_value()), settings.prefix)


def slack_api_of(settings: Settings) -> str:
    """Where Slack answers; the inbox on this machine answers as the public one does."""
    return SLACK_API if settings.local_inbox else settings.slack_api


class MailWay(NamedTuple):
    """What mail leaves by."""

    mailer: Mailer
    links: MailLinks | None
    """None: mails have no links that act."""


class MessageWays(NamedTuple):
    """What the settings allow of messages."""

    mail: MailWay | None = None
    """None: they name no mail server."""
    takes_clicks: bool = False
    """Whether `api` takes clicks on buttons in Slack, so that messages may have some."""
    slack_api: str = SLACK_API
    """Where Slack answers."""
    stays_here: bool = False
    """Whether messages stay on this machine, so that what opens connections of its own is not used."""


def message_ways(settings: Settings) -> MessageWays:
    """What the settings allow. Raises `ConfigurationError` for a file of CAs that cannot be used."""
    takes_clicks = settings.local_inbox or bool(settings.slack_signing_secret.get_secret_value())
    return MessageWays(_mail_way(settings), takes_clicks, slack_api_of(settings), stays_here=settings.local_inbox)


def senders_of(
    poster: Poster, routes: RoutesFile, ways: MessageWays, warn: Callable[[str], None]
) -> dict[str, MessageSender]:
    """The senders of all destinations; `warn` gets a line for each that the settings do not reach."""
    senders = {}
    for name, place in routes.destinations.items():
        try:
            senders[name] = sender_of(poster, name, place, ways)
        except ConfigurationError as error:
            warn("; ".join(error.lines))
    return senders


def sender_of(poster: Poster, name: str, place: DestinationModel, ways: MessageWays) -> MessageSender:
    """The sender of the destination `name`. Raises `ConfigurationError` without what it needs."""
    sender = _sender_of(poster, name, place, ways)
    return SenderToInbox(sender) if ways.stays_here else sender


def _sender_of(poster: Poster, name: str, place: DestinationModel, ways: MessageWays) -> MessageSender:
    where = f"destinations.{name}"
    if place.teams is not None:
        return TeamsSender(poster, where, place.teams)
    if place.apprise is not None:
        if ways.stays_here:
            raise ConfigurationError(
                [f"{where}.apprise: not used with {variable('local_inbox')}: it opens connections"]
            )
        if find_spec("apprise") is None:
            raise ConfigurationError([f"{where}.apprise: needs the extra `apprise`: pip install '.[apprise]'"])
        if unknown := unknown_schemes(where, place.apprise):
            raise ConfigurationError(unknown)
        return AppriseSender(where, place.apprise)
    if place.webhook is not None:
        return WebhookSender(poster, where, place.webhook, clock)
    if place.slack is not None and place.slack.url_file is not None:
        return IncomingWebhookSender(poster, where, place.slack.url_file)
    if place.slack is not None:
        return SlackBotSender(poster, name, place.slack, ways.slack_api, takes_clicks=ways.takes_clicks)
    assert place.email is not None  # noqa: S101 (a destination has exactly one kind)
    if ways.mail is None:
        raise ConfigurationError([f"{where}.email: {variable('smtp_host')} names no mail server"])
    return MailSender(ways.mail.mailer, place.email, clock, ways.mail.links)


def _mail_way(settings: Settings) -> MailWay | None:
    if settings.local_inbox:
        return MailWay(InboxMailer(inbox_of(settings), clock), _links(settings))
    if not settings.smtp_host:
        return None
    server = MailServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_tls,
        settings.smtp_user,
        settings.smtp_password.get_secret_value(),
        settings.smtp_cafile,
    )
    try:
        return MailWay(Mailer(server, _allowed(settings)), _links(settings))
    except OSError as error:
        where = f"{variable('smtp_cafile')}: {settings.smtp_cafile}"
        raise ConfigurationError([f"{where}: cannot be read as certificates: {reason(error)}"]) from None


def _links(settings: DeliverySettings) -> MailLinks | None:
    keys = link_keys(settings.link_keys.get_secret_value())
    return MailLinks(keys[0], settings.public_url) if keys else None


def _allowed(settings: DeliverySettings) -> tuple[Network, ...]:
    return networks(settings.outgoing_allow.replace(",", " ").split())
