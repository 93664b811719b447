"""A server that loses the end of its append-only file loses whole transactions: state, position and alert together."""

import asyncio
import shutil
from pathlib import Path

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.transaction import Outbox, Outgoing, TopicRead, Transaction
from tests.transactions.own_server import embedded_server, valkey_binary

STEPS = 4
ACCOUNTS = [f"{n}.com" for n in range(30)]


async def write(url: str) -> None:
    async with Channel(url) as channel:
        store = RedisStore(channel)
        for n in range(STEPS):
            mark = b"%d" % (n + 1)
            await store.apply(
                Transaction(partition=0, counter=n, reads=[TopicRead("signals.intent", 10 * n, 10 * n + 10)],
                     states=dict.fromkeys(ACCOUNTS, mark), ranks={"all": dict.fromkeys(ACCOUNTS, float(n + 1))},
                     due=dict.fromkeys(ACCOUNTS, n + 1), counts={"received": 10},
                     outbox={Outbox.ALERTS: [Outgoing("alerts", "a", mark)]})
            )  # fmt: skip


async def whole_transactions(url: str) -> int:
    """How many transactions are there; all that a transaction writes is there as often."""
    async with Channel(url) as channel:
        store = RedisStore(channel)
        counter, topics, *_ = await store.positions(0)
        mark = b"%d" % counter if counter else None
        assert topics.get("signals.intent", 0) == 10 * counter
        assert (await store.load(0, ACCOUNTS)).states == [mark] * len(ACCOUNTS)
        assert {bound.priority for bound in await store.top("all", [0], 99)} == ({float(counter)} if counter else set())
        assert {at for _, at in await store.due(0, 99, 99)} == ({counter} if counter else set())
        assert (await store.counts(0)).get("received", 0) == 10 * counter
        assert len(await store.waiting(0, Outbox.ALERTS, 99)) == counter
        return counter


@pytest.mark.parametrize("kind", ["valkey", "redis"])
def test_wherever_the_file_is_cut_a_transaction_is_there_whole_or_not_at_all(kind: str, tmp_path: Path) -> None:
    named = shutil.which("redis-server")
    if kind == "redis" and named is None:
        pytest.skip("no redis-server on the PATH")
    binary = valkey_binary() if kind == "valkey" else Path(named or "")
    with embedded_server(binary, "--dir", str(tmp_path)) as url:
        asyncio.run(write(url))
    (log,) = tmp_path.glob("appendonlydir/*.incr.aof")
    content = log.read_bytes()
    survived = set()
    for part in range(8):
        log.write_bytes(content[: len(content) * part // 8 + 5 * part])
        with embedded_server(binary, "--dir", str(tmp_path)) as url:
            survived.add(asyncio.run(whole_transactions(url)))
    assert survived == set(range(STEPS))
