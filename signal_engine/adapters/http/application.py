"""The application: every path and what answers it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.accounts import Accounts
from signal_engine.adapters.http.events import Events
from signal_engine.adapters.http.gate import Gate, Guard
from signal_engine.adapters.http.lists import Lists
from signal_engine.adapters.http.measures import Measures
from signal_engine.adapters.http.openapi import openapi
from signal_engine.adapters.http.probes import Probes
from signal_engine.adapters.http.problems import Problem
from signal_engine.engine.lookout import Lookout


def application(lookout: Lookout, guard: Guard) -> Gate:
    """The whole of it, looking for as long as it runs."""
    measures = Measures(lookout)
    lists, accounts, probes = Lists(lookout), Accounts(lookout), Probes(lookout, measures)

    @asynccontextmanager
    async def looking(_: Starlette) -> AsyncIterator[None]:
        await lookout.look()
        task = asyncio.create_task(lookout.run())
        try:
            yield
        finally:
            lookout.end()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    routes = [
        Route("/v1/lists/{name}.csv", lists.list_csv),
        Route("/v1/lists/{name}", lists.list),
        Route("/v1/lists", lists.lists),
        Route("/v1/accounts/{account:path}", accounts.account),
        Route("/v1/alerts", accounts.alerts),
        Route("/v1/events", Events(lookout).events),
        Route("/openapi.json", openapi),
        Route("/livez", probes.livez),
        Route("/readyz", probes.readyz),
        Route("/metrics", probes.metrics),
    ]
    app = Starlette(
        routes=routes,
        exception_handlers={Problem: _problem, HTTPException: _other, Exception: _bug},
        lifespan=looking,
    )
    app.router.redirect_slashes = False
    return Gate(app, guard, measures)


async def _problem(_: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)  # noqa: S101 (what it is registered for)
    return problem.response()


async def _other(_: Request, error: Exception) -> Response:
    """Starlette's own: no such path, mostly."""
    assert isinstance(error, HTTPException)  # noqa: S101 (what it is registered for)
    detail = "there is nothing at this path" if error.status_code == 404 else "this cannot be answered"
    return Problem(error.status_code, detail).response()


async def _bug(_: Request, error: Exception) -> Response:
    """Our own failure: what it was is in the log, not in the answer."""
    del error
    return Problem(500, "this is a fault of the API; its log says more").response()
