"""A client of the official SDK, and what it asks of every tool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

ERAS: Final = ("legacy", "2026-07-28")
"""How a client begins: with the handshake (until 2025-11-25), or with nothing."""
TOOLS: Final = ("alerts", "compare", "explain", "list_accounts")


@asynccontextmanager
async def over_http(url: str, era: str, **headers: str) -> AsyncIterator[Client]:
    """A client that sends these headers with each request."""
    async with (
        httpx2.AsyncClient(headers=headers, trust_env=False, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=era) as client,
    ):
        yield client


async def answer(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured content of a call that succeeds."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert result.structured_content is not None
    return result.structured_content


async def refusal(client: Client, tool: str, **arguments: Any) -> str:
    """The text of a call that is refused."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result.structured_content
    (content,) = result.content
    return str(content.text)


async def asks_everything(client: Client, account: str, other: str) -> dict[str, dict[str, Any]]:
    """Lists the tools, which must all say that they only read, and calls each: tool -> answer."""
    tools = (await client.list_tools()).tools
    assert sorted(tool.name for tool in tools) == [*TOOLS]
    for tool in tools:
        assert tool.annotations is not None
        assert (tool.annotations.read_only_hint, tool.annotations.destructive_hint) == (True, False)
        assert tool.output_schema is not None
    return {
        "list_accounts": await answer(client, "list_accounts"),
        "explain": await answer(client, "explain", account=account),
        "compare": await answer(client, "compare", account=account, other=other),
        "alerts": await answer(client, "alerts", limit=3),
    }
