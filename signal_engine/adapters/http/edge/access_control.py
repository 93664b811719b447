"""Check host, rate and token of every request, and add security headers to every answer.

Plain ASGI, since Starlette's middleware with request and response objects costs as much as a whole small request.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from signal_engine.adapters.http.edge.connections import network_of
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.adapters.http.edge.tokens import Accepted, Tokens
from signal_engine.adapters.http.edge.who_acts import (
    ACTING_PATH,
    ACTOR,
    ADMINISTERS,
    INBOX_MAIL,
    REPLY_PATH,
    check_post,
)

_READING: Final = ("GET", "HEAD", "OPTIONS")
_OPEN: Final = ("/livez", "/readyz")
"""Paths for probes without a token; they reveal nothing about accounts and cost less than a rejection."""
MAX_REQUESTS_PER_CLIENT: Final = 100
"""Most concurrent requests of one client, streams included."""
CLIENT: Final = "signal_engine.client"
"""Key in the scope of an accepted request: the client it counts for, by token or else by address."""
_REPLIES: Final = "replies "
"""Before a client whose replies are counted: behind a proxy all are one client, and a flood of requests without a token
must not use up what Slack's clicks and links in mails may take."""
_POLICY: Final = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    b"base-uri 'none'; frame-ancestors 'none'"
)
_WITH_FRAMES: Final = _POLICY + b"; frame-src 'self'"
_FRAMED: Final = (
    b"default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'self'; "
    b"sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""Of somebody else's HTML: it runs nothing, loads nothing and sends nothing, and its links open elsewhere."""
_DATA: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
"""Headers of answers for programs."""
_SHOWN: Final = [
    (b"x-content-type-options", b"nosniff"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
]
_PAGE: Final = [*_SHOWN, (b"x-frame-options", b"DENY"), (b"content-security-policy", _POLICY)]
"""Headers of everything that a browser shows."""
_PAGE_WITH_FRAMES: Final = [*_SHOWN, (b"x-frame-options", b"DENY"), (b"content-security-policy", _WITH_FRAMES)]
_FRAME: Final = [*_SHOWN, (b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", _FRAMED)]


@dataclass(frozen=True, slots=True)
class AccessPolicy:
    """Which requests are accepted."""

    tokens: Tokens
    """Accepted tokens; none at all: no token is required."""
    hosts: frozenset[bytes]
    """Accepted `Host` names without port; empty: any. Protects against DNS rebinding, by which a foreign page could
    read the API."""
    origins: frozenset[bytes]
    """Origins of other pages that may read the API (CORS)."""
    rate: RateLimit
    """Rate limit of accepted clients, by token, or by address if no token is required."""
    refusals: RateLimit
    """Separate rate limit of rejected clients, by address, so that they cannot use up the limit of accepted ones; and,
    counted apart, of replies to messages."""
    actor: str | None = None
    """E-mail address of the person who acts where no token is required; None: nobody does. Only for a server that
    nobody else can reach."""
    replies: bool = False
    """Whether replies to messages are taken, which are signed and come without a token."""


class AccessControl:
    """The application behind access control."""

    def __init__(self, app: ASGIApp, access_policy: AccessPolicy, metrics: RequestMetrics) -> None:
        self._app = app
        self._access_policy = access_policy
        self._metrics = metrics
        self._open: Counter[str | bytes] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        host = authorization = origin = None
        for name, value in scope["headers"]:
            if name == b"host":
                host = value
            elif name == b"authorization":
                authorization = value
            elif name == b"origin":
                origin = value
        always = _headers_of(scope["path"])
        shared = self._shared(origin)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *always, *shared]
                name = getattr(scope.get("endpoint"), "__name__", "none")
                self._metrics.count(name, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            client = self._check(scope, host, authorization)
        except HttpProblem as problem:
            await problem.response()(scope, receive, answer)
            return
        if scope["method"] == "OPTIONS":
            await _options(self._allowed(scope), answer)
            return
        self._open[client] += 1
        try:
            await self._app(scope, receive, answer)
        finally:
            self._open[client] -= 1
            if not self._open[client]:
                del self._open[client]

    def _check(self, scope: Scope, host: bytes | None, authorization: bytes | None) -> str | bytes:
        """Identify the client and who may act, for the scope. Raises `HttpProblem`."""
        access_policy = self._access_policy
        if access_policy.hosts and _name(host) not in access_policy.hosts:
            raise HttpProblem(421, "this host name is not served here")
        method = scope["method"]
        if method != "OPTIONS" and method not in self._methods(scope):
            raise HttpProblem(405, self._not_allowed(method), headers={"Allow": self._allowed(scope)})
        place = scope.get("client")
        network = network_of(place[0]) if place else ""
        if scope["path"] in _OPEN:
            scope[CLIENT], scope[ACTOR] = network, None
            return network
        if access_policy.replies and REPLY_PATH.fullmatch(scope["path"]):
            count_request(access_policy.refusals, f"{_REPLIES}{network}")
            scope[CLIENT], scope[ACTOR] = network, None
            return network
        accepted = access_policy.tokens.accepted(authorization) if access_policy.tokens else None
        client = self._client(scope, network, accepted)
        if self._open[client] >= MAX_REQUESTS_PER_CLIENT:
            raise HttpProblem(429, "too many requests are open", headers={"Retry-After": "1"})
        scope[CLIENT], scope[ACTOR] = client, self._actor(accepted)
        scope[ADMINISTERS] = accepted is not None and accepted.administers
        if method not in _READING:
            self._check_post(scope, accepted)
        return client

    def _methods(self, scope: Scope) -> Sequence[str]:
        """The methods of a path, also where nothing is served at it."""
        path = scope["path"]
        acts = ACTING_PATH.fullmatch(path) or (self._access_policy.replies and REPLY_PATH.fullmatch(path))
        return (*_READING, "POST") if acts else _READING

    def _allowed(self, scope: Scope) -> str:
        return ", ".join(self._methods(scope))

    def _not_allowed(self, method: str) -> str:
        del method
        return "nothing can be changed at this path"

    def _check_post(self, scope: Scope, accepted: Accepted | None) -> None:
        """Whether a request may change something. Raises `HttpProblem`."""
        check_post(scope, scope[ACTOR], by_token=accepted is not None)

    def _actor(self, accepted: Accepted | None) -> str | None:
        """Who may act: by the token, or without tokens whoever the policy names; None: nobody."""
        if self._access_policy.tokens:
            return None if accepted is None else accepted.actor
        return self._access_policy.actor

    def _client(self, scope: Scope, network: str, accepted: Accepted | None) -> str | bytes:
        """Identify the client that the request counts for, and count it. Raises `HttpProblem`."""
        access_policy = self._access_policy
        if not access_policy.tokens:
            count_request(access_policy.rate, network)
            return network
        if accepted is not None:
            count_request(access_policy.rate, accepted.digest)
            return accepted.digest
        count_request(access_policy.refusals, network)
        if scope["method"] != "OPTIONS":
            challenge = "Bearer" if scope["path"].startswith("/v1/") else 'Basic realm="Signal Engine", charset="UTF-8"'
            raise HttpProblem(401, "a valid token is required", headers={"WWW-Authenticate": challenge})
        return network

    def _shared(self, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
        """CORS headers if the origin is allowed, else none."""
        if not self._access_policy.origins:
            return ()
        if origin not in self._access_policy.origins or origin is None:
            return ((b"vary", b"Origin"),)
        return (
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-allow-headers", b"Authorization, If-None-Match"),
            (b"access-control-allow-methods", b"GET, HEAD"),
            (b"access-control-expose-headers", b"ETag, Retry-After"),
            (b"access-control-max-age", b"600"),
        )


def _headers_of(path: str) -> Sequence[tuple[bytes, bytes]]:
    """What every answer at a path says of how it may be shown."""
    if path.startswith("/v1/"):
        return _DATA
    if path.startswith(INBOX_MAIL):
        return _FRAME
    return _PAGE_WITH_FRAMES if path == "/inbox" else _PAGE


def count_request(rate: RateLimit, client: str | bytes) -> None:
    """Count a request of a client. Raises `HttpProblem` if it is one too many."""
    if wait := rate.wait(client):
        raise HttpProblem(429, "too many requests", headers={"Retry-After": str(int(wait) + 1)})


def _name(host: bytes | None) -> bytes:
    """`localhost` of `localhost:8080`, `[::1]` of `[::1]:8080`."""
    if host is None:
        return b""
    if host.startswith(b"["):
        return host.partition(b"]")[0].lower() + b"]"
    return host.partition(b":")[0].lower()


async def _options(allowed: str, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", allowed.encode())]})
    await send({"type": "http.response.body", "body": b""})
