"""How fast a step is, next to a bare pipelined HSET of the same bytes to the same server in the same run.

    python bench/step_speed.py [--rounds N] [--redis-server PATH] [--json FILE]

Contenders take turns, several rounds, so that a noisy machine is noisy for all; medians and their ratios count. A
server of its own is started (Valkey, or the one named), with an append-only file as in production.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from redis.asyncio import Redis
from rich.console import Console
from rich.table import Table

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.core.flow import EventOutcome
from signal_engine.engine.ports.counters import ALERTED, outcome_counter
from signal_engine.engine.ports.history import History
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from testing.servers.redis import ValkeyServer

SIZES: Final = (100, 1_000, 5_000)
STATE: Final = 500
"""Bytes."""
SIGNAL: Final = 113
"""Bytes of a signal in a history."""
BARE: Final = "HSET, pipelined (hiredis)"
Contender = Callable[[], Awaitable[object]]


class Contenders:
    """The same accounts and states, written in several ways."""

    def __init__(self, channel: Channel, client: "Redis", size: int) -> None:
        self._channel, self._client, self._size = channel, client, size
        self._store = RedisStore(channel)
        self._counter = self._position = 0
        self._states = {f"account-{n}.com": os.urandom(STATE) for n in range(size)}
        self._ranks = {account: 20 + n / 7 for n, account in enumerate(self._states)}
        self._history = History(signals={account: [os.urandom(SIGNAL)] for account in self._states})
        self._counts = {outcome_counter(EventOutcome.APPLIED): size, ALERTED: size}
        self._due = {account: 1_767_225_600_000 + n for n, account in enumerate(self._states)}

    def all(self) -> dict[str, Contender]:
        """By name, the yardstick first."""
        return {
            BARE: self._bare,
            "HSET, pipelined (redis-py)": self._bare_redis_py,
            "one HSET of all": self._one,
            "step: states": lambda: self._step(Transaction(partition=0, counter=0, states=self._states)),
            "step: states, ranks, due": lambda: self._step(
                Transaction(partition=0, counter=0, states=self._states, ranks={"all": self._ranks}, due=self._due)
            ),
            "step: the same and a signal each": lambda: self._step(
                Transaction(
                    partition=0,
                    counter=0,
                    states=self._states,
                    ranks={"all": self._ranks},
                    due=self._due,
                    history=self._history,
                )
            ),
            "load of states and fit rows": self._load,
        }

    async def _bare(self) -> None:
        await self._channel.calls([("HSET", "bare", account, state) for account, state in self._states.items()])

    async def _bare_redis_py(self) -> None:
        async with self._client.pipeline(transaction=False) as pipeline:
            for account, state in self._states.items():
                pipeline.hset("bare", account, state)
            await pipeline.execute()

    async def _one(self) -> None:
        flat = [argument for pair in self._states.items() for argument in pair]
        await self._channel.call("HSET", "bare", *flat)

    async def _step(self, step: Transaction) -> None:
        end = self._position + self._size
        read = TopicRead("signals.intent", self._position, end)
        whole = Transaction(
            partition=self._size, counter=self._counter, reads=[read], states=step.states, ranks=step.ranks,
            due=step.due, history=step.history, counts=self._counts,
        )  # fmt: skip
        answer = await self._store.apply(whole)
        assert answer.counter == self._counter + 1
        self._counter, self._position = answer.counter, end

    async def _load(self) -> None:
        await self._store.load(self._size, list(self._states))


async def measure(url: str, rounds: int) -> dict[int, dict[str, float]]:
    """Size -> contender -> accounts per second, medians."""
    found = {}
    async with Channel(url) as channel, Redis.from_url(url) as client:
        for size in SIZES:
            contenders = Contenders(channel, client, size).all()
            seconds: dict[str, list[float]] = {name: [] for name in contenders}
            repeat = max(1, 5_000 // size)
            for _ in range(rounds):
                for name, run in contenders.items():
                    started = time.perf_counter()
                    for _ in range(repeat):
                        await run()
                    seconds[name].append((time.perf_counter() - started) / repeat)
            found[size] = {name: size / statistics.median(taken) for name, taken in seconds.items()}
    return found


def main() -> None:
    """Measures, prints a table and, if asked, writes JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--url", help="a server to use, its data is lost; default Valkey out of its wheel")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    gc.freeze()
    if options.url:
        found = asyncio.run(measure(options.url, options.rounds))
    else:
        with ValkeyServer() as valkey:
            found = asyncio.run(measure(valkey.url, options.rounds))
    table = Table(title=f"{STATE} bytes per account, {options.rounds} rounds, Python {platform.python_version()}")
    for column in ("accounts a step", "", "accounts/s (median)", "us per account", "of the bare HSET"):
        table.add_column(column, justify="left" if not column else "right")
    for size, rows in found.items():
        for name, speed in rows.items():
            table.add_row(f"{size:,}", name, f"{speed:,.0f}", f"{1e6 / speed:.2f}", f"{speed / rows[BARE]:.2f}")
        table.add_section()
    Console(width=110).print(table)
    if options.json:
        options.json.write_text(json.dumps({"state_bytes": STATE, "accounts_per_second": found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
