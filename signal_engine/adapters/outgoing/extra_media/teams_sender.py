"""A flow of Microsoft's Workflows as a destination: one way, and nothing tells later whether a card was posted."""

import asyncio
from typing import Final

import orjson

from signal_engine.adapters.outgoing.posting import Poster, Unanswered
from signal_engine.adapters.outgoing.secrets import secrets
from signal_engine.adapters.outgoing.senders import CANNOT
from signal_engine.adapters.outgoing.webhook import unanswered
from signal_engine.core.delivery.outcomes import Attempt, by_flow_answer
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.delivery.destination_models import TeamsPlace
from signal_engine.wire.messages.extra_media.teams import teams_message
from signal_engine.wire.messages.to_send import MessageToSend

_PAUSE_S: Final = 0.3
"""Seconds between two cards: Teams takes four a second."""


class TeamsSender:
    """`MessageSender` of a flow of Workflows."""

    capabilities: Final = Capabilities(finds=False, idempotent=False, edits=False, concurrency=1)

    def __init__(self, poster: Poster, where: str, place: TeamsPlace) -> None:
        """`where` is the destination in the routes file, for messages."""
        self._poster, self._where, self._place = poster, f"{where}.teams.url_file", place
        self._next_at = 0.0
        """When the next card may leave, by the loop's clock (s)."""

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:  # noqa: ARG002 (for everybody)
        """See `MessageSender`."""
        url = secrets(self._where, self._place.url_file)[0]
        await self._in_turn()
        answer = await self._poster.post(url, teams_message(message.content), {"content-type": "application/json"})
        if isinstance(answer, Unanswered):
            attempt = unanswered(answer)
            return attempt._replace(end="uncertain") if answer.may_have_arrived else attempt
        return by_flow_answer(answer.status, _named_error(answer.body), answer.retry_after_s)

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def _in_turn(self) -> None:
        now = asyncio.get_running_loop().time()
        wait_s = self._next_at - now
        self._next_at = max(now, self._next_at) + _PAUSE_S
        if wait_s > 0:
            await asyncio.sleep(wait_s)


def _named_error(body: bytes) -> str:
    """The name of the error that Workflows gives; empty where it gives none."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    return str(error.get("code")) if isinstance(error, dict) else ""
