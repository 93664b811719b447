"""Slack: by a bot token, to a channel or a person; or by an incoming webhook, one way."""

import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import orjson

from signal_engine.adapters.outgoing.posting import Poster, ReceiverAnswer, Unanswered
from signal_engine.adapters.outgoing.webhook import unanswered
from signal_engine.core.delivery.outcomes import Attempt, by_slack_error, by_status

SLACK_API: Final = "https://slack.com/api"
_EVENT: Final = "signal_engine_alert"
_JSON: Final = "application/json; charset=utf-8"
_FORM: Final = "application/x-www-form-urlencoded"
_PAGE: Final = 200
"""Entries that are asked for at once."""
_MOST_OF_A_PAGE: Final = 4 * 2**20
"""Bytes: a channel takes one KB, a message with its blocks up to twenty. Of what cannot be read whole nothing is."""
_MOST_PAGES: Final = 20
_CHANNEL_ID: Final = re.compile(r"[CGD][A-Z0-9]{6,}")


class SlackUser(NamedTuple):
    """Who somebody in Slack is."""

    email: str
    """Lower case."""
    team: str
    """Id of the workspace that vouches for the address."""


class SlackBot:
    """The calls of a bot token.

    Scopes: `chat:write`; `users:read`, `users:read.email` and `im:write` for people; `channels:read`, `groups:read`,
    `channels:history`, `groups:history` and `im:history` to look for a message that may have arrived.
    """

    def __init__(self, poster: Poster, token: str, api: str = SLACK_API) -> None:
        """`api` is another address in tests."""
        self._poster = poster
        self._token = token
        self._api = api

    async def send(
        self, channel: str, message: dict[str, Any], delivery_id: str, *, to_channel: bool = False
    ) -> Attempt:
        """Post `message` to a channel (a name or an id) or a person (an id), with the delivery's id as metadata.

        `to_channel`: it is the one channel of its destination, which a refusal for good disables.
        """
        arguments = {**message, "channel": channel, "metadata": _metadata(delivery_id)}
        return await self._written("chat.postMessage", arguments, to_channel=to_channel)

    async def update(self, receiver_id: str, message: dict[str, Any], delivery_id: str) -> Attempt:
        """Replace the message that `send` called `receiver_id`."""
        channel, _, ts = receiver_id.partition("/")
        place = {"channel": channel, "ts": ts, "metadata": _metadata(delivery_id)}
        return await self._written("chat.update", {**message, **place})

    async def find(self, channel: str, delivery_id: str, since: int) -> Attempt:
        """Look for the message of a delivery in the channel with this id, since `since` (s since 1970).

        `failed` says that Slack has none; `uncertain` that it cannot be found out, `retry` not now, and `disabled` that
        the token is dead.
        """
        asked = {"channel": channel, "oldest": str(since), "include_all_metadata": "true", "limit": _PAGE}
        async for page in self._pages("conversations.history", asked):
            if isinstance(page, Attempt):
                return page
            for one in _dicts(page.get("messages")):
                if one.get("metadata") == _metadata(delivery_id):
                    return Attempt("sent", "Slack has it", f"{channel}/{one.get('ts')}")
        return Attempt("failed", "Slack does not have it")

    async def channel_id(self, name: str) -> str | Attempt:
        """The id of the channel called `name`, as history asks for it; else how asking ended."""
        if _CHANNEL_ID.fullmatch(name):
            return name
        asked = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": _PAGE}
        async for page in self._pages("conversations.list", asked):
            if isinstance(page, Attempt):
                return page
            for one in _dicts(page.get("channels")):
                if one.get("name") == name.removeprefix("#"):
                    return str(one.get("id"))
        return Attempt("uncertain", "Slack lists no such channel")

    async def direct_channel(self, user: str) -> str | Attempt:
        """The id of the direct messages with a person; else how asking ended."""
        found = await self._call("conversations.open", urlencode({"users": user}).encode(), _FORM)
        if isinstance(found, Attempt):
            return _unknown(found)
        (channel,) = _dicts([found.get("channel")]) or ({},)
        return str(channel["id"]) if "id" in channel else Attempt("retry", "Slack named no channel")

    async def user(self, user: str) -> SlackUser | Attempt:
        """Who this is: a person of a workspace with a confirmed address; else how asking ended."""
        found = await self._call("users.info", urlencode({"user": user}).encode(), _FORM)
        if isinstance(found, Attempt):
            return found
        (it,) = _dicts([found.get("user")]) or ({},)
        (profile,) = _dicts([it.get("profile")]) or ({},)
        email, team = profile.get("email"), it.get("team_id")
        if it.get("deleted") or it.get("is_bot") or it.get("is_stranger") or not email or not team:
            return Attempt("failed", "Slack knows no e-mail address of this person")
        return SlackUser(str(email).lower(), str(team))

    async def own_team(self) -> str | Attempt:
        """The id of the workspace that the token belongs to; else how asking ended."""
        found = await self._call("auth.test", b"", _FORM)
        return found if isinstance(found, Attempt) else str(found.get("team_id"))

    async def person(self, email: str) -> str | Attempt:
        """The id of the person with this address; else how asking ended."""
        found = await self._call("users.lookupByEmail", urlencode({"email": email}).encode(), _FORM)
        if isinstance(found, Attempt):
            return found
        user = found.get("user")
        return str(user["id"]) if isinstance(user, dict) and "id" in user else Attempt("failed", "Slack named nobody")

    async def _written(self, method: str, arguments: dict[str, Any], *, to_channel: bool = False) -> Attempt:
        answer = await self._answer(method, orjson.dumps(arguments), _JSON)
        found = unanswered(answer) if isinstance(answer, Unanswered) else _read(answer, to_channel=to_channel)
        if isinstance(found, Attempt):
            return found._replace(end="uncertain") if found.end == "retry" and _may_be_there(answer) else found
        return Attempt("sent", "Slack took it", f"{found.get('channel')}/{found.get('ts')}")

    async def _pages(self, method: str, asked: dict[str, Any]) -> AsyncIterator[dict[str, Any] | Attempt]:
        """Page after page of a list; the last is an attempt where a page cannot be had, or too many would follow."""
        cursor = ""
        for _ in range(_MOST_PAGES):
            given = {**asked, "cursor": cursor} if cursor else asked
            page = await self._call(method, urlencode(given).encode(), _FORM, _MOST_OF_A_PAGE)
            yield _unknown(page) if isinstance(page, Attempt) else page
            if isinstance(page, Attempt):
                return
            (more,) = _dicts([page.get("response_metadata")]) or ({},)
            cursor = str(more.get("next_cursor") or "")
            if not cursor:
                return
        yield Attempt("uncertain", "Slack has more than is looked through")

    async def _call(
        self, method: str, body: bytes, content_type: str, most: int | None = None
    ) -> dict[str, Any] | Attempt:
        answer = await self._answer(method, body, content_type, most)
        return unanswered(answer) if isinstance(answer, Unanswered) else _read(answer)

    async def _answer(
        self, method: str, body: bytes, content_type: str, most: int | None = None
    ) -> ReceiverAnswer | Unanswered:
        headers = {"authorization": f"Bearer {self._token}", "content-type": content_type}
        return await self._poster.post(f"{self._api}/{method}", body, headers, most)


def _metadata(delivery_id: str) -> dict[str, Any]:
    return {"event_type": _EVENT, "event_payload": {"delivery_id": delivery_id}}


def _dicts(found: object) -> list[dict[str, Any]]:
    """The objects of a list of Slack's; whatever else it may be has none."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _unknown(asked: Attempt) -> Attempt:
    """A look-up that Slack refused, as for a scope that is missing: it does not say that there is nothing."""
    return asked._replace(end="uncertain") if asked.end == "failed" else asked


async def send_to_incoming_webhook(poster: Poster, url: str, message: dict[str, Any]) -> Attempt:
    """One attempt. Nothing tells later whether it arrived, and what was posted cannot be changed."""
    answer = await poster.post(url, orjson.dumps(message), {"content-type": _JSON})
    if isinstance(answer, Unanswered):
        attempt = unanswered(answer)
        return attempt._replace(end="uncertain") if _may_be_there(answer) else attempt
    attempt = by_status(answer.status, answer.retry_after_s)
    error = answer.body.decode("ascii", "ignore").strip()
    if attempt.end != "failed" or not error.isidentifier():
        return attempt
    return by_slack_error(error, to_channel=True)


def _may_be_there(answer: ReceiverAnswer | Unanswered) -> bool:
    """Whether Slack may have posted what it did not say that it took: only a refusal by rate says that it has not."""
    if isinstance(answer, Unanswered):
        return answer.may_have_arrived
    return answer.status != HTTPStatus.TOO_MANY_REQUESTS


def _read(answer: ReceiverAnswer, *, to_channel: bool = False) -> dict[str, Any] | Attempt:
    """What Slack says of a call: it answers 200 to failures, too."""
    attempt = by_status(answer.status, answer.retry_after_s)
    if attempt.end != "sent":
        return attempt
    try:
        document = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        document = None
    if not isinstance(document, dict):
        return Attempt("retry", "Slack's answer is not readable")
    if document.get("ok") is True:
        return document
    error = document.get("error")
    named = error if isinstance(error, str) and error.isidentifier() else "an unnamed error"
    return by_slack_error(named, answer.retry_after_s, to_channel=to_channel)
