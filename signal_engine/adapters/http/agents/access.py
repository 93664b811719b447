"""Who may ask: whoever may read the API, by program or from a page that may read it, too; and the probes."""

from collections.abc import Awaitable, Callable, Sequence
from types import SimpleNamespace
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.probes import PROBE_PATHS, Readiness, probing_application
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.adapters.http.edge.tokens import Accepted

MCP_PATH: Final = "/v1/mcp"
_ASKING: Final = ("POST", "OPTIONS")
_SHARED: Final = {
    b"access-control-allow-headers": b"Authorization, Content-Type, Mcp-Method, Mcp-Name, Mcp-Protocol-Version",
    b"access-control-allow-methods": b"POST",
}
"""What a page of a named origin may send: browsers ask before each call, since it is JSON with headers of its own."""
_TOOLS: Final = SimpleNamespace(__name__="tools")
"""Names calls of tools among the requests that are counted."""


class _ToolsAndProbes:
    """The tools, with what starts and ends them, and the probes."""

    def __init__(self, tools: ASGIApp, probes: ASGIApp) -> None:
        self._tools, self._probes = tools, probes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] in PROBE_PATHS:
            await self._probes(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"] == MCP_PATH:
            scope["endpoint"] = _TOOLS
        # A copy: the application of the tools would put an endpoint without a name into it.
        await self._tools({**scope}, receive, send)


class AgentControl(AccessControl):
    """A server of tools behind access control. Each call is a POST of its own; there are no sessions and no streams.

    Probes and metrics are beside the tools.
    """

    def __init__(
        self, app: ASGIApp, access_policy: AccessPolicy, readiness: Callable[[], Awaitable[Readiness]]
    ) -> None:
        metrics = RequestMetrics(declared.MCP_REQUESTS, declared.MCP_SECONDS)
        super().__init__(_ToolsAndProbes(app, probing_application(readiness, metrics)), access_policy, metrics)

    def _methods(self, scope: Scope) -> Sequence[str]:
        return _ASKING if scope["path"] == MCP_PATH else super()._methods(scope)

    def _shared(self, origin: bytes | None) -> Sequence[tuple[bytes, bytes]]:
        shared = dict(super()._shared(origin))
        return [*(shared if b"access-control-allow-origin" not in shared else {**shared, **_SHARED}).items()]

    def _not_allowed(self, method: str) -> str:
        return f"{method} is not served at this path"

    def _check(self, scope: Scope, host: bytes | None, authorization: bytes | None) -> str | bytes:
        """As before; and a browser that brings a page of somebody else is refused, with or without a token."""
        origin = next((value for name, value in scope["headers"] if name == b"origin"), None)
        if origin is not None and origin not in self._access_policy.origins:
            raise HttpProblem(403, "pages of this origin may not ask")
        return super()._check(scope, host, authorization)

    def _check_post(self, scope: Scope, accepted: Accepted | None) -> None:  # noqa: ARG002 (whoever reads may ask)
        """A POST that only asks is JSON, which no page sends to another origin without asking first."""
        content_type = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
        if content_type.partition(b";")[0].strip().lower() != JSON.encode():
            raise HttpProblem(415, "a call is sent as application/json")
