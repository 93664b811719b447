"""The sender of a Slack bot token, which can look for what it posted, and change it."""

from typing import Any, Final

from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.secrets import secrets
from signal_engine.adapters.outgoing.senders import FOR_NOBODY
from signal_engine.adapters.outgoing.slack import SlackBot
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.rules.instants import MINUTE, SECOND
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.delivery.destination_models import SlackPlace
from signal_engine.wire.messages.answers.slack_replies import reply_elements
from signal_engine.wire.messages.slack import slack_message
from signal_engine.wire.messages.to_send import MessageToSend

_CLOCKS_MS: Final = 5 * MINUTE
"""By how much Slack's clock may be behind ours."""


class SlackBotSender:
    """`MessageSender` of a Slack bot token, to a channel or to people."""

    capabilities: Final = Capabilities(finds=True, idempotent=False, edits=True, concurrency=1)

    def __init__(self, poster: Poster, name: str, place: SlackPlace, api: str, *, takes_clicks: bool) -> None:
        """`name` is the destination's, `api` where Slack answers. If it `takes_clicks`, messages have buttons."""
        self._poster, self._name, self._place, self._api = poster, name, place, api
        self._takes_clicks = takes_clicks
        self._people: dict[str, str] = {}
        """E-mail address -> Slack's id of the person."""
        self._channels: dict[str, str] = {}
        """Name of a channel, or Slack's id of a person -> Slack's id of the channel."""

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        """See `MessageSender`."""
        bot = self._bot()
        known = self._place.channel is None and person is not None and person.email in self._people
        to = await self._receiver(bot, person)
        if isinstance(to, Attempt):
            return to
        to_channel = self._place.channel is not None
        attempt = await bot.send(to, self._rendered(message), message.delivery_id, to_channel=to_channel)
        if known and person is not None and attempt.end == "failed":  # they may have another id by now, or none
            self._people.pop(person.email, None)
            return attempt._replace(end="retry")
        return attempt

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:
        """See `MessageSender`."""
        return await self._bot().update(receiver_id, self._rendered(message), message.delivery_id)

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:
        """See `MessageSender`."""
        bot = self._bot()
        to = await self._receiver(bot, person)
        if isinstance(to, Attempt):
            return to._replace(end="uncertain") if to.end == "failed" else to
        if to not in self._channels:
            found = await (bot.channel_id(to) if self._place.channel is not None else bot.direct_channel(to))
            if isinstance(found, Attempt):
                return found
            self._channels[to] = found
        return await bot.find(self._channels[to], delivery_id, (since - _CLOCKS_MS) // SECOND)

    def _rendered(self, message: MessageToSend) -> dict[str, Any]:
        replies = reply_elements(message.alert, self._name) if self._takes_clicks and message.tells_own else ()
        return slack_message(message.content, replies)

    def _bot(self) -> SlackBot:
        where = f"destinations.{self._name}.slack.token_file"
        return SlackBot(self._poster, secrets(where, self._place.token_file or "")[0], self._api)

    async def _receiver(self, bot: SlackBot, person: TeamMember | None) -> str | Attempt:
        """The channel, or Slack's id of the person; else how asking ended."""
        if self._place.channel is not None:
            return self._place.channel
        if person is None:
            return FOR_NOBODY
        if person.email not in self._people:
            found = await bot.person(person.email)
            if isinstance(found, Attempt):
                return found
            self._people[person.email] = found
        return self._people[person.email]
