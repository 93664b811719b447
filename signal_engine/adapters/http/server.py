"""Run the application in uvicorn until it is stopped."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Protocol

import uvicorn
from starlette.types import ASGIApp

from signal_engine.adapters.http.edge.connections import RESERVED_FILE_DESCRIPTORS, Connections, room_for_connections
from signal_engine.adapters.http.edge.protocol import MAX_REQUEST_BYTES, BoundedProtocol
from signal_engine.adapters.termination import Deadline, on_stop_signal
from signal_engine.core.errors import SignalEngineError

_END_TIMEOUT_S: Final = 5
"""Seconds for pending answers at shutdown."""
_BACKLOG_CONNECTIONS: Final = 1_024
"""Length of the queue of connections waiting to be accepted."""
_MAX_ACCEPTED: Final = RESERVED_FILE_DESCRIPTORS // 8
"""asyncio accepts so many, and again for a few turns of its loop, before the first of them can be refused."""
_TICKS_PER_SECOND: Final = 10
"""Of uvicorn's loop."""


class CannotListen(SignalEngineError):
    """The address or port cannot be used; the message says why."""


class Ending(Protocol):
    """What answers from behind the server, and has to be told that it stops."""

    def end(self) -> None:
        """The server stops accepting requests."""


class Server(uvicorn.Server):
    """uvicorn with limited connections, and whose streams end at shutdown, or it would wait for their clients for
    ever."""

    def __init__(
        self,
        app: ASGIApp,
        behind: Ending | None = None,
        connections: Connections | None = None,
        deadline: Deadline | None = None,
        largest_request: int = MAX_REQUEST_BYTES,
    ) -> None:
        """`behind` ends with the server; `connections` defaults to as many as file descriptors allow."""
        taken = Connections(room_for_connections()) if connections is None else connections
        protocol: Any = partial(BoundedProtocol, taken, largest_request)
        super().__init__(
            uvicorn.Config(
                app,
                http=protocol,
                backlog=_MAX_ACCEPTED,
                loop="none",
                ws="none",
                interface="asgi3",
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=_END_TIMEOUT_S,
            )
        )
        self._behind = behind
        self._deadline = deadline

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and Ctrl-C are how it is meant to end: uvicorn's own would raise them again afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        with on_stop_signal(lambda _: self.end(), self._deadline or Deadline()):
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Set queue length and accepts per loop turn separately; asyncio has one number for both."""
        await super().startup(sockets)
        for listening in sockets or ():
            listening.listen(_BACKLOG_CONNECTIONS)

    async def on_tick(self, counter: int) -> bool:
        """Close overdue connections once a second."""
        if counter % _TICKS_PER_SECOND == 0:
            now = asyncio.get_running_loop().time()
            for connection in self._bounded():
                connection.overdue(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close idle connections at once, the others after a few seconds at the latest."""
        for connection in self._bounded():
            if connection.waiting:
                connection.drop()
        try:
            await super().shutdown(sockets)
        finally:
            for connection in self._bounded():
                connection.drop()

    def _bounded(self) -> list[BoundedProtocol]:
        return [one for one in self.server_state.connections if isinstance(one, BoundedProtocol)]

    def end(self) -> None:
        """Stop accepting requests; when called again, do not wait for pending answers either."""
        if self._behind is not None:
            self._behind.end()
        self.force_exit = self.should_exit
        self.should_exit = True


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket; port 0 picks a free one. Raises `CannotListen`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG_CONNECTIONS)
    except OSError as error:
        raise CannotListen(f"cannot listen on {host}:{port}: {error.strerror or 'no such address'}") from None
    # TCP_NODELAY is inherited by connections. asyncio sets it only for sockets with IPPROTO_TCP, which this one is not;
    # without it the end of every list waits for the acknowledgement of its beginning: a third fewer lists per second.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening: socket.socket) -> str:
    """`http://127.0.0.1:8080/`, where a browser on this machine finds it."""
    host, port = listening.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104 (it is only compared)
        host = "localhost"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
