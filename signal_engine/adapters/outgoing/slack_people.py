"""Who clicked in Slack, by the bot that posted the message, and the answer that this person alone sees."""

from collections.abc import Callable

import orjson

from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.secrets import secrets
from signal_engine.adapters.outgoing.slack import SlackBot
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import DestinationModel
from signal_engine.wire.messages.slack import escaped


class ClickingPeople:
    """`SlackPeople` by the bot tokens of the routes file."""

    def __init__(
        self,
        poster: Poster,
        destinations: Callable[[], dict[str, DestinationModel]],
        api: str,
    ) -> None:
        """`api` is where Slack answers."""
        self._poster, self._destinations, self._api = poster, destinations, api
        self._answers = answer_prefixes(api)

    async def email(self, destination: str, user: str) -> str | None:
        """See `SlackPeople`. Guests of other workspaces have addresses that their own administrators choose."""
        place = self._destinations().get(destination)
        if place is None or place.slack is None or place.slack.token_file is None:
            return None
        try:
            token = secrets(f"destinations.{destination}.slack.token_file", place.slack.token_file)[0]
        except ConfigurationError:
            return None
        bot = SlackBot(self._poster, token, self._api)
        found = await bot.user(user)
        if isinstance(found, Attempt) or found.team != await bot.own_team():
            return None
        return found.email

    async def tell(self, response_url: str, text: str) -> None:
        """See `SlackPeople`. Where Slack does not take it, nobody is told: the message itself shows what was done."""
        if not response_url.startswith(self._answers):
            return
        said = {"response_type": "ephemeral", "replace_original": False, "text": escaped(text), "mrkdwn": False}
        await self._poster.post(response_url, orjson.dumps(said), {"content-type": "application/json; charset=utf-8"})


def answer_prefixes(api: str) -> tuple[str, ...]:
    """What URLs for answers begin with: a request of anybody else's making could name any address."""
    scheme, _, host = api.partition("://")
    return tuple(f"{scheme}://{prefix}{host.partition('/')[0]}/" for prefix in ("hooks.", ""))
