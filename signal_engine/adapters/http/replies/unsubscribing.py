"""`/u/TOKEN`: one click ends a person's digests (RFC 8058). GET shows a page whose button does it; POST does it.

Mail programs POST by themselves, without cookies and from anywhere, when a person asks them to: the token is all there
is to check. Links are opened by gateways, so looking does nothing.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.digests import DigestsUnsubscribed, UnsubscribingNotKept
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.wire.messages.answers.action_links import LinkKey
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf, read_unsubscribe_token

_HERE: Final = Path(__file__).parent
_HTML: Final = "text/html; charset=utf-8"
_UNSEEN: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_STOPPED: Final = "No digest is sent to {} at {} any more. Alerts still come."


class UnsubscribePages:
    """The pages of links in digests."""

    def __init__(
        self, stopped: StoppedDigests, keys: Sequence[LinkKey], clock: Callable[[], int], event_log: EventLog
    ) -> None:
        """`clock` tells ms since 1970."""
        self._stopped, self._keys, self._clock, self._event_log = stopped, tuple(keys), clock, event_log
        templates = FileSystemLoader(_HERE / "templates")
        self._templates = Environment(loader=templates, autoescape=True, undefined=StrictUndefined, auto_reload=False)

    def routes(self) -> list[Route]:
        """The one path."""
        return [Route("/u/{token}", self.unsubscribe, methods=["GET", "POST"])]

    async def unsubscribe(self, request: Request) -> Response:
        """GET asks, POST acts; whatever its body says."""
        of = read_unsubscribe_token(request.path_params["token"], self._keys)
        if of is None:
            return self._page(HTTPStatus.NOT_FOUND, "This link is not valid", "Part of it may be missing.")
        try:
            return await self._answer(request, of)
        except StoreTrouble:
            text = "The engine cannot take it at the moment; try again in a while."
            return self._page(HTTPStatus.SERVICE_UNAVAILABLE, "Nothing was changed", text)

    async def _answer(self, request: Request, of: DigestsOf) -> Response:
        was = await self._stopped.known(of)
        if was is None and request.method != "POST":
            text = f"They are sent to {of.email}. Alerts still come, and the list stays on the dashboard."
            return self._page(HTTPStatus.OK, "Get no more digests?", text, "Unsubscribe")
        if was is None:
            lost = await self._stopped.stop(of, self._clock())
            self._event_log.write(DigestsUnsubscribed(destination=of.destination))
            if lost is not None:  # it holds all the same: a mail program asks once
                self._event_log.write(UnsubscribingNotKept(destination=of.destination, reason=lost))
        text = _STOPPED.format(of.email, of.destination)
        return self._page(HTTPStatus.OK, "You are unsubscribed", text)

    def _page(self, status: HTTPStatus, title: str, text: str, button: str | None = None) -> Response:
        values: dict[str, Any] = {"title": title, "text": text, "link": None, "button": button}
        return Response(self._templates.get_template("link.html").render(**values), status, _UNSEEN, _HTML)
