"""Renders templates into pages and parts of pages, and keeps them while they would be the same again."""

import hashlib
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.dashboard.acting import READER, Viewer, dialogs, viewer_of
from signal_engine.adapters.http.dashboard.alerts import TYPES
from signal_engine.adapters.http.dashboard.health import fault_of
from signal_engine.adapters.http.edge.page_cache import PageCache
from signal_engine.adapters.http.edge.who_acts import ACTOR, administers
from signal_engine.core.actions.action import Outcome
from signal_engine.engine.read_model.snapshot import StoreSnapshot

_HERE: Final = Path(__file__).parents[1]
STATIC: Final = _HERE / "static"
_HTML: Final = "text/html; charset=utf-8"
_UNCACHED: Final = {"Cache-Control": "private, no-cache"}
_PAGE_LIFETIME_MS: Final = 10_000
"""ms for which relative times on a page (`3 minutes ago`) count as true."""
_FAULT_HERE: Final = Markup("<!--fault-->")
"""Placeholder of the line about a fault in a page; foreign text is escaped and cannot contain it."""


class _Templates(Environment):
    """Templates that look up dict keys first: Jinja tries attributes first, and their exception is expensive."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """`obj.attribute` of a template."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


class Renderer:
    """Renders pages; the templates escape all foreign text."""

    def __init__(
        self, store_snapshot: StoreSnapshot, disposition_days: Mapping[Outcome, int], *, has_inbox: bool = False
    ) -> None:
        self._store_snapshot = store_snapshot
        self._has_inbox = has_inbox
        self._disposition_days = disposition_days
        self._templates = _Templates(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._pages = PageCache()
        files = sorted(STATIC.iterdir())
        self._stamp = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:12]

    def viewer(self, request: Request) -> Viewer:
        """Who looks at the page."""
        scope, icps = request.scope, self._store_snapshot.agreed.icps
        return viewer_of(scope[ACTOR], icps, administers=administers(scope))

    def tens(self) -> int:
        """Moves when the relative times of a page no longer count as true: a part of the key of such a page."""
        return self._store_snapshot.clock() // _PAGE_LIFETIME_MS

    def page(
        self, key: Hashable | None, template: str, values: Callable[[], dict[str, Any]], viewer: Viewer = READER
    ) -> Response:
        """Render a page, or take it from the cache under `key` (None: never cached)."""

        def rendered() -> tuple[bytes, ...]:
            around = {
                "fault_here": _FAULT_HERE,
                "stamp": self._stamp,
                "alert_types": TYPES,
                "has_inbox": self._has_inbox,
            }
            html = self._render(template, **around, dialogs=dialogs(viewer, self._disposition_days), **values())
            return tuple(html.split(_FAULT_HERE.encode(), 1))

        return self._around(rendered() if key is None else self._kept(key, rendered))

    def kept_page(self, key: Hashable) -> Response | None:
        """The page that is cached under `key`; None if it must be rendered."""
        page = self._pages.get(key)
        return None if page is None else self._around(page)

    def part(self, template: str, **values: Any) -> Response:
        """Render a part of a page that is fetched again."""
        return _answer((self._render(template, **values),), _UNCACHED)

    def kept_part(
        self, key: Hashable, template: str, values: Callable[[], dict[str, Any]], headers: Mapping[str, str] = _UNCACHED
    ) -> Response:
        """The same, or from the cache under `key`."""
        return _answer(self._kept(key, lambda: (self._render(template, **values()),)), headers)

    def cached_part(self, key: Hashable) -> Response | None:
        """The part that is cached under `key`; None if it must be rendered."""
        part = self._pages.get(key)
        return None if part is None else _answer(part, _UNCACHED)

    def _around(self, page: tuple[bytes, ...]) -> Response:
        """The page with the fault of now, if it has a place for it."""
        if len(page) == 1:
            return _answer(page, _UNCACHED)
        fault = self._render("part_fault.html", fault=fault_of(self._store_snapshot))
        return _answer((page[0], fault, page[1]), _UNCACHED)

    def _kept(self, key: Hashable, rendered: Callable[[], tuple[bytes, ...]]) -> tuple[bytes, ...]:
        page = self._pages.get(key)
        if page is None:
            page = rendered()
            self._pages.keep(key, page)
        return page

    def _render(self, template: str, **values: Any) -> bytes:
        return self._templates.get_template(template).render(values).encode()


def _answer(pieces: tuple[bytes, ...], headers: Mapping[str, str]) -> Response:
    return Response(b"".join(pieces), headers=headers, media_type=_HTML)
