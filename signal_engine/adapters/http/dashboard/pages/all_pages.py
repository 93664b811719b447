"""The dashboard: all of its pages, and the page for a problem."""

from typing import Final

from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from signal_engine.adapters.http.api.accounts import AccountEndpoints
from signal_engine.adapters.http.api.deliveries import DeliveryEndpoints
from signal_engine.adapters.http.api.list_moves import MoveEndpoints
from signal_engine.adapters.http.api.reports import ReportEndpoints
from signal_engine.adapters.http.dashboard.pages.accounts import AccountPages
from signal_engine.adapters.http.dashboard.pages.alerts import AlertPages
from signal_engine.adapters.http.dashboard.pages.deliveries import DeliveryPages
from signal_engine.adapters.http.dashboard.pages.lists import ListPages
from signal_engine.adapters.http.dashboard.pages.overview import OverviewPages
from signal_engine.adapters.http.dashboard.pages.rendering import STATIC, Renderer
from signal_engine.adapters.http.dashboard.pages.reports import ReportPages
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.core.delivery.team import Team
from signal_engine.engine.door.door import Door
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.crm_link import CrmLink

_RELOAD_AFTER_S: Final = 5
"""Seconds after which a page without a store reloads."""
_TITLES: Final = {404: "Not found", 422: "Invalid filter", 503: "Redis is unreachable", 500: "Internal error"}


class Pages:
    """Every page of the dashboard."""

    def __init__(
        self,
        store_snapshot: StoreSnapshot,
        accounts: AccountEndpoints,
        moves: MoveEndpoints,
        reports: ReportEndpoints,
        deliveries: DeliveryEndpoints,
        door: Door,
        crm: CrmLink | None,
        team: Team | None,
        *,
        has_inbox: bool = False,
    ) -> None:
        """With `has_inbox` every page links to the inbox."""
        self.renderer = Renderer(store_snapshot, door.terms.disposition_days, has_inbox=has_inbox)
        self._groups = (
            ListPages(store_snapshot, moves, self.renderer, crm, team),
            AlertPages(store_snapshot, accounts, self.renderer, team),
            AccountPages(store_snapshot, accounts, door, self.renderer, crm),
            OverviewPages(store_snapshot, self.renderer),
            ReportPages(reports, self.renderer),
            DeliveryPages(store_snapshot, deliveries, self.renderer),
        )

    def routes(self) -> list[Route | Mount]:
        """The routes of the pages."""
        pages = [route for group in self._groups for route in group.routes()]
        return [*pages, Mount("/static", StaticFiles(directory=STATIC))]

    def problem(self, problem: HttpProblem) -> Response:
        """The page for a problem."""
        again = _RELOAD_AFTER_S if problem.status == 503 else 0
        title, text = _TITLES.get(problem.status, problem.document()["title"]), problem.detail
        values = {"title": title, "text": f"{text[:1].upper()}{text[1:].rstrip('.')}.", "again": again, "page": ""}
        answer = self.renderer.page(None, "message.html", lambda: values)
        answer.status_code = problem.status
        answer.headers.update({"Cache-Control": "no-store", **problem.headers})
        return answer
