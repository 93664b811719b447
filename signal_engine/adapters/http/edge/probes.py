"""`/livez`, `/readyz` and `/metrics` of a process whose work is not HTTP."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.edge.problems import JSON, HttpProblem
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics

_LIVEZ: Final = "/livez"
_READYZ: Final = "/readyz"
_METRICS: Final = "/metrics"
PROBE_PATHS: Final = (_LIVEZ, _READYZ, _METRICS)
_NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """What `/readyz` answers: 503 while the process cannot do its work at all (`unready`), else 200."""

    status: Literal["ready", "degraded", "unready"]
    problems: Sequence[str] = ()
    """In words."""

    @classmethod
    def unready(cls, problem: str) -> "Readiness":
        """Nothing works, because of this."""
        return cls("unready", (problem,))

    @classmethod
    def despite(cls, problems: Sequence[str]) -> "Readiness":
        """The process works, with these problems; none: all is well."""
        return cls("degraded" if problems else "ready", problems)


class Remembered:
    """A readiness that has to be asked for elsewhere, asked at most once in a while: probes need no token."""

    def __init__(
        self, asked: Callable[[], Awaitable[Readiness]], monotonic: Callable[[], float], for_s: float = 1.0
    ) -> None:
        """`monotonic` tells seconds; an answer counts for `for_s` of them."""
        self._asked, self._monotonic, self._for_s = asked, monotonic, for_s
        self._lock = asyncio.Lock()
        self._known: tuple[float, Readiness] | None = None

    async def __call__(self) -> Readiness:
        """As it was asked for last, or is now."""
        async with self._lock:  # whoever comes meanwhile has the answer of the first
            if self._known is None or self._monotonic() - self._known[0] >= self._for_s:
                self._known = self._monotonic(), await self._asked()
            return self._known[1]


def probing_application(readiness: Callable[[], Awaitable[Readiness]], metrics: RequestMetrics) -> Starlette:
    """The application that answers at the three paths and nowhere else."""

    async def livez(_: Request) -> Response:
        return _json({"status": "ok"}, 200)

    async def readyz(_: Request) -> Response:
        found = await readiness()
        body = {"status": found.status, "problems": [*found.problems]}
        return _json(body, 503 if found.status == "unready" else 200)

    async def figures(_: Request) -> Response:
        return Response(metrics.text(), headers={**_NO_STORE, "Content-Type": CONTENT_TYPE_LATEST})

    figures.__name__ = "metrics"  # requests are counted by the names of endpoints
    app = Starlette(
        routes=[Route(_LIVEZ, livez), Route(_READYZ, readyz), Route(_METRICS, figures)],
        exception_handlers={HTTPException: _refused},
    )
    app.router.redirect_slashes = False
    return app


async def _refused(_: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    words = "nothing is served at this path" if status == 404 else "the request was rejected"
    return HttpProblem(status, words).response()


def _json(document: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(document), status, {**_NO_STORE, "Content-Type": JSON})
