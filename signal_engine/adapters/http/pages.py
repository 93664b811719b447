"""The dashboard: pages that the server renders, and the parts of them that a page fetches anew."""

import hashlib
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from signal_engine.adapters.http.accounts import Accounts
from signal_engine.adapters.http.lists import FILTERS, not_modified, refuse_if_blind, validators
from signal_engine.adapters.http.page_account import account_page
from signal_engine.adapters.http.page_health import health_strip
from signal_engine.adapters.http.page_list import alert_rows, list_page
from signal_engine.adapters.http.problems import Problem, unknown
from signal_engine.core.ranking import ALL
from signal_engine.engine.lookout import Lookout
from signal_engine.engine.served_list import Filter, ServedList
from signal_engine.wire.account_names import NotAnAccount, normalise

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
_HTML: Final = "text/html; charset=utf-8"
_UNCACHED: Final = {"Cache-Control": "private, no-cache"}
_ALERTS: Final = 100
_AGAIN: Final = 5
"""Seconds after which a page that had no store tries again."""
_TITLES: Final = {404: "Not found", 422: "That cannot be asked", 503: "Redis does not answer", 500: "A fault of ours"}


class Pages:
    """Renders. Whatever comes from outside is text: the templates escape it."""

    def __init__(self, lookout: Lookout, accounts: Accounts) -> None:
        self._lookout = lookout
        self._accounts = accounts
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        files = sorted(_STATIC.iterdir())
        self._stamp = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]

    def routes(self) -> list[Route | Mount]:
        """Their paths."""
        return [
            Route("/", self.list_page),
            Route("/part/list", self.list_part),
            Route("/part/health", self.health_part),
            Route("/alerts", self.alerts_page),
            Route("/part/alerts", self.alerts_part),
            Route("/account", self.find),
            Route("/accounts/{account:path}", self.account_page),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]

    async def list_page(self, request: Request) -> Response:
        """The ranked list."""
        one, wanted = self._asked(request)
        return self._page("list.html", page="list", **self._list(one, wanted))

    async def list_part(self, request: Request) -> Response:
        """The rows, if there is a newer version."""
        one, wanted = self._asked(request)
        if (unchanged := not_modified(request, one.version)) is not None:
            return unchanged
        return self._render("part_list.html", validators(one.version), **self._list(one, wanted))

    async def health_part(self, _: Request) -> Response:
        """The strip."""
        return self._render("part_health.html", _UNCACHED, health=health_strip(self._lookout))

    async def alerts_page(self, _: Request) -> Response:
        """The feed."""
        return self._page("alerts.html", page="alerts", alerts=await self._alerts())

    async def alerts_part(self, _: Request) -> Response:
        """The alerts of it."""
        return self._render("part_alerts.html", _UNCACHED, alerts=await self._alerts())

    async def account_page(self, request: Request) -> Response:
        """One account, explained."""
        told = await self._accounts.explained(request.path_params["account"])
        return self._page("account.html", page="account", **account_page(told))

    async def find(self, request: Request) -> Response:
        """From what somebody typed to the page of that account."""
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("name", "").strip()
        name = normalise(given)
        if isinstance(name, NotAnAccount):
            raise Problem(404, f"The name {name.reason}. A company is named by its domain, such as acme.co.uk.")
        return RedirectResponse(f"/accounts/{quote(name)}", 303)

    def problem(self, problem: Problem) -> Response:
        """The page of something that went wrong."""
        again = _AGAIN if problem.status == 503 else 0
        title, text = _TITLES.get(problem.status, problem.document()["title"]), problem.detail
        values = {"title": title, "text": f"{text[:1].upper()}{text[1:].rstrip('.')}.", "again": again, "page": ""}
        answer = self._page("message.html", **values)
        answer.status_code = problem.status
        answer.headers.update({"Cache-Control": "no-store", **problem.headers})
        return answer

    def _asked(self, request: Request) -> tuple[ServedList, Filter]:
        """Which list and which of it; a form sends what is left open as empty."""
        refuse_if_blind(self._lookout)
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
        one = self._lookout.lists.get(given.pop("list", ALL))
        if one is None:
            raise unknown("list")
        wanted = {}
        for parameter in FILTERS:
            if parameter.name in given:
                try:
                    wanted[parameter.name] = parameter.read(given[parameter.name])
                except ValueError as error:
                    raise Problem(422, f"{parameter.name} {error}") from None
        return one, Filter(**wanted)

    def _list(self, one: ServedList, wanted: Filter) -> dict[str, Any]:
        return list_page(self._lookout.lists, one, wanted, self._lookout.clock())

    async def _alerts(self) -> list[dict[str, Any]]:
        return alert_rows(await self._accounts.newest(None, _ALERTS), self._lookout.clock())

    def _page(self, template: str, **values: Any) -> Response:
        return self._render(template, _UNCACHED, health=health_strip(self._lookout), stamp=self._stamp, **values)

    def _render(self, template: str, headers: dict[str, str], **values: Any) -> Response:
        return Response(self._templates.get_template(template).render(values), headers=headers, media_type=_HTML)
