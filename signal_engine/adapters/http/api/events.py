"""`/v1/events`: new lists and alerts as server-sent events, so that clients need not poll."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from signal_engine.adapters.http.description.parameters import read_query
from signal_engine.adapters.http.edge.access_control import CLIENT
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.engine.read_model.news import News, list_news
from signal_engine.engine.read_model.snapshot import StoreSnapshot

_MAX_STREAMS: Final = 200
_MAX_STREAMS_PER_CLIENT: Final = 40
"""Of one client (`access_control.CLIENT`): five fill the process, one cannot. A page without a stream polls."""
_KEEPALIVE_S: Final = 15.0
"""Seconds between comments that show proxies and clients that the stream is open."""
_ALIVE: Final = b": alive\n\n"


class EventEndpoints:
    """The event streams of one process."""

    def __init__(
        self,
        store_snapshot: StoreSnapshot,
        max_streams: int = _MAX_STREAMS,
        max_streams_per_client: int = _MAX_STREAMS_PER_CLIENT,
    ) -> None:
        self._store_snapshot = store_snapshot
        self._max_streams = max_streams
        self._max_streams_per_client = max_streams_per_client
        self._open: Counter[str | bytes] = Counter()

    async def events(self, request: Request) -> Response:
        """Send the current lists, then whatever is new until the client disconnects."""
        read_query((), request.scope["query_string"])
        client = request.scope[CLIENT]
        if self._open.total() >= self._max_streams:
            raise HttpProblem(503, "too many streams are open", headers={"Retry-After": "10"})
        if self._open[client] >= self._max_streams_per_client:
            raise HttpProblem(429, "too many streams are open for this client", headers={"Retry-After": "10"})
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        self._open[client] += 1
        return _Stream(self._stream(administers=administers(request.scope)), lambda: self._closed(client))

    def _closed(self, client: str | bytes) -> None:
        self._open[client] -= 1
        if not self._open[client]:
            del self._open[client]

    async def _stream(self, *, administers: bool) -> AsyncIterator[bytes]:
        with self._store_snapshot.listening() as queue:
            yield b"retry: 2000\n\n"
            for one in self._store_snapshot.served(administers=administers).values():
                yield _server_sent(News("list", list_news(one)))
            while True:
                news: News | None = None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_KEEPALIVE_S):
                        news = await queue.get()
                        if news is None:
                            return
                if news is None:
                    yield _ALIVE
                elif administers or not news.withheld:
                    yield _server_sent(news)


class _Stream(StreamingResponse):
    """A streaming response that reports its end, however it ends, even before its first chunk."""

    def __init__(self, content: AsyncIterator[bytes], closed: Callable[[], None]) -> None:
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers, media_type="text/event-stream")
        self._closed = closed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._closed()


def _server_sent(news: News) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (news.what.encode(), orjson.dumps(news.document))
