"""`/a/TOKEN`: the page of a link in a mail. Looking at it does nothing, since mail gateways open every link; its button
acts.
"""

from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from signal_engine.adapters.http.replies.reply_door import LATER, NOT_ONE_OF_US, Reply, ReplyDoor
from signal_engine.core.delivery.team import TeamMember, local_time
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.wanted import FORBIDDEN, ActionRefusal, Fault, WantedAction
from signal_engine.engine.ports.log_events.servers import ActionNotConfirmed
from signal_engine.wire.messages.answers.action_links import ActionLink, LinkAction, LinkKey, LinkRefusal, read_token

_HERE: Final = Path(__file__).parent
_HTML: Final = "text/html; charset=utf-8"
_UNSEEN: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_DAY_FORM: Final = "%A %-d %B"
_REFUSED: Final[dict[LinkRefusal, tuple[HTTPStatus, str, str]]] = {
    "invalid": (HTTPStatus.NOT_FOUND, "This link is not valid", "Part of it may be missing: open it from the mail."),
    "expired": (
        HTTPStatus.GONE,
        "This link has expired",
        "Links in mails work for three days. Open the account instead.",
    ),
}
_STATUS: Final[dict[Fault, HTTPStatus]] = {
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "forbidden": HTTPStatus.FORBIDDEN,
    "conflict": HTTPStatus.CONFLICT,
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
}


class _Wording(NamedTuple):
    """What a page says of an action."""

    question: str
    meaning: str
    """Before it is done."""
    button: str
    done: str


_TOLD: Final[dict[LinkAction, _Wording]] = {
    "claim": _Wording(
        "Claim {}?", "Others see that you work on it, and its alerts come to you.", "Claim", "{} is yours"
    ),
    "snooze": _Wording(
        "Snooze {}?",
        "It leaves every list until {}, or until somebody there asks for a call.",
        "Snooze",
        "{} is snoozed",
    ),
}


class LinkPages:
    """The pages of links in mails."""

    def __init__(self, authority: ReplyDoor, keys: Sequence[LinkKey]) -> None:
        self._authority = authority
        self._keys = tuple(keys)
        templates = FileSystemLoader(_HERE / "templates")
        self._templates = Environment(loader=templates, autoescape=True, undefined=StrictUndefined, auto_reload=False)

    def routes(self) -> list[Route]:
        """The stylesheet, which every page needs, and the page."""
        return [Route("/a/style.css", self.style), Route("/a/{token}", self.link, methods=["GET", "POST"])]

    async def style(self, _: Request) -> Response:
        """For people without a token, too."""
        return FileResponse(_HERE / "static" / "style.css", headers={"Cache-Control": "max-age=3600"})

    async def link(self, request: Request) -> Response:
        """GET asks, POST acts."""
        read = read_token(request.path_params["token"], self._keys, self._authority.store_snapshot.clock())
        if not isinstance(read, ActionLink):
            status, title, text = _REFUSED[read]
            return self._page(status, title, text)
        try:
            member = self._authority.member(read.person)
        except SignalEngineError as error:  # of the routes file, while somebody edits it
            self._authority.store_snapshot.event_log.write(ActionNotConfirmed(reason=str(error)))
            return self._page(_STATUS[LATER.fault], "Nothing was changed", _sentence(LATER.detail))
        if member is None:
            return self._page(_STATUS[FORBIDDEN], "Nothing was changed", _sentence(NOT_ONE_OF_US.detail))
        if request.method != "POST":
            told = _TOLD[read.action]
            title, text = told.question.format(read.account), told.meaning.format(_day(read.until, member))
            return self._page(HTTPStatus.OK, title, text, read, told.button)
        wanted = WantedAction(
            read.account, read.action, by=read.person, via="mail", action_id=read.action_id, until=read.until
        )
        return self._done(read, await self._authority.act(wanted), member)

    def _done(self, link: ActionLink, reply: Reply, member: TeamMember) -> Response:
        if isinstance(reply, ActionRefusal):
            return self._page(_STATUS[reply.fault], "Nothing was changed", _sentence(reply.detail), link)
        before = "" if reply.is_new else "It was done before, and nothing has been changed now. "
        text = f"{before}Until {_day(reply.action.until, member)}."
        return self._page(HTTPStatus.OK, _TOLD[link.action].done.format(link.account), text, link)

    def _page(
        self, status: HTTPStatus, title: str, text: str, link: ActionLink | None = None, button: str | None = None
    ) -> Response:
        values: dict[str, Any] = {"title": title, "text": text, "link": link, "button": button}
        html = self._templates.get_template("link.html").render(**values)
        return Response(html, status, _UNSEEN, _HTML)


def _sentence(text: str) -> str:
    begins_with_an_address = "@" in text.partition(" ")[0]
    return f"{text}." if begins_with_an_address else f"{text[:1].upper()}{text[1:]}."


def _day(instant: int | None, member: TeamMember) -> str:
    return "" if instant is None else f"{local_time(instant, member.zone):{_DAY_FORM}}"
