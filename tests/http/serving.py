"""A market served on a port of this machine, by the real server in a thread: for clients that need a socket."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from signal_engine.adapters.http.edge.connections import Connections
from signal_engine.adapters.http.server import Server, listen, url_of
from tests.http.market import Market

Answer = TypeVar("Answer")


class Served:
    """The market, and where it is served."""

    def __init__(self, market: Market, server: Server, url: str, loop: asyncio.AbstractEventLoop) -> None:
        self.market = market
        self.server = server
        self.url = url
        self._loop = loop

    def run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        """Does something to the market, in the loop that serves it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@contextmanager
def served(market: Market, connections: Connections | None = None, **access_policy: Any) -> Iterator[Served]:
    """Serves it; all is ended afterwards."""
    listening = listen("127.0.0.1", 0)
    store_snapshot = market.store_snapshot()
    server = Server(market.app(store_snapshot=store_snapshot, **access_policy), store_snapshot, connections)
    with serving(server, listening) as loop:
        yield Served(market, server, url_of(listening), loop)


@contextmanager
def serving(server: Server, listening: socket.socket) -> Iterator[asyncio.AbstractEventLoop]:
    """Runs a server in a thread, with the loop that is yielded; all is ended afterwards."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=lambda: loop.run_until_complete(server.serve([listening])))
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(server.end)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()
        listening.close()
