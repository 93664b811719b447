"""Clicks on the page Inbox, made into those that Slack sends, and worked off by what works those off."""

import time
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.replies.slack import SlackClicks
from signal_engine.engine.ports.delivery.inbox import Inbox
from signal_engine.wire.messages.answers.slack_replies import SlackClick, read_click
from signal_engine.wire.messages.inbox import InboxMessage

_GONE: Final = HttpProblem(404, "the message has no such button any more: reload the page")


class _ClickedPlace(BaseModel):
    """What the page says of a click."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    message: str = Field(max_length=1_000)
    element: int = Field(ge=0, le=25)
    """Its place in the block of actions."""
    option: int | None = Field(default=None, ge=0, le=100)


class LocalClicks:
    """Whoever sits at this machine clicks as the person whom the settings name."""

    def __init__(
        self,
        inbox: Inbox,
        clicks: SlackClicks,
        person_id: Callable[[str], str],
        answer_url: Callable[[str], str],
    ) -> None:
        """`person_id` and `answer_url` are those of the receivers on this machine."""
        self._inbox, self._clicks = inbox, clicks
        self._person_id, self._answer_url = person_id, answer_url

    async def read(self, body: bytes, actor: str) -> SlackClick:
        """The click in the body of a request. Raises `HttpProblem`."""
        try:
            place = _ClickedPlace.model_validate_json(body)
        except ValidationError:
            raise HttpProblem(422, "the body says no click on the inbox") from None
        found = await self._inbox.read(place.message)
        if found is None or found.medium != "slack":
            raise _GONE
        click = read_click(self._as_slack_sends_it(found, place, actor))
        if click is None:
            raise _GONE
        return click

    async def work_off(self, click: SlackClick) -> None:
        """As what comes from Slack."""
        await self._clicks.work_off(click)

    def _as_slack_sends_it(self, found: InboxMessage, place: _ClickedPlace, actor: str) -> bytes:
        """The body of an interaction. Raises `HttpProblem` for a button that is not there."""
        elements = [one for block in found.content["blocks"] if block["type"] == "actions" for one in block["elements"]]
        try:
            element: dict[str, Any] = elements[place.element]
            chosen = {} if place.option is None else {"selected_option": element["options"][place.option]}
        except (IndexError, KeyError):
            raise _GONE from None
        payload = {
            "type": "block_actions",
            "user": {"id": self._person_id(actor)},
            "response_url": self._answer_url(found.message_id),
            "actions": [{"action_id": "", **element, **chosen, "action_ts": f"{time.time():.6f}"}],
        }
        return urlencode({"payload": orjson.dumps(payload).decode()}).encode()
