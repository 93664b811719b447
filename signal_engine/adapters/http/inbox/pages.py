"""The page Inbox, a part of it that is fetched again, one mail as a frame of its own, and clicks."""

from http import HTTPStatus
from typing import Any, Final, NamedTuple

import orjson
from markupsafe import Markup
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.dashboard.words import when
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.who_acts import ACTOR, INBOX_CLICKS, INBOX_MAIL, administers
from signal_engine.adapters.http.inbox.clicks import LocalClicks
from signal_engine.engine.ports.delivery.inbox import Inbox
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.foreign_text import visible
from signal_engine.wire.messages.inbox import InboxMessage

_SHOWN: Final = 40
"""Messages on the page: the newest."""
_HTML: Final = "text/html; charset=utf-8"
_LONGEST_CLICK: Final = 4_096
_INDENTED: Final = orjson.OPT_INDENT_2
_NEW_WINDOW: Final = '<base target="_blank">'
"""Links in a mail open beside the inbox, as they do in mail programs: its frame is no place for a page."""


class InboxParts(NamedTuple):
    """What the page is made of."""

    inbox: Inbox
    clicks: LocalClicks
    draw: "DrawsSlack"
    administrators_alone: bool = False
    """Whether tokens are asked for: who reads everybody's mail can act by the links in it."""


class DrawsSlack(NamedTuple):
    """How Slack would show a message."""

    message: Any
    """`Callable[[dict[str, Any]], Markup]`: the arguments of `chat.postMessage`, drawn."""
    css: str
    """The stylesheet of what is drawn."""


class InboxPages:
    """Answers for the inbox. Mails are in frames that run no script; their links open beside the page."""

    def __init__(self, parts: InboxParts, store_snapshot: StoreSnapshot, renderer: Renderer) -> None:
        self._parts, self._store_snapshot, self._renderer = parts, store_snapshot, renderer

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [
            Route("/inbox", self.inbox_page),
            Route("/part/inbox", self.inbox_part),
            Route("/inbox/slack.css", self.slack_css),
            Route(f"{INBOX_MAIL}{{message_id:path}}", self.mail_frame),
            Route(INBOX_CLICKS, self.clicked, methods=["POST"]),
        ]

    async def inbox_page(self, request: Request) -> Response:
        """All of it, newest first."""
        self._check(request)
        values = {"page": "inbox", "actor": request.scope[ACTOR], **await self._values()}
        return self._renderer.page(None, "inbox.html", lambda: values)

    async def inbox_part(self, request: Request) -> Response:
        """The messages alone."""
        self._check(request)
        return self._renderer.part("part_inbox.html", **await self._values())

    async def slack_css(self, _: Request) -> Response:
        """The stylesheet of messages as Slack draws them."""
        return Response(self._parts.draw.css, media_type="text/css", headers={"Cache-Control": "max-age=60"})

    async def mail_frame(self, request: Request) -> Response:
        """One mail, for the frame that shows it."""
        self._check(request)
        found = await self._parts.inbox.read(request.path_params["message_id"])
        if found is None or found.medium != "mail":
            raise HttpProblem(404, "there is no such mail any more")
        html = str(found.content["html"]).replace("<head>", f"<head>{_NEW_WINDOW}", 1)
        return Response(html, media_type=_HTML, headers={"Cache-Control": "no-store"})

    async def clicked(self, request: Request) -> Response:
        """Somebody at this machine pressed a button of a message."""
        self._check(request)
        body = await request.body()
        if len(body) > _LONGEST_CLICK:
            raise HttpProblem(413, "a click is shorter than that")
        click = await self._parts.clicks.read(body, request.scope[ACTOR])
        work = BackgroundTask(self._parts.clicks.work_off, click)
        return Response(status_code=HTTPStatus.ACCEPTED, background=work)

    def _check(self, request: Request) -> None:
        """Raises `HttpProblem` where somebody asks who may not read everybody's messages."""
        if self._parts.administrators_alone and not administers(request.scope):
            raise HttpProblem(403, "the inbox has everybody's messages: only an administrator's token opens it")

    async def _values(self) -> dict[str, Any]:
        now = self._store_snapshot.clock()
        found = await self._parts.inbox.newest(_SHOWN)
        return {"messages": [self._shown(one, now) for one in found], "full": len(found) == _SHOWN}

    def _shown(self, one: InboxMessage, now: int) -> dict[str, Any]:
        at = when(format_instant(one.at), now)
        changed = None if one.changed_at is None else when(format_instant(one.changed_at), now)
        return {
            "id": one.message_id,
            "medium": one.medium,
            "to": one.to,
            "at": at,
            "changed": changed,
            "version": f"{one.changed_at}:{one.answered}",
            "answered": one.answered,
            "drawn": self._parts.draw.message(one.content) if one.medium == "slack" else Markup(),
            "mail": one.content if one.medium == "mail" else None,
            "frame": f"{INBOX_MAIL}{one.message_id}",
            "body": visible(orjson.dumps(one.content, option=_INDENTED).decode()) if one.medium == "webhook" else "",
        }
