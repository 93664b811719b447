"""`POST /v1/events`: read, validated, sent; a result for every event, and no answer before Kafka has them."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.ingest.access import SENDER
from signal_engine.adapters.http.ingest.answers import REFUSED, answer, results
from signal_engine.adapters.http.ingest.bodies import Given, read_events
from signal_engine.adapters.http.ingest.in_flight import InFlight
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.sender import Sender
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.requests.admission import admit
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.output.operations.ingest import EventResult


class EventsEndpoint:
    """Takes in events of programs that speak our format."""

    def __init__(
        self,
        sender: Sender,
        in_flight: InFlight,
        metrics: IngestMetrics,
        clock: Callable[[], int],
        known: KnownAccounts,
    ) -> None:
        """`clock` gives ms since 1970."""
        self._sender, self._in_flight, self._metrics, self._clock = sender, in_flight, metrics, clock
        self._known = known

    async def ingest_events(self, request: Request) -> Response:
        """202, 207, or a problem: 400, 413, 415, 429, 503."""
        async with self._in_flight.body(request) as body:
            now = self._clock()
            admitted = [self._admitted(given, now) for given in read_events(request.headers, body)]
            sent = await self._sender.send([one for one in admitted if isinstance(one, EventLine)])
        outcomes = results(admitted, sent)
        self._count(request.scope[SENDER], outcomes)
        return answer(outcomes)

    def _count(self, sender: str, outcomes: Sequence[EventResult]) -> None:
        for one in outcomes:
            self._metrics.events[sender, one["reason"] if one["status"] == REFUSED else one["status"]] += 1

    def _admitted(self, given: Given, now: int) -> EventLine | Refusal:
        event = given.event
        return event if isinstance(event, Refusal) else admit(event, now, self._known, given.raw, given.headers)
