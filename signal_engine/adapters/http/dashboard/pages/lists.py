"""The ranked lists: a page, and the rows that it fetches again."""

from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.api.list_moves import MoveEndpoints
from signal_engine.adapters.http.api.lists import FILTERS, not_modified, refuse_if_blind, validators, whose_work
from signal_engine.adapters.http.dashboard.acting import Viewer
from signal_engine.adapters.http.dashboard.moves import moves_shown, viewers_zone
from signal_engine.adapters.http.dashboard.pages.given import read_given
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.dashboard.ranked_list import Behind, list_page
from signal_engine.adapters.http.description.parameters import number
from signal_engine.adapters.http.edge.problems import unknown
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.read_model.focus import focus_of
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.crm_link import CrmLink

_PAGE: Final = number("page", 1, 100_000, "Which fifty rows.")


class ListPages:
    """Answers for the ranked lists, from the store snapshot."""

    def __init__(
        self,
        store_snapshot: StoreSnapshot,
        moves: MoveEndpoints,
        renderer: Renderer,
        crm: CrmLink | None,
        team: Team | None,
    ) -> None:
        self._store_snapshot = store_snapshot
        self._moves = moves
        self._renderer = renderer
        self._crm = crm
        self._team = team or NO_TEAM

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [
            Route("/", self.list_page),
            Route("/part/list", self.list_part),
            Route("/part/moves", self.moves_part),
            Route("/moves", self.moves_page),
        ]

    async def list_page(self, request: Request) -> Response:
        """The ranked list."""
        one, wanted, page = self._asked(request)
        viewer = self._renderer.viewer(request)
        lists = self._store_snapshot.served(administers=viewer.administers)
        versions = tuple((name, it.etag) for name, it in lists.items())
        key = ("list", one.name, wanted, page, versions, self._behind(), viewer)
        values = lambda: {"page": "list", **self._list(one, wanted, viewer, page)}  # noqa: E731
        return self._renderer.page(key, "list.html", values, viewer)

    async def list_part(self, request: Request) -> Response:
        """The rows of a list, if there is a newer version."""
        one, wanted, page = self._asked(request)
        if (unchanged := not_modified(request, one.etag)) is not None:
            return unchanged
        viewer = self._renderer.viewer(request)
        key = ("part of list", one.name, wanted, page, one.etag, self._behind(), viewer)
        return self._renderer.kept_part(
            key, "part_list.html", lambda: self._list(one, wanted, viewer, page), validators(one.etag)
        )

    async def moves_part(self, request: Request) -> Response:
        """What has changed on the list since yesterday; fetched beside the page, which does not wait for it."""
        return self._renderer.part("part_moves.html", moves=await self._moved(request))

    async def moves_page(self, request: Request) -> Response:
        """The same as a page, for browsers without script."""
        values = {"page": "list", "moves": await self._moved(request)}
        return self._renderer.page(None, "moves.html", lambda: values)

    async def _moved(self, request: Request) -> dict[str, Any]:
        one, wanted, _ = self._asked(request)
        viewer = viewers_zone(request)
        document = await self._moves.document(one.name, wanted.person, viewer.zone)
        return {**moves_shown(document, self._store_snapshot.clock(), viewer), "list": one.name}

    def _asked(self, request: Request) -> tuple[CachedList, Filter, int]:
        """The requested list, filter and page; a form sends open fields as empty."""
        refuse_if_blind(self._store_snapshot)
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
        lists = self._store_snapshot.served(administers=administers(request.scope))
        one = lists.get(given.pop("list", ALL))
        if one is None:
            raise unknown("list")
        wanted = whose_work(read_given(given, (*FILTERS, _PAGE)), self._team)
        page = wanted.pop(_PAGE.name, 1)
        return one, Filter(**wanted), page

    def _list(self, one: CachedList, wanted: Filter, viewer: Viewer, page: int) -> dict[str, Any]:
        lists, now = self._store_snapshot.served(administers=viewer.administers), self._store_snapshot.clock()
        focus = focus_of(one.entries, wanted.person.asked, self._team, now) if wanted.person else None
        return list_page(lists, one, wanted, now, self._behind(), viewer, page, self._crm, focus, self._team)

    def _behind(self) -> Behind:
        rules, icps = self._store_snapshot.agreed.rules, self._store_snapshot.agreed.icps
        weights = rules.scoring_context.policy.lists.tier_weight.items() if rules else ()
        return Behind(tuple(weights), tuple((icp.icp, icp.buying_group) for icp in icps))
