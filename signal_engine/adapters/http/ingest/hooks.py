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
from signal_engine.adapters.http.ingest.states import StateDeliveries
from signal_engine.engine.intake.requests.deliveries import Delivery, DeliveryMapper
from signal_engine.engine.intake.requests.kept_deliveries import kept_delivery
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import HookSignatureRefused
from signal_engine.engine.ports.producer import Sent
from signal_engine.wire.output.operations.ingest import DeliveryResult

MAX_KEPT_PER_SECOND: Final = 5.0
"""Deliveries of one hook that are kept for later, on average; twice as many at once."""

_READING: Final = "the accounts are still being read, and this hook looks them up: send the delivery again"
_READING_AGAIN_S: Final = 5


_SAID_EVERY_MS: Final = 60_000


class ServedHook(NamedTuple):
    """A hook that is ready to be served."""

    verify: Verify
    why_refused: Callable[[Received], str]
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
        known: KnownAccounts,
        event_log: EventLog,
        states: StateDeliveries | None = None,
    ) -> None:
        """`hooks` by name; `clock` gives ms since 1970; `states` where a hook is a state feed."""
        assert states is not None or not any(hook.mapper.is_state_feed for hook in hooks.values())  # noqa: S101
        self._states = states
        self._hooks, self._sender, self._in_flight, self._metrics = hooks, sender, in_flight, metrics
        self._clock, self._known, self._event_log = clock, known, event_log
        self._said_at: dict[str, int] = {}
        """Hook -> when (ms) the log last told of a signature that does not hold."""
        self._kept_rate = RateLimit(MAX_KEPT_PER_SECOND, lambda: clock() / 1_000)

    async def ingest_delivery(self, request: Request) -> Response:
        """202, also for what cannot be mapped, since the sender cannot mend it; or 401, 404, 413, 429, 503."""
        name = request.path_params["name"]
        hook = self._hooks.get(name)
        if hook is None:
            raise HttpProblem(404, "unknown hook")
        async with self._in_flight.body(request) as body:
            now = self._clock()
            received = _received(request, body, now)
            if not hook.verify(received):
                self._reject(name, hook, received, now)
                raise HttpProblem(401, "the signature is not valid")
            if hook.mapper.looks_up and not self._known.is_whole:
                raise HttpProblem(503, _READING, headers={"Retry-After": str(_READING_AGAIN_S)})
            delivery = hook.mapper.map(body, now, self._known)
            if self._states is None or not hook.mapper.is_state_feed:
                await self._send(name, delivery, body, now)
            else:
                async with self._states.changed(hook.mapper, delivery, now) as (delivery, records):
                    await self._send(name, delivery, body, now)
                    await self._states.keep(records)
        document = DeliveryResult(
            accepted=len(delivery.events), passed_over=delivery.passed_over, kept=delivery.refused
        )
        return json(document, 202)

    def _reject(self, name: str, hook: ServedHook, received: Received, now: int) -> None:
        """Count it, and log why, at most once per minute and hook: anybody can send such deliveries."""
        self._metrics.rejected[name] += 1
        if now - self._said_at.get(name, now - _SAID_EVERY_MS) >= _SAID_EVERY_MS:
            self._said_at[name] = now
            why = hook.why_refused(received)
            self._event_log.write(HookSignatureRefused(hook=name, deliveries=self._metrics.rejected[name], why=why))

    async def _send(self, name: str, delivery: Delivery, body: bytes, now: int) -> None:
        kept = []
        if delivery.refused:
            if wait := self._kept_rate.wait(name):
                detail = "too many deliveries of this hook cannot be mapped: the mapping has to be mended"
                raise HttpProblem(429, detail, headers={"Retry-After": str(int(wait) + 1)})
            kept = [kept_delivery(self._sender.topics.dead_letters, name, delivery, body, now)]
        outcomes = await self._sender.send(delivery.events, kept)
        missing = sum(outcome is not Sent.ACKNOWLEDGED for outcome in outcomes)
        events = self._metrics.events
        events[name, UNKNOWN] += missing
        if missing:
            raise away("Kafka became unreachable: send the delivery again")
        events[name, ACCEPTED] += len(delivery.events)
        events[name, "passed_over"] += delivery.passed_over
        if kept:
            self._metrics.kept[name, delivery.reason] += 1


def _received(request: Request, body: bytes, now: int) -> Received:
    path = request.scope.get("raw_path") or request.scope["path"].encode()
    query = request.scope["query_string"]
    target = (path.split(b"?")[0] + (b"?" + query if query else b"")).decode("latin-1")
    return Received(target, dict(request.headers), body, now / 1_000)
