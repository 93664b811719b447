"""What is not about one account: the health of the engine, and which reports there are."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.dashboard.health import fault_of, health_of
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.reports.report_words import REPORT_WORDS


class OverviewPages:
    """Answers from the store snapshot alone."""

    def __init__(self, store_snapshot: StoreSnapshot, renderer: Renderer) -> None:
        self._store_snapshot = store_snapshot
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [
            Route("/health", self.health_page),
            Route("/part/health", self.health_part),
            Route("/part/fault", self.fault_part),
            Route("/reports", self.reports_page),
        ]

    async def health_page(self, _: Request) -> Response:
        """The figures of the engine, and what is wrong with it."""
        values = {"page": "health", "health": health_of(self._store_snapshot)}
        return self._renderer.page(None, "health.html", lambda: values)

    async def health_part(self, _: Request) -> Response:
        """The figures alone."""
        return self._renderer.part("part_health.html", health=health_of(self._store_snapshot))

    async def fault_part(self, _: Request) -> Response:
        """What every page says while something is wrong."""
        return self._renderer.part("part_fault.html", fault=fault_of(self._store_snapshot))

    async def reports_page(self, _: Request) -> Response:
        """The reports, and how each is made."""
        values = {"page": "reports", "reports": [{"name": name, **words} for name, words in REPORT_WORDS.items()]}
        return self._renderer.page("reports", "reports.html", lambda: values)
