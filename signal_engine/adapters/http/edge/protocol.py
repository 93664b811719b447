"""uvicorn's HTTP protocol with limits on size and duration of requests.

uvicorn has no such limits: it reads and keeps any number of headers and waits for the rest for ever. Only the parser's
callbacks know where a head begins and ends, so the limits are checked there. Overridden names of uvicorn are pinned by
a test.
"""

from typing import Any, Final

import httptools
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from signal_engine.adapters.http.edge.connections import Connections, network_of
from signal_engine.adapters.http.edge.problems import HttpProblem

MAX_HEAD_BYTES: Final = 32 * 1024
"""Bytes of a request's first line and headers."""
MAX_REQUEST_BYTES: Final = 128 * 1024
"""Bytes of a request with its body."""
_MAX_PIPELINED_REQUESTS: Final = 16
"""Requests sent on one connection before the first of them is answered."""
REQUEST_TIMEOUT_S: Final = 10.0
"""Seconds for a request to be complete, from its first byte; for the first one, from the start of the connection."""
STALLED_TIMEOUT_S: Final = 60.0
"""Seconds for which more than a few kilobytes of an answer may wait for the client to read."""
CLOSING_TIMEOUT_S: Final = 5.0
"""Seconds for which the end of an answer may wait once the connection is closing."""


class BoundedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(self, connections: Connections, largest: int = MAX_REQUEST_BYTES, **given: Any) -> None:
        """`largest` is the size of the largest request in bytes; `given` as uvicorn gives it."""
        super().__init__(**given)
        self._largest = largest
        self._all = connections
        self._received = 0
        self._head = 0
        self._head_ended = False
        self._refusal: HttpProblem | None = None
        self._reading_since: float | None = None
        self._stalled_since: float | None = None
        self._closing_since: float | None = None
        self.network = ""

    @property
    def waiting(self) -> bool:
        """See `Connection`."""
        return self.cycle is None or self.cycle.response_complete

    def drop(self) -> None:
        """See `Connection`."""
        self.transport.abort()

    def overdue(self, now: float) -> None:
        """Close the connection if it has taken too long at `now` (s, loop clock). Call it about once a second."""
        if self.transport.is_closing():
            self._closing_since = self._closing_since or now
            if now - self._closing_since > CLOSING_TIMEOUT_S:
                self.drop()
        elif self._stalled_since is not None and now - self._stalled_since > STALLED_TIMEOUT_S:
            self.drop()
        elif self._reading_since is None or now - self._reading_since <= REQUEST_TIMEOUT_S:
            return
        elif not self._received:
            self.transport.close()  # browsers open spare connections and expect no answer on them
        else:
            self._refuse(HttpProblem(408, f"the request was not complete after {REQUEST_TIMEOUT_S:g} seconds"))

    # What asyncio calls

    def connection_made(self, transport: Any) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        self.network = network_of(self.client[0]) if self.client else ""
        self._reading_since = self.loop.time()
        if not self._all.opened(self):
            self._refuse(HttpProblem(503, "too many connections are open", headers={"Retry-After": "1"}))

    def connection_lost(self, exc: Exception | None) -> None:
        """See `asyncio.Protocol`."""
        self._all.closed(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Like uvicorn's, which logs a line for every invalid request."""
        self._unset_keepalive_if_required()
        if self._reading_since is None:
            self._reading_since = self.loop.time()
        self._received += len(data)
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # ignore the upgrade, as HTTP allows
        except httptools.HttpParserError:
            self._refuse(self._refusal or HttpProblem(400, "not a valid HTTP request"))
            return
        if self._reading_since is None:
            return
        if not self._head_ended and self._received > MAX_HEAD_BYTES:
            self._refuse(_too_large(431, "head", MAX_HEAD_BYTES))
        elif self._received > self._largest:
            self._refuse(_too_large(413, "whole", self._largest))

    def pause_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._stalled_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """See `asyncio.Protocol`."""
        self._stalled_since = None
        super().resume_writing()

    # What the parser calls

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._head, self._head_ended = 0, False
        self._reading_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """The target, or a piece of it."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer behind a chunked body."""
        self._count_head(len(name) + len(value) + len(b": \r\n"))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has been read."""
        self._head_ended = True
        if len(self.pipeline) >= _MAX_PIPELINED_REQUESTS:
            raise self._refused(HttpProblem(429, "too many requests were sent before the first was answered"))
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request has been read."""
        super().on_message_complete()
        self._reading_since, self._received = None, 0

    # Beneath

    def _unsupported_upgrade_warning(self) -> None:
        """Do nothing: requests of strangers are not logged."""

    def _count_head(self, size: int) -> None:
        self._head += size
        if self._head > MAX_HEAD_BYTES:
            raise self._refused(_too_large(431, "head", MAX_HEAD_BYTES))

    def _refused(self, problem: HttpProblem) -> HttpProblem:
        """Remember the problem, since the parser reports that a callback failed but not why."""
        self._refusal = problem
        return problem

    def _refuse(self, problem: HttpProblem) -> None:
        """Send the problem, unless another answer is under way, and close the connection."""
        if self.cycle is not None and not self.cycle.response_complete:
            self.drop()
            return
        answer = problem.response()
        lines = [b"%s: %s\r\n" % header for header in [*answer.raw_headers, (b"connection", b"close")]]
        self.transport.write(b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", _body(answer)]))
        self.transport.close()


def _body(answer: Response) -> bytes:
    return bytes(answer.body)


def _too_large(status: int, what: str, max_bytes: int) -> HttpProblem:
    return HttpProblem(status, f"the {what} of a request may have at most {max_bytes // 1024} KiB")
