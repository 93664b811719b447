"""Whether a webhook's receiver expects us, asked before its first delivery: it gives back a token that we sent it.

A signature proves the sender to the receiver; nothing in Standard Webhooks proves the receiver to the sender. A URL
with a slip in it that somebody else answers with 200 would get every alert. So with `verify: true`
each process asks first.
"""

import asyncio
import hmac
import secrets
from collections.abc import Sequence
from typing import Final
from uuid import uuid4

import orjson

from signal_engine.adapters.outgoing.posting import Poster, ReceiverAnswer, Unanswered
from signal_engine.adapters.outgoing.webhook import signed_headers, unanswered
from signal_engine.core.delivery.outcomes import Attempt, by_status
from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.instants import format_instant

_TOKEN_BYTES: Final = 24
_NO_TOKEN: Final = Attempt("disabled", "the receiver did not give back the token of the verification")


class Handshake:
    """Of one destination: a URL that has given a token back is not asked again."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster
        self._verified: str | None = None
        self._asking: tuple[str, asyncio.Task[Attempt | None]] | None = None
        """The URL that is being asked, and how that ends."""

    async def refusal(self, url: str, at: int, keys: Sequence[bytes]) -> Attempt | None:
        """None: the receiver at `url` expects us. Else how the delivery ends that was to be sent at `at` (ms).

        Whoever comes while it is being asked shares the answer: nobody waits longer than one request takes.
        """
        if self._verified == url:
            return None
        if self._asking is None or self._asking[0] != url or self._asking[1].done():
            self._asking = url, asyncio.create_task(self._ask(url, at, keys))
        return await asyncio.shield(self._asking[1])

    async def _ask(self, url: str, at: int, keys: Sequence[bytes]) -> Attempt | None:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        body = _verification_body(token, at)
        headers = signed_headers(f"verification-{uuid4()}", at // SECOND, body, keys)
        answer = await self._poster.post(url, body, headers)
        if isinstance(answer, Unanswered):
            return unanswered(answer)
        attempt = by_status(answer.status, answer.retry_after_s)
        if attempt.end == "sent":
            if not _gives_back(answer, token):
                return _NO_TOKEN
            self._verified = url
            return None
        if attempt.end == "failed":  # else every delivery would fail for good, one by one
            return Attempt("disabled", f"{attempt.said} to the verification")
        return attempt


def _verification_body(token: str, at: int) -> bytes:
    """What is posted at `at` (ms)."""
    return orjson.dumps({"type": "verification", "timestamp": format_instant(at), "data": {"token": token}})


def _gives_back(answer: ReceiverAnswer, token: str) -> bool:
    """Whether the answer is the token, as text or as `{"token": ...}`; a body that merely came back is not."""
    try:
        found = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        found = answer.body.decode(errors="replace").strip()
    if isinstance(found, dict):
        found = found.get("token")
    return isinstance(found, str) and hmac.compare_digest(found.encode(), token.encode())
