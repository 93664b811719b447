"""The senders of digests: Slack, as a direct message by a bot token, and e-mail."""

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Final

from signal_engine.adapters.outgoing.mailing import Mailer
from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.secrets import secrets
from signal_engine.adapters.outgoing.slack import SlackBot
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.delivery.destination_models import EmailPlace, SlackPlace
from signal_engine.wire.messages.digest import Digest, DigestFacts
from signal_engine.wire.messages.digest_media import digest_mail, digest_slack
from signal_engine.wire.messages.mail import mail_message

InWords = Callable[[DigestFacts, tzinfo], Digest]
"""Puts a digest into words, its instants in a zone."""


class SlackDigestSender:
    """`DigestSender` of a Slack bot token."""

    idempotent: Final = False

    def __init__(self, poster: Poster, where: str, place: SlackPlace, api: str, in_words: InWords) -> None:
        """`where` is the destination in the routes file, for messages; `api` is where Slack answers."""
        self._poster, self._where, self._place, self._api, self._in_words = poster, where, place, api, in_words

    async def send(self, facts: DigestFacts, delivery_id: str, member: TeamMember) -> Attempt:
        """See `DigestSender`."""
        token = secrets(f"{self._where}.slack.token_file", self._place.token_file or "")[0]
        bot = SlackBot(self._poster, token, self._api)
        channel = await bot.person(member.email)
        if isinstance(channel, Attempt):
            return channel
        return await bot.send(channel, digest_slack(self._in_words(facts, member.zone)), delivery_id)


class MailDigestSender:
    """`DigestSender` of e-mail: one thread per person. Sent again, it has the same `Message-ID`."""

    idempotent: Final = True

    def __init__(
        self,
        mailer: Mailer,
        place: EmailPlace,
        in_words: InWords,
        unsubscribe: Callable[[TeamMember], str | None] = lambda _: None,
    ) -> None:
        """`unsubscribe`: the URL by which a person ends their digests; None: mails have none."""
        self._mailer, self._place, self._in_words, self._unsubscribe = mailer, place, in_words, unsubscribe

    async def send(self, facts: DigestFacts, delivery_id: str, member: TeamMember) -> Attempt:
        """See `DigestSender`."""
        content, at = (
            digest_mail(self._in_words(facts, member.zone)),
            datetime.fromtimestamp(facts.at / SECOND, member.zone),
        )
        thread = f"digest:{member.email}"
        return await self._mailer.send(
            mail_message(
                content, thread, delivery_id, self._place.sender, (member.email,), at, self._unsubscribe(member)
            )
        )
