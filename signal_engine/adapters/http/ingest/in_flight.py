"""How much is read: bodies within bounds, and all of them together within one bound."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.requests import ClientDisconnect, Request

from signal_engine.adapters.http.edge.problems import HttpProblem

MAX_BODY_BYTES: Final = 1_000_000
"""Bytes of the body of a request."""
_MAX_DRAINED_BYTES: Final = 4 * MAX_BODY_BYTES
"""Bytes of a request that is too large and read nevertheless, so that its sender gets to read the answer."""
MAX_READ_BYTES: Final = _MAX_DRAINED_BYTES + 64 * 1024
"""Bytes of a request with its head, beyond which its connection is cut."""


class InFlight:
    """The bytes of the requests that are being read or wait for Kafka."""

    def __init__(self, max_bytes: int) -> None:
        """`max_bytes` is in bytes."""
        self._max_bytes = max_bytes
        self.bytes = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """The body of a request, counted until the block ends.

        What is only announced has to find room and takes none: else a few strangers who announce much and send nothing
        would keep everybody else out. Raises `HttpProblem`: 413, 415, 429, and 400 if the request breaks off.
        """
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise HttpProblem(415, "a compressed body is not read: send it without Content-Encoding")
        announced = request.headers.get("content-length", "")
        size = int(announced) if re.fullmatch("[0-9]{1,15}", announced) else 0
        if size > _MAX_DRAINED_BYTES:
            raise _too_large(closing=True)
        taken = 0
        pieces: list[bytes] = []
        try:
            if size <= MAX_BODY_BYTES:
                self._find_room(size)
            read = 0
            async for piece in request.stream():
                read += len(piece)
                if read > _MAX_DRAINED_BYTES:
                    raise _too_large(closing=True)
                if max(read, size) > MAX_BODY_BYTES:
                    pieces.clear()
                    continue
                self._find_room(len(piece))
                self.bytes += len(piece)
                taken = read
                pieces.append(piece)
            if max(read, size) > MAX_BODY_BYTES:
                raise _too_large(closing=False)
            yield b"".join(pieces)
        except ClientDisconnect:
            raise HttpProblem(400, "the request broke off") from None
        finally:
            self.bytes -= taken

    def _find_room(self, size: int) -> None:
        if self.bytes + size > self._max_bytes:
            raise HttpProblem(429, "too much is being taken in at the moment", headers={"Retry-After": "1"})


def _too_large(*, closing: bool) -> HttpProblem:
    headers = {"Connection": "close"} if closing else None
    return HttpProblem(
        413, f"a request may have at most {MAX_BODY_BYTES:,} bytes: send fewer events at once", headers=headers
    )
