"""Slack's API as far as it is used, with its limits and errors, and clicks as Slack sends them."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from testing.receivers.slack_limits import problems

TEAM = "T1"
_PAGE = 2
"""Entries of a page, whatever is asked for: a client has to ask for the next one."""


@dataclass
class SlackShaped:
    """One workspace with a bot."""

    token: str
    people: dict[str, str]
    """E-mail address -> id of the person."""
    channels: set[str]
    """Names, with #."""
    posted: list[dict[str, Any]] = field(default_factory=list)
    """Messages as they are now, with `channel_id` and `ts`."""
    busy: int = 0
    """How many of the next calls are answered with 429."""
    retry_after_s: int = 7
    """What it then asks to wait."""
    scopes_missing: set[str] = field(default_factory=set)
    """Methods for which the bot lacks a scope."""
    refused: list[str] = field(default_factory=list)
    """What of a message broke a limit."""
    answers: list[dict[str, Any]] = field(default_factory=list)
    """What was told to those who clicked."""
    teams: dict[str, str] = field(default_factory=dict)
    """Id of a person -> id of the workspace, where it is another."""
    calls: list[str] = field(default_factory=list)
    now: Callable[[], float] = lambda: 1_700_000_000.0
    """Its clock (s since 1970): messages are posted, and found, by it."""
    page: int = _PAGE
    """Entries of a page, whatever is asked for."""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """Answer a call, or take the answer to a click."""
        if request.path.startswith("/response/"):
            self.answers.append(await request.json())
            return web.Response(text="ok")
        method = request.path.rpartition("/")[2]
        self.calls.append(method)
        if self.busy:
            self.busy -= 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=self._later())
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return web.json_response({"ok": False, "error": "invalid_auth"})
        if method in self.scopes_missing:
            return web.json_response({"ok": False, "error": "missing_scope"})
        is_json = request.content_type == "application/json"
        given = await request.json() if is_json else dict(await request.post())
        return web.json_response(self._answer(method, given))

    def _later(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after_s)}

    def _answer(self, method: str, given: dict[str, Any]) -> dict[str, Any]:
        match method:
            case "chat.postMessage":
                return self._post(given)
            case "chat.update":
                return self._update(given)
            case "users.lookupByEmail":
                found = self.people.get(given["email"])
                return {"ok": True, "user": {"id": found}} if found else _error("users_not_found")
            case "users.info":
                return self._info(given["user"])
            case "auth.test":
                return {"ok": True, "team_id": TEAM}
            case "conversations.open":
                known = given["users"] in self.people.values()
                return {"ok": True, "channel": {"id": f"D{given['users']}"}} if known else _error("user_not_found")
            case "conversations.list":
                named = [{"id": _id_of(name), "name": name.removeprefix("#")} for name in sorted(self.channels)]
                return _page("channels", named, given, self.page)
            case "conversations.history":
                return self._history(given)
        return _error("unknown_method")

    def _info(self, user: str) -> dict[str, Any]:
        email = next((address for address, known in self.people.items() if known == user), None)
        if email is None:
            return _error("user_not_found")
        return {"ok": True, "user": {"id": user, "team_id": self.teams.get(user, TEAM), "profile": {"email": email}}}

    def _refuses(self, message: dict[str, Any]) -> bool:
        self.refused += problems(message)
        return bool(self.refused)

    def _post(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._refuses(message):
            return _error("invalid_blocks")
        to = message["channel"]
        if to not in self.channels | {*self.people.values()}:
            return _error("channel_not_found")
        channel = f"D{to}" if to in self.people.values() else _id_of(to)
        ts = f"{int(self.now())}.{len(self.posted) + 1:06d}"
        self.posted.append({**message, "channel_id": channel, "ts": ts})
        return {"ok": True, "channel": channel, "ts": ts}

    def _update(self, message: dict[str, Any]) -> dict[str, Any]:
        if self._refuses(message):
            return _error("invalid_blocks")
        for place, one in enumerate(self.posted):
            if (one["channel_id"], one["ts"]) == (message["channel"], message["ts"]):
                self.posted[place] = {**one, **message, "channel": one["channel"]}
                return {"ok": True, "channel": message["channel"], "ts": message["ts"]}
        return _error("message_not_found")

    def _history(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Newest first, metadata only for those who ask for it."""
        if not asked["channel"].startswith(("C", "D")):
            return _error("channel_not_found")
        since = float(asked.get("oldest", 0))
        there = [one for one in self.posted if one["channel_id"] == asked["channel"] and float(one["ts"]) > since]
        names = {"ts", "text", "metadata"} if asked.get("include_all_metadata") == "true" else {"ts", "text"}
        shown = [{name: one[name] for name in names} for one in reversed(there)]
        return _page("messages", shown, asked, self.page)


def click(
    user: str, action: dict[str, Any], response_url: str, at: int = 1_700_000_100, kind: str = "block_actions"
) -> bytes:
    """The body of the interaction of `user` with an element of a message; of a select, with its first option."""
    chosen = {"selected_option": action["options"][0]} if "options" in action else {"value": action.get("value")}
    action_id, kind_of_element = action.get("action_id", "x"), action["type"]
    payload = {
        "type": kind,
        "user": {"id": user, "username": "somebody", "team_id": TEAM},
        "team": {"id": TEAM},
        "container": {"type": "message", "message_ts": "1700000000.000001", "channel_id": "C1"},
        "response_url": response_url,
        "actions": [{"action_id": action_id, "action_ts": f"{at}.5", "type": kind_of_element, **chosen}],
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


def signature(secret: str, at: int, body: bytes) -> dict[str, str]:
    """The headers by which Slack signs a request at `at` (s since 1970)."""
    signed = hmac.new(secret.encode(), b"v0:%d:%s" % (at, body), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": f"v0={signed}"}


def _id_of(channel: str) -> str:
    return "C" + channel.removeprefix("#").upper().ljust(7, "0")


def _error(error: str) -> dict[str, Any]:
    return {"ok": False, "error": error}


def _page(name: str, entries: list[dict[str, Any]], asked: dict[str, Any], size: int) -> dict[str, Any]:
    begin = int(asked.get("cursor") or 0)
    more = str(begin + size) if begin + size < len(entries) else ""
    return {"ok": True, name: entries[begin : begin + size], "response_metadata": {"next_cursor": more}}
