"""A report as a page: the text that the terminal shows, with links to accounts and the rows as CSV."""

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.api.reports import ReportEndpoints, report_named
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.dashboard.report import report_page


class ReportPages:
    """Answers for one report; it is made when asked for, and kept by the API."""

    def __init__(self, reports: ReportEndpoints, renderer: Renderer) -> None:
        self._reports = reports
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [Route("/reports/{name}", self.report_page)]

    async def report_page(self, request: Request) -> Response:
        """One report."""
        name = report_named(request.path_params["name"])
        report = orjson.loads(await self._reports.body(name))
        return self._renderer.page(None, "report.html", lambda: {"page": "report", **report_page(report)})
