"""Servers for the suite: one of each kind a test process, started when first asked for, gone at its end."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.engine.ports.store import Store
from tests.transactions.own_server import embedded_server
from tests.transactions.places import KINDS, MemoryPlace, Place, RedisPlace


@pytest.fixture(scope="session")
def valkey_url() -> Iterator[str]:
    with embedded_server() as url:
        yield url


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("no redis-server on the PATH")
    with embedded_server(Path(binary)) as url:
        yield url


@pytest.fixture(params=KINDS)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """An empty server of each kind."""
    if request.param == "memory":
        yield MemoryPlace()
        return
    async with _emptied(request.getfixturevalue(f"{request.param}_url")) as channel:
        yield RedisPlace(channel)


@pytest.fixture(params=KINDS[1:])
async def channel(request: pytest.FixtureRequest) -> AsyncIterator[Channel]:
    """An empty real server of each kind."""
    async with _emptied(request.getfixturevalue(f"{request.param}_url")) as channel:
        yield channel


@pytest.fixture
def store(place: Place) -> Store:
    return place.store()


class _emptied:  # noqa: N801 (reads as a function)
    def __init__(self, url: str) -> None:
        self._channel = Channel(url)

    async def __aenter__(self) -> Channel:
        await self._channel.call("FLUSHALL")
        return self._channel

    async def __aexit__(self, *_: object) -> None:
        await self._channel.close()
