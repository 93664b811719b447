"""The tools as an application for HTTP: one POST a call, one JSON answer, nothing kept in between."""

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp

from signal_engine.adapters.agents.tools import MAX_ARGUMENT_BYTES


def http_app(server: MCPServer, path: str) -> ASGIApp:
    """The application at `path`, for both eras of the protocol.

    Host and Origin are checked before it, by those of the settings: the SDK's own check knows no others than loopback.
    """
    return server.streamable_http_app(
        streamable_http_path=path,
        stateless_http=True,
        json_response=True,
        max_request_body_size=MAX_ARGUMENT_BYTES,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
