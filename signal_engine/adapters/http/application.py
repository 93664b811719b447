"""The application: the operations of the API, the pages, and what is answered when one fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.accounts import AccountEndpoints
from signal_engine.adapters.http.api.actions import ActionEndpoints
from signal_engine.adapters.http.api.events import EventEndpoints
from signal_engine.adapters.http.api.lists import ListEndpoints, PolledList, Shortcut
from signal_engine.adapters.http.api.openapi import openapi_route
from signal_engine.adapters.http.api.operations import Handlers, routes
from signal_engine.adapters.http.api.probes import Probes
from signal_engine.adapters.http.dashboard.pages import Pages
from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.metrics import Metrics
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.engine.door.door import Door
from signal_engine.engine.read_model.snapshot import StoreSnapshot


def application(store_snapshot: StoreSnapshot, access_policy: AccessPolicy, door: Door) -> AccessControl:
    """The ASGI application; it polls the store as long as it runs."""
    metrics = Metrics(store_snapshot)
    lists, polled = ListEndpoints(store_snapshot), PolledList(store_snapshot)
    accounts, events = AccountEndpoints(store_snapshot), EventEndpoints(store_snapshot)
    probes = Probes(store_snapshot, metrics)
    actions = ActionEndpoints(store_snapshot, door)
    pages = Pages(store_snapshot, accounts, door)

    @asynccontextmanager
    async def looking(_: Starlette) -> AsyncIterator[None]:
        await store_snapshot.poll()
        task = asyncio.create_task(store_snapshot.run())
        try:
            yield
        finally:
            store_snapshot.end()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    app = Starlette(
        routes=[*routes(Handlers(lists, polled, accounts, actions, events, probes)), openapi_route(), *pages.routes()],
        exception_handlers=_failures(pages),
        lifespan=looking,
    )
    app.router.redirect_slashes = False
    return AccessControl(Shortcut(app, polled), access_policy, metrics)


def _failures(pages: Pages) -> dict[Any, Callable[[Request, Any], Awaitable[Response]]]:
    """Handlers for exceptions of endpoints: a page for browsers, a problem document for programs."""

    def answer(request: Request, problem: HttpProblem) -> Response:
        wants_page = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/v1/")
        return pages.problem(problem) if wants_page else problem.response()

    async def ours(request: Request, problem: HttpProblem) -> Response:
        return answer(request, problem)

    async def starlettes(request: Request, error: HTTPException) -> Response:
        detail = "nothing is served at this path" if error.status_code == 404 else "the request was rejected"
        return answer(request, HttpProblem(error.status_code, detail))

    async def bug(request: Request, error: Exception) -> Response:
        del error  # the log has it; the answer must not
        return answer(request, HttpProblem(500, "internal error; the log of the API has details"))

    return {HttpProblem: ours, HTTPException: starlettes, Exception: bug}
