"""`POST /v1/hooks/NAME`: a webhook through a mapping. The signature is verified first, on the body as it came."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.ingest.answers import ACCEPTED, UNKNOWN, json
from signal_engine.adapters.http.ingest.in_flight import InFlight
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.sender import Sender, away
from signal_engine.adapters.http.ingest.signatures import Received, Verify
from signal_engine.engine.intake.door.deliveries import Delivery, DeliveryMapper
from signal_engine.engine.intake.door.hook_letters import hook_letter
from signal_engine.engine.ports.producer import Sent
from signal_engine.wire.output.operations.ingest import DeliveryResult

MAX_LETTERS_PER_SECOND: Final = 5.0
"""Deliveries of one hook that are kept for later, on average; twice as many at once."""


class ServedHook(NamedTuple):
    """A hook that is ready to be served."""

    verify: Verify
    mapper: DeliveryMapper


class HooksEndpoint:
    """Takes in the deliveries of webhooks."""

    def __init__(
        self,
        hooks: Mapping[str, ServedHook],
        sender: Sender,
        in_flight: InFlight,
        metrics: IngestMetrics,
        clock: Callable[[], int],
    ) -> None:
        """`hooks` by name; `clock` gives ms since 1970."""
        self._hooks, self._sender, self._in_flight, self._metrics = hooks, sender, in_flight, metrics
        self._clock = clock
        self._letters = RateLimit(MAX_LETTERS_PER_SECOND, lambda: clock() / 1_000)

    async def ingest_delivery(self, request: Request) -> Response:
        """202, also for what cannot be mapped, since the sender cannot mend it; or 401, 404, 413, 429, 503."""
        name = request.path_params["name"]
        hook = self._hooks.get(name)
        if hook is None:
            raise HttpProblem(404, "unknown hook")
        async with self._in_flight.body(request) as body:
            now = self._clock()
            if not hook.verify(_received(request, body, now)):
                self._metrics.rejected[name] += 1
                raise HttpProblem(401, "the signature is not valid")
            delivery = hook.mapper.map(body, now)
            await self._send(name, delivery, body, now)
        document = DeliveryResult(
            accepted=len(delivery.events), passed_over=delivery.passed_over, kept=delivery.refused
        )
        return json(document, 202)

    async def _send(self, name: str, delivery: Delivery, body: bytes, now: int) -> None:
        letters = []
        if delivery.refused:
            if wait := self._letters.wait(name):
                detail = "too many deliveries of this hook cannot be mapped: the mapping has to be mended"
                raise HttpProblem(429, detail, headers={"Retry-After": str(int(wait) + 1)})
            letters = [hook_letter(self._sender.topics.dead_letters, name, delivery, body, now)]
        outcomes = await self._sender.send(delivery.events, letters)
        missing = sum(outcome is not Sent.ACKNOWLEDGED for outcome in outcomes)
        events = self._metrics.events
        events[name, UNKNOWN] += missing
        if missing:
            raise away("Kafka became unreachable: send the delivery again")
        events[name, ACCEPTED] += len(delivery.events)
        events[name, "passed_over"] += delivery.passed_over
        if letters:
            self._metrics.letters[name, delivery.reason] += 1


def _received(request: Request, body: bytes, now: int) -> Received:
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = (path.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    return Received(target, dict(request.headers), body, now / 1_000)
