"""The door for events as one application."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.ingest.access import EVENTS_PATH, HOOKS_PATH, WriteControl
from signal_engine.adapters.http.ingest.events import EventsEndpoint
from signal_engine.adapters.http.ingest.hooks import HooksEndpoint, ServedHook
from signal_engine.adapters.http.ingest.in_flight import InFlight
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.probes import IngestProbes
from signal_engine.adapters.http.ingest.sender import Sender


class EventDoor(NamedTuple):
    """What the application works with."""

    sender: Sender
    hooks: Mapping[str, ServedHook]
    """By name."""
    most_in_flight: int
    """Bytes."""
    clock: Callable[[], int]
    """ms since 1970."""


def ingest_application(door: EventDoor, access_policy: AccessPolicy) -> WriteControl:
    """The ASGI application."""
    in_flight = InFlight(door.most_in_flight)
    metrics = IngestMetrics(in_flight, door.sender)
    events = EventsEndpoint(door.sender, in_flight, metrics, door.clock)
    hooks = HooksEndpoint(door.hooks, door.sender, in_flight, metrics, door.clock)
    probes = IngestProbes(door.sender, metrics)
    app = Starlette(
        routes=[
            Route(EVENTS_PATH, events.ingest_events, methods=["POST"]),
            Route(f"{HOOKS_PATH}{{name}}", hooks.ingest_delivery, methods=["POST"]),
            Route("/livez", probes.livez),
            Route("/readyz", probes.readyz),
            Route("/metrics", probes.metrics),
        ],
        exception_handlers={HttpProblem: _ours, HTTPException: _starlettes, Exception: _bug},
    )
    app.router.redirect_slashes = False
    return WriteControl(app, access_policy, metrics)


async def _ours(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, HttpProblem), "it is registered for these"  # noqa: S101
    return problem.response()


async def _starlettes(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return HttpProblem(
        status, "nothing is served at this path" if status == 404 else "the request was rejected"
    ).response()


async def _bug(_: Request, error: Exception) -> Response:
    del error  # the log has it; the answer must not
    return HttpProblem(500, "internal error; the log of the door has details").response()
