"""An egress proxy: opens tunnels to the hosts that it knows, and refuses every other one."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class EgressProxy:
    """What it allows, and what it was asked for."""

    places: dict[str, int]
    """`host:port` that it opens tunnels to -> port on this machine, since it alone resolves names."""
    login: str = ""
    """`user:password` that it asks for; empty: none."""
    port: int = 0
    asked: list[str] = field(default_factory=list)
    """The first line of every request."""

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            self.asked.append(head[0])
            method, place, _ = head[0].split(" ")
            wanted = base64.b64encode(self.login.encode()).decode()
            if self.login and f"proxy-authorization: basic {wanted}".lower() not in [one.lower() for one in head]:
                writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n")
            elif method != "CONNECT" or place not in self.places:
                writer.write(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n")
            else:
                await self._tunnel(self.places[place], reader, writer)
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _tunnel(self, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        try:
            await asyncio.gather(_copy(reader, back), _copy(there, writer))
        finally:
            back.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(64 * 1024):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


@asynccontextmanager
async def egress_proxy(proxy: EgressProxy) -> AsyncIterator[EgressProxy]:
    """The proxy on a free port of 127.0.0.1, which it names then."""
    server = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
