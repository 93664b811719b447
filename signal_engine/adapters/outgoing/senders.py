"""The senders of media that take a message and forget it: webhooks, incoming webhooks of Slack, e-mail."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from signal_engine.adapters.outgoing.handshake import Handshake
from signal_engine.adapters.outgoing.mailing import Mailer
from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.secrets import secrets, signing_keys
from signal_engine.adapters.outgoing.slack import send_to_incoming_webhook
from signal_engine.adapters.outgoing.webhook import send_webhook
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.delivery.destination_models import EmailPlace, WebhookPlace
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.answers.action_links import LinkKey, action_link, offered, token_of
from signal_engine.wire.messages.content import MessageLink
from signal_engine.wire.messages.mail import mail, mail_message
from signal_engine.wire.messages.slack import slack_message
from signal_engine.wire.messages.to_send import MessageToSend
from signal_engine.wire.messages.webhook import webhook_body

_WEBHOOK: Final = Capabilities(finds=False, idempotent=True, edits=False, for_people=False, concurrency=8)
_INCOMING: Final = Capabilities(finds=False, idempotent=False, edits=False, concurrency=1)
_MAIL: Final = Capabilities(finds=False, idempotent=True, edits=False)
"""Sent again, a mail has the same `Message-ID`."""
FOR_NOBODY: Final = Attempt("failed", "it is for nobody in particular, and reaches people", knows_person=False)
"""A destination of people, and no person."""
CANNOT: Final = Attempt("failed", "this destination cannot do that")
"""Of a medium that neither changes nor finds what it was sent."""


class WebhookSender:
    """`MessageSender` of a URL that takes Standard Webhooks."""

    capabilities: Final = _WEBHOOK

    def __init__(self, poster: Poster, where: str, place: WebhookPlace, clock: Callable[[], int]) -> None:
        """`where` is the destination in the routes file, for messages; `clock` tells ms since 1970."""
        self._poster, self._where, self._place, self._clock = poster, f"{where}.webhook", place, clock
        self._handshake = Handshake(poster) if place.verify else None

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:  # noqa: ARG002 (for everybody)
        """See `MessageSender`."""
        url = secrets(f"{self._where}.url_file", self._place.url_file)[0]
        keys = signing_keys(f"{self._where}.secret_file", self._place.secret_file)
        if self._handshake is not None:
            refusal = await self._handshake.refusal(url, self._clock(), keys)
            if refusal is not None:
                return refusal
        body = webhook_body(message.alert, message.content, message.context, message.delivery_id, message.late)
        at = self._clock() // SECOND
        return await send_webhook(self._poster, url, message.delivery_id, at, orjson.dumps(body), keys)

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT


class IncomingWebhookSender:
    """`MessageSender` of a Slack incoming webhook: one way, and nothing tells later whether a message arrived."""

    capabilities: Final = _INCOMING

    def __init__(self, poster: Poster, where: str, url_file: str) -> None:
        """`where` is the destination in the routes file, for messages."""
        self._poster, self._where, self._url_file = poster, f"{where}.slack.url_file", url_file

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:  # noqa: ARG002 (for everybody)
        """See `MessageSender`."""
        url = secrets(self._where, self._url_file)[0]
        return await send_to_incoming_webhook(self._poster, url, slack_message(message.content))

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT


class MailLinks(NamedTuple):
    """By what links in mails act."""

    key: LinkKey
    public_url: str
    """Where `api` is reached."""


class MailSender:
    """`MessageSender` of e-mail, to people or to fixed addresses."""

    capabilities: Final = _MAIL

    def __init__(self, mailer: Mailer, place: EmailPlace, clock: Callable[[], int], links: MailLinks | None) -> None:
        """`clock` tells ms since 1970. Only mails to a person have `links`: whoever has one acts as that person."""
        self._mailer, self._place, self._clock, self._links = mailer, place, clock, links

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        """See `MessageSender`."""
        at, content = self._clock(), message.content
        if self._place.to is not None:
            to = tuple(self._place.to)
        elif person is not None:
            to = (person.email,)
            replies = self._replies(message, person, at) if message.tells_own else ()
            content = content._replace(links=(*replies, *content.links))
        else:
            return FOR_NOBODY
        sent_at = datetime.fromtimestamp(at / SECOND, message.context.zone)
        thread = message.alert["account_id"] if message.tells_own else message.delivery_id
        sender = self._place.sender
        made = mail_message(mail(content), thread, message.delivery_id, sender, to, sent_at)
        attempt = await self._mailer.send(made)
        return attempt if self._place.to is None else attempt._replace(knows_person=True)  # it is for no single person

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    def _replies(self, message: MessageToSend, person: TeamMember, at: int) -> Iterator[MessageLink]:
        if self._links is None:
            return
        key, alert = self._links.key, message.alert
        for action in offered(alert, person.email):
            alerted_at = parse_instant(alert["at"])
            link = action_link(action, alert["account_id"], person.email, message.delivery_id, key, at, alerted_at)
            yield MessageLink(action.capitalize(), f"{self._links.public_url}/a/{token_of(link, key)}")
