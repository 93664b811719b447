"""`/v1/events`: what is new, as server-sent events, so that nobody need poll."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from signal_engine.adapters.http.parameters import read_query
from signal_engine.adapters.http.problems import Problem
from signal_engine.engine.lookout import Lookout, News, list_news

MOST_LISTENERS: Final = 200
_ALIVE_EVERY: Final = 15.0
"""Seconds after which a comment is sent, so that proxies and clients see that the stream is open."""
_ALIVE: Final = b": alive\n\n"


class Events:
    """Streams of one process."""

    def __init__(self, lookout: Lookout, most: int = MOST_LISTENERS) -> None:
        self._lookout = lookout
        self._most = most

    async def events(self, request: Request) -> Response:
        """The lists as they are now, and then what is new until the client goes."""
        read_query((), request.scope["query_string"])
        if self._lookout.listeners >= self._most:
            raise Problem(503, "too many streams are open", headers={"Retry-After": "10"})
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(self._stream(), headers=headers, media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[bytes]:
        with self._lookout.listening() as queue:
            yield b"retry: 2000\n\n"
            for one in self._lookout.lists.values():
                yield _told(News("list", list_news(one)))
            while True:
                news: News | None = None
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_ALIVE_EVERY):
                        news = await queue.get()
                        if news is None:
                            return
                yield _ALIVE if news is None else _told(news)


def _told(news: News) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (news.what.encode(), orjson.dumps(news.told))
