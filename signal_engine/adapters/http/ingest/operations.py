"""The endpoints of `ingest`: one table, of which its routes and its OpenAPI document are both made."""

from typing import Any, Final, NamedTuple, TypeAlias

from signal_engine.adapters.http.description.openapi import Described, openapi_document
from signal_engine.adapters.http.description.operation import Operation
from signal_engine.adapters.http.edge.problems import JSON
from signal_engine.adapters.http.ingest.access import EVENTS_PATH, HOOKS_PATH
from signal_engine.adapters.http.ingest.bodies import CLOUD_EVENT, CLOUD_EVENTS, LINES
from signal_engine.adapters.http.ingest.events import EventsEndpoint
from signal_engine.adapters.http.ingest.hooks import HooksEndpoint
from signal_engine.adapters.http.ingest.probes import IngestProbes
from signal_engine.wire.output.operations.ingest import INGEST_MODELS


class IngestHandlers(NamedTuple):
    """What answers, of one process."""

    events: EventsEndpoint
    hooks: HooksEndpoint
    probes: IngestProbes


_Row: TypeAlias = Operation[IngestHandlers]
_EVENT_BODIES: Final = {JSON: "IngestBody", **dict.fromkeys(LINES), CLOUD_EVENT: None, CLOUD_EVENTS: None}
OPERATIONS: Final[tuple[_Row, ...]] = (
    _Row(
        EVENTS_PATH,
        "ingest_events",
        "Events in, as JSON, lines or CloudEvents; answered when Kafka has them",
        {JSON: "IngestResult"},
        lambda handlers: handlers.events.ingest_events,
        refuses=(400, 401, 403, 413, 415, 429, 503),
        succeeds={202: "All are accepted.", 207: "Some or all are refused; the results say which, and why."},
        body=_EVENT_BODIES,
    ),
    _Row(
        f"{HOOKS_PATH}{{name}}",
        "ingest_delivery",
        "A webhook in, through its mapping; answered when Kafka has its events",
        {JSON: "DeliveryResult"},
        lambda handlers: handlers.hooks.ingest_delivery,
        refuses=(401, 404, 413, 415, 429, 503),
        succeeds={202: "It is kept: as events, or as it came, for `dlq replay`."},
        body={JSON: None},
        secured=False,
    ),
    _Row(
        "/livez",
        "livez",
        "Whether the process is running",
        {JSON: "Live"},
        lambda handlers: handlers.probes.livez,
        secured=False,
    ),
    _Row(
        "/readyz",
        "readyz",
        "Whether events are accepted",
        {JSON: "IngestReady"},
        lambda handlers: handlers.probes.readyz,
        succeeds={200: "They are.", 503: "Kafka is unreachable."},
        secured=False,
    ),
    _Row(
        "/metrics",
        "metrics",
        "Metrics for Prometheus",
        {"text/plain": None},
        lambda handlers: handlers.probes.metrics,
        refuses=(401, 429),
    ),
)
_DESCRIBED: Final = Described(
    title="Signal Engine ingest",
    description="Events and webhooks in.",
    models=INGEST_MODELS,
    refusals={
        400: "The request cannot be read: no JSON, no UTF-8, no event.",
        401: "A valid token is required; of a webhook, a valid signature.",
        403: "The token may not write.",
        404: "Unknown hook.",
        413: "The body or the number of events is too large.",
        415: "Another `Content-Type`, or a compressed body.",
        429: "Too many requests, or too many bytes in flight.",
        503: "Kafka is unreachable (with `results`, it became so in the middle), or accounts are still being read.",
    },
    path_parameters={"name": {"description": "Of the hooks file.", "schema": {"type": "string", "minLength": 1}}},
)


def ingest_document() -> dict[str, Any]:
    """OpenAPI 3.1 of `ingest`."""
    return openapi_document(OPERATIONS, _DESCRIBED)
