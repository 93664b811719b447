"""The dashboard: pages rendered by the server, and the parts of them that a page fetches again."""

import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from signal_engine.adapters.http.api.accounts import AccountEndpoints
from signal_engine.adapters.http.api.lists import FILTERS, not_modified, refuse_if_blind, validators
from signal_engine.adapters.http.dashboard.account import account_page
from signal_engine.adapters.http.dashboard.acting import READER, Viewer, account_acts, dialogs, viewer_of
from signal_engine.adapters.http.dashboard.alerts import TYPES, alert_rows
from signal_engine.adapters.http.dashboard.found import found_rows
from signal_engine.adapters.http.dashboard.health import health_strip
from signal_engine.adapters.http.dashboard.ranked_list import Behind, list_page
from signal_engine.adapters.http.dashboard.words import name_of
from signal_engine.adapters.http.edge.page_cache import PageCache
from signal_engine.adapters.http.edge.problems import HttpProblem, unknown
from signal_engine.adapters.http.edge.who_acts import ACTOR
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.score.wording import one_line
from signal_engine.engine.door.door import Door
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.output.actions import in_force

_HERE: Final = Path(__file__).parent
_STATIC: Final = _HERE / "static"
_HTML: Final = "text/html; charset=utf-8"
_UNCACHED: Final = {"Cache-Control": "private, no-cache"}
_ALERTS: Final = 100
_MAX_FOUND_ACCOUNTS: Final = 30
"""Most accounts that a search shows."""
_NOT_FOUND: Final = "No account in the accounts file matches by name, CRM id or domain."
_PAGE_LIFETIME_MS: Final = 10_000
"""ms for which relative times on a page (`3 minutes ago`) count as true."""
_STRIP_HERE: Final = Markup("<!--health-->")
"""Placeholder of the health strip in a page; foreign text is escaped and cannot contain it."""
_RELOAD_AFTER_S: Final = 5
"""Seconds after which a page without a store reloads."""
_TITLES: Final = {404: "Not found", 422: "Invalid filter", 503: "Redis is unreachable", 500: "Internal error"}


class _Templates(Environment):
    """Templates that look up dict keys first: Jinja tries attributes first, and their exception is expensive."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute` of a template."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Pages:
    """Renders the pages; the templates escape all foreign text."""

    def __init__(self, store_snapshot: StoreSnapshot, accounts: AccountEndpoints, door: Door) -> None:
        self._store_snapshot = store_snapshot
        self._accounts = accounts
        self._door = door
        self._templates = _Templates(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._pages = PageCache()
        files = sorted(_STATIC.iterdir())
        self._stamp = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]

    def routes(self) -> list[Route | Mount]:
        """The routes of the pages."""
        return [
            Route("/", self.list_page),
            Route("/part/list", self.list_part),
            Route("/part/health", self.health_part),
            Route("/alerts", self.alerts_page),
            Route("/part/alerts", self.alerts_part),
            Route("/part/decided/{account:path}", self.decided_part),
            Route("/account", self.find),
            Route("/accounts/{account:path}", self.account_page),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ]

    async def list_page(self, request: Request) -> Response:
        """The ranked list."""
        one, wanted = self._asked(request)
        viewer = self._viewer(request)
        versions = tuple((name, it.etag) for name, it in self._store_snapshot.served().items())
        key = ("list", one.name, wanted, versions, self._behind(), viewer)
        return self._page(key, "list.html", lambda: {"page": "list", **self._list(one, wanted, viewer)}, viewer)

    async def list_part(self, request: Request) -> Response:
        """The rows of a list, if there is a newer version."""
        one, wanted = self._asked(request)
        if (unchanged := not_modified(request, one.etag)) is not None:
            return unchanged
        viewer = self._viewer(request)
        key = ("part of list", one.name, wanted, one.etag, self._behind(), viewer)
        part = self._kept(key, lambda: (self._render("part_list.html", **self._list(one, wanted, viewer)),))
        return _answer(part, validators(one.etag))

    async def health_part(self, _: Request) -> Response:
        """The health strip."""
        return _answer((self._strip(),), _UNCACHED)

    async def alerts_page(self, _: Request) -> Response:
        """The alert feed."""
        refuse_if_blind(self._store_snapshot)
        key = ("alerts", self._store_snapshot.alerted, self._store_snapshot.clock() // _PAGE_LIFETIME_MS)
        if (page := self._pages.get(key)) is not None:
            return self._around(page)
        alerts = await self._alerts()
        return self._page(key, "alerts.html", lambda: {"page": "alerts", "alerts": alerts})

    async def alerts_part(self, _: Request) -> Response:
        """The alerts of the feed."""
        refuse_if_blind(self._store_snapshot)
        key = ("part of alerts", self._store_snapshot.alerted, self._store_snapshot.clock() // _PAGE_LIFETIME_MS)
        part = self._pages.get(key)
        if part is None:
            part = (self._render("part_alerts.html", alerts=await self._alerts()),)
            self._pages.keep(key, part)
        return _answer(part, _UNCACHED)

    async def account_page(self, request: Request) -> Response:
        """One account, explained; cached for a few seconds while nothing it depends on changes."""
        found = await self._accounts.found(request.path_params["account"])
        rules, icps, ranks, _ = self._store_snapshot.agreed
        places = tuple((name, ranked.get(found.name)) for name, ranked in ranks.items())
        viewer = self._viewer(request)
        made_of = (viewer, rules and rules.config_version, icps, places, *found.loaded.states, *found.loaded.fits)
        key = ("account", found.name, made_of, self._store_snapshot.clock() // _PAGE_LIFETIME_MS)
        if (page := self._pages.get(key)) is not None:
            return self._around(page)
        told = await self._accounts.explained(found)
        acts = await self._acts(found.name, name_of(told), told["actions"], viewer)
        values = {"page": "account", "acts": acts, **account_page(told)}
        return self._page(key, "account.html", lambda: values, viewer)

    async def decided_part(self, request: Request) -> Response:
        """What people decided about an account, also what the engine has yet to apply; and what the viewer may do."""
        found = await self._accounts.found(request.path_params["account"])
        try:
            (past,) = await self._door.history.past([found.name])
        except SignalEngineError:
            raise HttpProblem(503, "the actions cannot be read", headers={"Retry-After": "2"}) from None
        decided = in_force(past.in_force.at(self._store_snapshot.clock()))
        name = dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("name", found.name)
        acts = await self._acts(found.name, one_line(name), decided, self._viewer(request))
        return _answer((self._render("part_decided.html", acts=acts),), _UNCACHED)

    async def find(self, request: Request) -> Response:
        """Find an account by domain, or by part of its name, CRM id or domain, and go to its page."""
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("name", "").strip()
        name = normalise(given)
        domain = None if isinstance(name, NotAnAccount) else name
        if domain is not None and (await self._accounts.found(domain)).is_known:
            return _to_account(domain)
        found = await self._accounts.called(given, _MAX_FOUND_ACCOUNTS + 1)
        if len(found) == 1:
            return _to_account(found[0].name)
        if found:
            values = {
                "page": "",
                "given": one_line(given),
                "most": _MAX_FOUND_ACCOUNTS,
                "more": len(found) > _MAX_FOUND_ACCOUNTS,
            }
            return self._page(None, "found.html", lambda: {**values, "rows": found_rows(found[:_MAX_FOUND_ACCOUNTS])})
        if isinstance(name, NotAnAccount):
            raise HttpProblem(404, f"{_NOT_FOUND} As a domain, it {name.reason}.")
        return _to_account(name)

    def problem(self, problem: HttpProblem) -> Response:
        """The page for a problem."""
        again = _RELOAD_AFTER_S if problem.status == 503 else 0
        title, text = _TITLES.get(problem.status, problem.document()["title"]), problem.detail
        values = {"title": title, "text": f"{text[:1].upper()}{text[1:].rstrip('.')}.", "again": again, "page": ""}
        answer = self._page(None, "message.html", lambda: values)
        answer.status_code = problem.status
        answer.headers.update({"Cache-Control": "no-store", **problem.headers})
        return answer

    def _viewer(self, request: Request) -> Viewer:
        return viewer_of(request.scope[ACTOR], self._store_snapshot.agreed.icps)

    async def _acts(
        self, account: str, name: str, decided: Sequence[Mapping[str, Any]], viewer: Viewer
    ) -> dict[str, Any]:
        try:
            rules = await self._door.rulebook.look([account])
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"}) from None
        now = self._store_snapshot.clock()
        return account_acts(account, name, decided, viewer, rules.fits[account], rules.icps, now)

    def _asked(self, request: Request) -> tuple[CachedList, Filter]:
        """The requested list and filter; a form sends open fields as empty."""
        refuse_if_blind(self._store_snapshot)
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
        one = self._store_snapshot.served().get(given.pop("list", ALL))
        if one is None:
            raise unknown("list")
        wanted = {}
        for parameter in FILTERS:
            if parameter.name in given:
                try:
                    wanted[parameter.name] = parameter.read(given[parameter.name])
                except ValueError as error:
                    raise HttpProblem(422, f"{parameter.name} {error}") from None
        return one, Filter(**wanted)

    def _list(self, one: CachedList, wanted: Filter, viewer: Viewer) -> dict[str, Any]:
        lists, now = self._store_snapshot.served(), self._store_snapshot.clock()
        return list_page(lists, one, wanted, now, self._behind(), viewer)

    def _behind(self) -> Behind:
        rules, icps = self._store_snapshot.agreed.rules, self._store_snapshot.agreed.icps
        weights = rules.scoring_context.policy.lists.tier_weight.items() if rules else ()
        return Behind(tuple(weights), tuple((icp.icp, icp.buying_group) for icp in icps))

    async def _alerts(self) -> list[dict[str, Any]]:
        return alert_rows(await self._accounts.newest(None, _ALERTS), self._store_snapshot.clock())

    def _page(
        self, key: Hashable | None, template: str, values: Callable[[], dict[str, Any]], viewer: Viewer = READER
    ) -> Response:
        """Render a page, or take it from the cache under `key` (None: never cached)."""

        def rendered() -> tuple[bytes, ...]:
            around = {"strip_here": _STRIP_HERE, "stamp": self._stamp, "alert_types": TYPES}
            shown = dialogs(viewer, self._door.terms.disposition_days)
            html = self._render(template, **around, dialogs=shown, **values())
            return tuple(html.split(_STRIP_HERE.encode(), 1))

        return self._around(rendered() if key is None else self._kept(key, rendered))

    def _around(self, page: tuple[bytes, ...]) -> Response:
        """The page with the current health strip, if it has a place for it."""
        return _answer((page[0], self._strip(), page[1]) if len(page) > 1 else page, _UNCACHED)

    def _kept(self, key: Hashable, rendered: Callable[[], tuple[bytes, ...]]) -> tuple[bytes, ...]:
        page = self._pages.get(key)
        if page is None:
            page = rendered()
            self._pages.keep(key, page)
        return page

    def _strip(self) -> bytes:
        return self._render("part_health.html", health=health_strip(self._store_snapshot))

    def _render(self, template: str, **values: Any) -> bytes:
        return self._templates.get_template(template).render(values).encode()


def _to_account(name: str) -> Response:
    return RedirectResponse(f"/accounts/{quote(name)}", 303)


def _answer(pieces: tuple[bytes, ...], headers: dict[str, str]) -> Response:
    return Response(b"".join(pieces), headers=headers, media_type=_HTML)
