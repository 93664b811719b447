"""What became of alerts on their way, as a page: for whoever asks why a message did not come."""

from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.api.deliveries import PAGE_FILTERS, DeliveryEndpoints
from signal_engine.adapters.http.dashboard.deliveries import deliveries_page
from signal_engine.adapters.http.dashboard.pages.given import read_given
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.engine.read_model.snapshot import StoreSnapshot


class DeliveryPages:
    """Answers from what the API says of deliveries."""

    def __init__(self, store_snapshot: StoreSnapshot, deliveries: DeliveryEndpoints, renderer: Renderer) -> None:
        self._store_snapshot = store_snapshot
        self._deliveries = deliveries
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [Route("/deliveries", self.deliveries)]

    async def deliveries(self, request: Request) -> Response:
        """Destinations, what was withheld, and the latest deliveries."""
        asked = read_given(dict(parse_qsl(request.scope["query_string"].decode("latin-1"))), PAGE_FILTERS)
        document = await self._deliveries.document(**asked, administers=administers(request.scope))
        shown = deliveries_page(document, asked.get("to"), asked.get("status"), self._store_snapshot.clock())
        return self._renderer.page(None, "deliveries.html", lambda: {"page": "deliveries", **shown})
