"""A server of one's own starts when asked, is fresh, and is gone afterwards with its folder."""

import asyncio
import socket
from pathlib import Path

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.transaction import Outbox
from tests.transactions.own_server import NotStarted, embedded_server


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


async def about(url: str) -> tuple[bytes, Path]:
    """Where a server listens and where it keeps its files."""
    async with Channel(url) as channel:
        bind, folder = await channel.calls([("CONFIG", "GET", "bind"), ("CONFIG", "GET", "dir")])
    return bind[1], Path(folder[1].decode())


def test_it_answers_on_loopback_only_and_is_gone_with_its_folder_afterwards() -> None:
    with embedded_server() as url:
        bind, folder = asyncio.run(about(url))
        assert bind == b"127.0.0.1"
        assert folder.is_dir()
    assert not folder.exists()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port_of(url)), 1).close()


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(NotStarted, match="no-such-option"), embedded_server(None, "--no-such-option", "1"):
        pass


def test_all_keys_of_a_partition_share_its_hash_tag() -> None:
    keys = Keys.of("tenant:", 4, 12)
    fixed = [keys.head, keys.states, keys.fits, keys.actions, keys.due, keys.counts, keys.views, keys.disk]
    named = [keys.ranks("a}b{c"), keys.fit_changes(3), *map(keys.outbox, Outbox)]
    assert all(key.startswith("tenant:g4:{12}:") for key in fixed + named)


@pytest.mark.parametrize("prefix", ["{", "a}", "{x}"])
async def test_a_prefix_that_would_move_the_hash_tag_is_refused(prefix: str) -> None:
    async with Channel("redis://127.0.0.1:1/0") as channel:
        for made in (RedisStore, RedisGenerations):
            with pytest.raises(ValueError, match="braces"):
                made(channel, prefix)
