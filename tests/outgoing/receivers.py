"""Receivers on this machine that answer as they are told, and remember what came."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import web

from signal_engine.adapters.outgoing.addresses import networks
from signal_engine.adapters.outgoing.posting import Poster

HERE = networks(["127.0.0.0/8"])


class Came(NamedTuple):
    """A request."""

    path: str
    headers: dict[str, str]
    """By name in lower case."""
    body: bytes


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Receiver:
    """A server on a free port; `requests` came so far."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.requests: list[Came] = []


@asynccontextmanager
async def receiving(answer: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver that answers every POST by `answer`."""
    receiver = Receiver("")

    async def take(request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        receiver.requests.append(Came(request.path, headers, await request.read()))
        return await answer(request)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def answers(status: int, body: str = "ok", **headers: str) -> Handler:
    """Always the same."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body, headers={k.replace("_", "-"): v for k, v in headers.items()})

    return answer


def poster(**given: Any) -> Poster:
    """One that may go to this machine."""
    return Poster(HERE, **given)
