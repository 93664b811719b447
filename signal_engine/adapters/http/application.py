"""The application: the operations of the API, the pages, and what is answered when one fails."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.api.accounts import AccountEndpoints
from signal_engine.adapters.http.api.actions import ActionEndpoints
from signal_engine.adapters.http.api.deliveries import DeliveryEndpoints
from signal_engine.adapters.http.api.events import EventEndpoints
from signal_engine.adapters.http.api.focus import FocusEndpoints
from signal_engine.adapters.http.api.list_moves import MoveEndpoints
from signal_engine.adapters.http.api.lists import ListEndpoints, PolledList, Shortcut
from signal_engine.adapters.http.api.openapi import document
from signal_engine.adapters.http.api.operations import OPERATIONS, Handlers
from signal_engine.adapters.http.api.probes import Probes
from signal_engine.adapters.http.api.reports import ReportEndpoints
from signal_engine.adapters.http.dashboard.pages.all_pages import Pages
from signal_engine.adapters.http.description.openapi import openapi_route
from signal_engine.adapters.http.description.operation import routes
from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.metrics import Metrics
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.inbox.pages import InboxPages, InboxParts
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.engine.door.door import Door
from signal_engine.engine.ports.delivery.ledger import Ledger
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.reports.live.live_market import ReadWiring
from signal_engine.engine.reports.live.walks import ReadActivity
from signal_engine.wire.output.crm_link import CrmLink


def application(
    store_snapshot: StoreSnapshot,
    access_policy: AccessPolicy,
    door: Door,
    ledger: Ledger,
    crm: CrmLink | None = None,
    loads: LoadedAccounts | None = None,
    team: Team | None = None,
    replies: Sequence[Route] = (),
    wiring: ReadWiring | None = None,
    inbox: InboxParts | None = None,
    activity: ReadActivity | None = None,
) -> AccessControl:
    """The ASGI application; it polls the store as long as it runs.

    Deliveries are those of the `ledger`. Pages link to accounts in the `crm`. Reports read accounts as loaded from
    `loads`. `team` are the people of the routes file, `replies` the routes of what people reply to messages.
    `wiring` reads what is known of the systems downstream. With an `inbox` there is a page for it.
    `activity` reads when sales were last active.
    """
    metrics, people = Metrics(store_snapshot), team or NO_TEAM
    lists, polled = ListEndpoints(store_snapshot, people), PolledList(store_snapshot, people)
    accounts, events = AccountEndpoints(store_snapshot, people), EventEndpoints(store_snapshot)
    probes = Probes(store_snapshot, metrics)
    actions = ActionEndpoints(store_snapshot, door)
    reports = ReportEndpoints(store_snapshot, loads, team, wiring, activity)
    moves, focus = MoveEndpoints(store_snapshot, people), FocusEndpoints(store_snapshot, team)
    deliveries = DeliveryEndpoints(store_snapshot, ledger)
    handlers = Handlers(lists, polled, accounts, actions, events, reports, probes, moves, focus, deliveries)
    pages = Pages(store_snapshot, accounts, moves, reports, deliveries, door, crm, team, has_inbox=inbox is not None)
    inbox_routes = InboxPages(inbox, store_snapshot, pages.renderer).routes() if inbox else []

    @asynccontextmanager
    async def polling(_: Starlette) -> AsyncIterator[None]:
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
        routes=[*routes(OPERATIONS, handlers), openapi_route(document()), *replies, *inbox_routes, *pages.routes()],
        exception_handlers=_failures(pages),
        lifespan=polling,
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
