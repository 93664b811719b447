"""The application that `ingest` serves."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.description.openapi import openapi_route
from signal_engine.adapters.http.description.operation import routes
from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.ingest.access import WriteControl
from signal_engine.adapters.http.ingest.events import EventsEndpoint
from signal_engine.adapters.http.ingest.hooks import HooksEndpoint, ServedHook
from signal_engine.adapters.http.ingest.in_flight import InFlight
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.operations import OPERATIONS, IngestHandlers, ingest_document
from signal_engine.adapters.http.ingest.probes import IngestProbes
from signal_engine.adapters.http.ingest.sender import Sender
from signal_engine.adapters.http.ingest.states import StateDeliveries
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.intake.states.seen import FollowsSeen
from signal_engine.engine.ports.event_log import EventLog


class IngestContext(NamedTuple):
    """What the application works with."""

    sender: Sender
    hooks: Mapping[str, ServedHook]
    """By name."""
    max_bytes_in_flight: int
    """Bytes."""
    clock: Callable[[], int]
    """ms since 1970."""
    known: KnownAccounts
    """The accounts as loaded; whoever serves follows them."""
    event_log: EventLog
    seen: FollowsSeen | None = None
    """What state feeds showed last; needed where a hook is one."""


def ingest_application(context: IngestContext, access_policy: AccessPolicy) -> WriteControl:
    """The ASGI application."""
    in_flight = InFlight(context.max_bytes_in_flight)
    metrics = IngestMetrics(in_flight, context.sender)
    events = EventsEndpoint(context.sender, in_flight, metrics, context.clock, context.known)
    seen = context.seen
    states = None if seen is None else StateDeliveries(seen, context.sender.topics.feeds_seen, context.sender)
    hooks = HooksEndpoint(
        context.hooks, context.sender, in_flight, metrics, context.clock, context.known, context.event_log, states
    )
    looking_up = any(hook.mapper.looks_up for hook in context.hooks.values())
    probes = IngestProbes(context.sender, metrics, context.known if looking_up else None)
    handlers = IngestHandlers(events, hooks, probes)
    app = Starlette(
        routes=[*routes(OPERATIONS, handlers), openapi_route(ingest_document())],
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
    return HttpProblem(500, "internal error; the log has details").response()
